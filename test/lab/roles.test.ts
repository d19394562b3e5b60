import { cpSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { ExecutionContext } from 'ava';
import test from 'ava';
import { packageRoot } from '../../runner/root.ts';
import { temporaryDirectory } from '../temporary.ts';
import { succeeds as succeedsWith } from './expect.ts';
import type { KplayRun } from './kplay.ts';
import { changes } from './kplay.ts';
import { lab, onHost } from './on-host.ts';

/*
 * Every role, one after the other, from bare hosts: what --check says beforehand is what the run then does, --check itself
 * changes nothing, a second run changes nothing, and --check says so.
 */

/** A role, where it runs, and the run that has it alone. */
interface Part {
  readonly role: string;
  readonly hosts: readonly string[];
  readonly args: readonly string[];
}

const loadbalancer = 'k8s-ha01';
const master = 'k8s-master01';
const worker = 'k8s-node01';
const nodes = [master, worker];
const all = [loadbalancer, ...nodes];

const parts: readonly Part[] = [
  part('preflight', all, 'hosts', 'preflight'),
  part('offline', all, 'hosts', 'offline'),
  part('sources', all, 'hosts', 'sources'),
  part('base', all, 'hosts', 'base'),
  part('kernel', all, 'hosts', 'kernel'),
  part('chrony', all, 'hosts', 'chrony'),
  part('haproxy', [loadbalancer], 'loadbalancers', 'haproxy'),
  part('keepalived', [loadbalancer], 'loadbalancers', 'keepalived'),
  part('registry', [loadbalancer], 'registries', 'registry'),
  part('containerd', nodes, 'cluster', 'containerd'),
  part('container_tools', nodes, 'cluster', 'container_tools'),
  part('kubernetes_packages', nodes, 'cluster', 'packages'),
  part('images', nodes, 'cluster', 'images'),
  part('kubeadm', [master], 'cluster', 'masters'),
  part('kubeadm', [worker], 'cluster', 'workers'),
  part('bridge_network', nodes, 'cluster', 'network'),
  part('node', nodes, 'cluster', 'node', '-e', '{"node_labels": {"place": "here"}}'),
  part('certificates', [master], 'certificates'),
  part('verify', [master], 'verify', 'etcd,nodes'),
];

/** Roles that need more than these hosts have, and the test that shows the same of them. */
const elsewhere: Readonly<Record<string, string>> = {
  address: 'test/lab/hosts.test.ts',
  bundle: 'test/lab/long/offline.test.ts',
  calico: 'test/lab/long/addons.test.ts',
  cri_dockerd: 'test/lab/long/runtime.test.ts',
  dashboard: 'test/lab/long/addons.test.ts',
  docker: 'test/lab/docker.test.ts',
  etcd: 'test/lab/long/day-two.ts',
  flannel: 'test/lab/long/addons.test.ts',
  harbor: 'test/lab/long/kuboard.test.ts',
  kubernetes: 'test/roles/kubeadm-config.test.ts',
  kuboard: 'test/lab/long/kuboard.test.ts',
  reconfigure: 'test/lab/long/reconfigure.test.ts',
  remove_node: 'test/lab/long/day-two.ts',
  reset: 'test/lab/cluster.test.ts',
  rook: 'test/lab/long/addons.test.ts',
  smoke: 'test/lab/long/addons.test.ts',
  ssh_keys: 'test/lab/hosts.test.ts',
  tokens: 'test/lab/long/day-two.ts',
  upgrade: 'test/lab/long/day2.test.ts',
};

/** Roles that have no run of their own: parts that other roles include. */
const shared = ['addon', 'download', 'service', 'source_build'];

const folder = temporaryDirectory('kplay-roles');
const inventory = path.join(folder, 'inventory');

test.before(async () => {
  cpSync(path.join(packageRoot, 'test/lab/inventory/group_vars'), path.join(inventory, 'group_vars'), {
    recursive: true,
  });
  const hosts = `all:
  children:
    loadbalancers: {hosts: {${loadbalancer}: {ansible_host: 172.31.3.104}}}
    registries: {children: {registry: {hosts: {${loadbalancer}: {}}}, harbor: {}}}
    kubernetes:
      children:
        masters: {hosts: {${master}: {ansible_host: 172.31.3.101}}}
        workers: {hosts: {${worker}: {ansible_host: 172.31.3.108}}}
`;
  writeFileSync(path.join(inventory, 'hosts.yml'), hosts);
  await lab('reset', ...all);
});

test.serial('every role is here, or in the test that is named', (t) => {
  for (const role of readdirSync(path.join(packageRoot, 'roles'))) {
    if (parts.some((one) => one.role === role) || shared.includes(role)) continue;
    const file = elsewhere[role];
    if (file === undefined) t.fail(`roles/${role} is in no test`);
    else t.true(existsSync(path.join(packageRoot, file)) && mentions(file, role), `${file} has nothing of ${role}`);
  }
});

for (const { role, hosts, args } of parts) {
  test.serial(`${role} on ${hosts.join(', ')}: ${args.join(' ')}`, async (t) => {
    const before = await state(hosts);
    const announced = await succeeds(t, [...args, '--check']);
    t.deepEqual(await state(hosts), before, '--check changed something');
    const first = await succeeds(t, args);
    t.is(changes(announced).length > 0, changes(first).length > 0, `--check said ${changes(announced).join('; ')}`);
    t.deepEqual(changes(await succeeds(t, args)), []);
    t.deepEqual(changes(await succeeds(t, [...args, '--check'])), []);
  });
}

function part(role: string, hosts: readonly string[], playbook: string, tags = '', ...more: readonly string[]): Part {
  const limit = ['--limit', hosts.join(',')];
  return { role, hosts, args: [`playbooks/${playbook}.yml`, ...limit, ...(tags ? ['--tags', tags] : []), ...more] };
}

function mentions(file: string, role: string): boolean {
  return new RegExp(`\\b${role.replaceAll('_', '[_-]')}`).test(readFileSync(path.join(packageRoot, file), 'utf8'));
}

/** What a run may have changed of the hosts: packages, files that an administrator looks after, units at boot. */
async function state(hosts: readonly string[]): Promise<readonly string[]> {
  const command = `
    dpkg-query -W -f '\${Package} \${Version} \${Status}\\n'
    find /etc /opt /root /usr/local /var/lib/kplay -type f -printf '%p %m %u ' -exec sha256sum {} \\; 2>/dev/null | sort
    find /etc /opt /root /usr/local /var/lib/kplay -type l -printf '%p %l\\n' -o -type d -printf '%p %m\\n' 2>/dev/null | sort
    systemctl list-unit-files --state=enabled --no-legend`;
  return Promise.all(hosts.map((host) => onHost(host, command)));
}

function succeeds(t: ExecutionContext, args: readonly string[]): Promise<KplayRun> {
  return succeedsWith(t, args, { inventory });
}
