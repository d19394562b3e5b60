import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import test from 'ava';
import { packageRoot } from '../../runner/root.ts';
import { roles, samples } from '../sample-inventories.ts';
import { temporaryDirectory } from '../temporary.ts';
import { borrowRoles, runKplay } from './run-kplay.ts';

// Where a role runs, when it is not on the cluster's hosts.
const elsewhere: Readonly<Record<string, string>> = {
  base: 'all',
  chrony: 'all',
  haproxy: 'loadbalancers',
  keepalived: 'loadbalancers',
  registry: 'registry',
  harbor: 'harbor',
  kuboard: 'kuboard',
};

// Values without which a role has nothing to do.
const asked = {
  address_new: '10.0.0.5/24',
  address_gateway: '10.0.0.1',
  address_dns: ['10.0.0.1'],
  address_interface: 'eth0',
};

// What tasks read from the host, by template. A template that wants more of what only tasks know is passed over, and said.
const told: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  'bridge_network/10-bridge.conflist.j2': {
    bridge_network_nodes: { stdout_lines: ['{{ kubernetes_node_name | lower }} 10.0.0.1 10.244.0.0/24'] },
  },
  'bridge_network/kplay-pod-routes.j2': {
    bridge_network_nodes: { stdout_lines: ['a 10.0.0.1 10.244.0.0/24', 'b 10.0.0.2 10.244.1.0/24'] },
    bridge_network_own: '10.0.0.1',
  },
  'containerd/hosts.toml.j2': {
    item: { key: 'docker.io', value: [{ url: 'https://mirror.example.com', skip_verify: true }] },
  },
  'haproxy/haproxy.cfg.j2': { haproxy_version: { stdout: '2.4' } },
  'keepalived/keepalived.conf.j2': { keepalived_own: { stdout: 'eth0 10.0.0.21/24' } },
  'kubeadm/join.yaml.j2': {
    kubeadm_token: { stdout: 'kubeadm join x:6443 --token a.b --discovery-token-ca-cert-hash sha256:c' },
    kubeadm_certificates: { stdout_lines: ['key'] },
  },
};

/** The templates of each role that has some. */
function templates(): Map<string, string[]> {
  const all = new Map<string, string[]>();
  for (const role of roles()) {
    const folder = path.join(packageRoot, 'roles', role, 'templates');
    if (!existsSync(folder)) continue;
    const entries = readdirSync(folder, { recursive: true, encoding: 'utf8', withFileTypes: true });
    const files = entries.filter((entry) => entry.isFile());
    all.set(
      role,
      files.map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name))),
    );
  }
  return all;
}

/** Tasks that write a role's templates, as this host would get them, below `out`. */
function tasksOf(role: string, files: readonly string[]): string {
  const names = [
    '{{ ansible_distribution }}-{{ ansible_distribution_release }}.yml',
    '{{ ansible_distribution }}-{{ ansible_distribution_major_version }}.yml',
    '{{ ansible_distribution }}.yml',
    '{{ ansible_os_family }}.yml',
  ];
  const tasks: unknown[] = [];
  if (existsSync(path.join(packageRoot, 'roles', role, 'vars', 'Debian.yml'))) {
    const find = { files: names, paths: ['../vars'] };
    tasks.push({ name: 'Read the names', 'ansible.builtin.include_vars': '{{ item }}', with_first_found: [find] });
  }
  for (const file of files) {
    const dest = `{{ out }}/{{ inventory_hostname }}/${role}/${file.replaceAll('/', '_')}`;
    const name = `Render ${role}/${file}`;
    tasks.push({
      name,
      'ansible.builtin.template': { src: file, dest },
      vars: told[`${role}/${file}`] ?? {},
      ignore_errors: true,
    });
  }
  return JSON.stringify(tasks);
}

/** Names that roles' tasks set, register or pass on. */
const namesOfTasks = new Set(['item']);
for (const role of roles()) {
  const folder = path.join(packageRoot, 'roles', role, 'tasks');
  for (const file of existsSync(folder) ? readdirSync(folder) : []) {
    const text = readFileSync(path.join(folder, file), 'utf8');
    for (const [, name] of text.matchAll(/^ *(?:- )?(\w+):(?: |$)/gm)) namesOfTasks.add(name!);
    for (const [, name] of text.matchAll(/register: (\w+)/g)) namesOfTasks.add(name!);
  }
}

/** Whether a template failed for want of something that only tasks know. */
function wantsTasks(line: string): boolean {
  const [, name] = /"'(\w+)' is undefined/.exec(line) ?? [];
  return name !== undefined && namesOfTasks.has(name);
}

for (const sample of samples) {
  test.serial(`every template of a role can be rendered for ${sample.name}`, async (t) => {
    const folder = temporaryDirectory('kplay-roles');
    const out = path.join(folder, 'out');
    const byRole = templates();
    borrowRoles(folder, Object.fromEntries([...byRole].map(([role, files]) => [role, tasksOf(role, files)])));
    const plays = [...byRole.keys()].map((role) => ({
      name: role,
      hosts: elsewhere[role] ?? 'kubernetes',
      gather_facts: false,
      roles: [role],
    }));
    writeFileSync(path.join(folder, 'play.yml'), JSON.stringify(plays));
    for (const host of Object.keys(sample.hosts)) {
      for (const role of byRole.keys()) mkdirSync(path.join(out, host, role), { recursive: true });
    }
    const variables = { ...sample.facts, ...asked, ansible_connection: 'local', ansible_become: false, out };
    const args = [path.join(folder, 'play.yml'), '-i', path.join(packageRoot, sample.inventory)];
    const run = await runKplay(['run', ...args, '-e', JSON.stringify(variables)]);
    const failed = run.stdout.split('\n').filter((line) => line.startsWith('fatal: ') || line.startsWith('failed: '));
    const passedOver = new Set(
      failed.filter(wantsTasks).map((line) => /\/roles\/(\w+\/templates\/[^:]+)/.exec(line)?.[1]),
    );
    if (passedOver.size > 0) t.log('passed over:', [...passedOver].join(', '));
    t.deepEqual(
      failed.filter((line) => !wantsTasks(line)),
      [],
    );
    t.is(run.code, 0, run.stderr);
    const rendered = readdirSync(out, { recursive: true, encoding: 'utf8', withFileTypes: true }).filter((one) =>
      one.isFile(),
    );
    t.true(rendered.length >= byRole.size);
    for (const one of rendered) {
      const text = readFileSync(path.join(one.parentPath, one.name), 'utf8');
      t.false(/\{\{|\{%|<<.*undefined/i.test(text), `${one.parentPath}/${one.name}:\n${text}`);
    }
  });
}
