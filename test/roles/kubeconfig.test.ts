import { execFile } from 'node:child_process';
import { symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { packageRoot } from '../../runner/root.ts';
import { temporaryDirectory } from '../temporary.ts';
import { withRoles } from './run-kplay.ts';

const program = fileURLToPath(new URL('../../runner/cli/main.cjs', import.meta.url));

const inventory = `
all:
  vars: {ansible_connection: local}
  children:
    kubernetes:
      children:
        masters: {hosts: {m1: {ansible_host: 10.0.0.1}}}
        workers: {hosts: {w1: {ansible_host: 10.0.0.2}}}
`;

const playbook = `
- hosts: "{{ which }}"
  gather_facts: false
  tasks:
    - ansible.builtin.include_role: {name: kubeadm, tasks_from: kubeconfig}
      vars: {kubeadm_action: none, kubeadm_leader: m1}
`;

// This machine is the host, with changes to /etc and /root that nobody else sees, and a user alice.
// What is in them stays there: kplay and Node may be below /root.
const script = `set -e
mount -t tmpfs none "$folder/over"
mkdir "$folder/over/alice"
for place in etc root; do
  mkdir "$folder/over/$place" "$folder/over/$place.work"
  mount -t overlay none -o "lowerdir=/$place,upperdir=$folder/over/$place,workdir=$folder/over/$place.work" "/$place"
done
rm -rf /root/.kube
mkdir -p /etc/kubernetes
echo 'client-key-data: secret' >/etc/kubernetes/admin.conf
echo "alice:x:4321:4321::$folder/over/alice:/bin/sh" >>/etc/passwd
chown 4321:4321 "$folder/over/alice"
cd "$folder"
run() { "$node" "$program" run play.yml -i hosts.yml --diff "$@" 2>&1; }
echo "stranger $(run -e which=m1 -e '{"kubeadm_users": ["somebody"]}')"
echo "first $(run -e which=m1 -e '{"kubeadm_users": ["alice"]}')"
stat -c '%n %u:%g %a' /root/.kube /root/.kube/config over/alice/.kube over/alice/.kube/config
cat over/alice/.kube/config
echo "again $(run -e which=m1 -e '{"kubeadm_users": ["alice"]}')"
rm /root/.kube/config
echo "worker $(run -e which=w1)"
stat -c '%n %u:%g %a' /root/.kube/config
`;

test('kubectl’s configuration goes to root, to users and to workers, readable by nobody else and shown nowhere', async (t) => {
  if (process.getuid?.() !== 0) {
    t.log('skipped: an /etc of its own takes root');
    t.pass();
    return;
  }
  const folder = temporaryDirectory('kplay-roles');
  writeFileSync(path.join(folder, 'hosts.yml'), inventory);
  writeFileSync(path.join(folder, 'play.yml'), playbook);
  symlinkSync(path.join(packageRoot, 'roles'), path.join(folder, 'roles'));
  const env = { ...withRoles, folder, program, node: process.execPath };
  const text = `mkdir "$folder/over" && exec unshare --mount --propagation private sh -c "$script"`;
  const all = await new Promise<string>((resolve) => {
    execFile('sh', ['-c', text], { env: { ...env, script } }, (_error, stdout, stderr) => resolve(stdout + stderr));
  });
  t.regex(all, /somebody: in kubeadm_users, but this host has no such account/);
  const files = ['/root/.kube 0:0 700', '/root/.kube/config 0:0 600', 'over/alice/.kube 4321:4321 700'];
  t.true(all.includes([...files, 'over/alice/.kube/config 4321:4321 600', 'client-key-data: secret'].join('\n')), all);
  t.is(all.match(/client-key-data/g)?.length, 1, all);
  t.regex(all.slice(all.indexOf('\nagain ')), /m1 +: ok=6 +changed=0 /);
  t.regex(all.slice(all.indexOf('\nworker ')), /w1 +: ok=6 +changed=1 [\s\S]*\/root\/\.kube\/config 0:0 600/);
});
