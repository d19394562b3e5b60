import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import test from 'ava';
import { temporaryDirectory } from '../temporary.ts';
import { inOwnEtc } from './own-etc.ts';
import { borrowRoles, runKplay } from './run-kplay.ts';

test('NetworkManager is told of the pod network’s interfaces, once, and only where there is one', async (t) => {
  const folder = temporaryDirectory('kplay-node');
  const file = (name: string): string => path.join(folder, name);
  mkdirSync(file('bin'));
  // It runs, and notes what it is told.
  writeFileSync(file('bin/systemctl'), `#!/bin/sh\ncase $1 in reload) echo "RELOAD $2" >>${file('told')} ;; esac\n`, {
    mode: 0o755,
  });
  writeFileSync(file('told'), '');
  borrowRoles(folder, {});
  writeFileSync(file('hosts.ini'), 'here ansible_connection=local\n');
  const role = { name: 'base', tasks_from: 'network_manager' };
  const tasks = [{ 'ansible.builtin.include_role': role }];
  writeFileSync(file('play.yml'), JSON.stringify([{ hosts: 'here', gather_facts: false, tasks }]));
  const values = { ansible_become: false, kubernetes_network: 'calico', kubernetes_state_folder: file('state') };
  writeFileSync(file('vars.json'), JSON.stringify(values));
  const said = await inOwnEtc(
    t,
    folder,
    `run() { kplay run play.yml -i hosts.ini -e @vars.json "$@" | grep -E 'changed=|fatal'; }
    rm -rf /etc/NetworkManager; run
    mkdir -p /etc/NetworkManager/conf.d
    run; run; run --check
    run -e kubernetes_network=flannel
    cat /etc/NetworkManager/conf.d/90-kplay.conf`,
  );
  if (said === undefined) return;
  t.notRegex(said, /fatal/);
  t.deepEqual(said.match(/changed=\d+/g), ['changed=0', 'changed=2', 'changed=0', 'changed=0', 'changed=2'], said);
  t.regex(
    said,
    /^\[keyfile\]\nunmanaged-devices\+=interface-name:flannel\*;interface-name:cni\*;interface-name:veth\*$/m,
  );
  t.is(readFileSync(file('told'), 'utf8'), 'RELOAD NetworkManager\nRELOAD NetworkManager\n');
});

test('patches are written by their names, and those of before are gone', async (t) => {
  const folder = temporaryDirectory('kplay-node');
  const patches = path.join(folder, 'state', 'patches');
  mkdirSync(patches, { recursive: true });
  writeFileSync(path.join(patches, 'etcd9.yaml'), 'old');
  borrowRoles(folder, {});
  const role = { name: 'kubeadm', tasks_from: 'patches' };
  const tasks = [{ 'ansible.builtin.include_role': role }];
  const play = { hosts: 'localhost', connection: 'local', gather_facts: false, tasks };
  writeFileSync(path.join(folder, 'play.yml'), JSON.stringify([play]));
  const values = {
    ansible_become: false,
    kubernetes_state_folder: path.join(folder, 'state'),
    kubeadm_patches: {
      'kube-apiserver0+strategic.yaml': { metadata: { labels: { site: 'one' } } },
      'etcd+json.json': '[{"op": "remove", "path": "/spec/x"}]',
    },
  };
  const run = await runKplay(['run', 'play.yml', '-i', 'localhost,', '-e', JSON.stringify(values)], folder);
  t.is(run.code, 0, run.stdout + run.stderr);
  t.deepEqual(readdirSync(patches).sort(), ['etcd+json.json', 'kube-apiserver0+strategic.yaml']);
  const written = (name: string): unknown => JSON.parse(readFileSync(path.join(patches, name), 'utf8'));
  t.deepEqual(written('kube-apiserver0+strategic.yaml'), { metadata: { labels: { site: 'one' } } });
  t.deepEqual(written('etcd+json.json'), [{ op: 'remove', path: '/spec/x' }]);
  t.is(statSync(path.join(patches, 'etcd+json.json')).mode & 0o777, 0o600);
});
