import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { ExecutionContext } from 'ava';
import { packageRoot } from '../../runner/root.ts';
import { temporaryDirectory } from '../temporary.ts';
import { borrowRoles, runKplay } from './run-kplay.ts';

/** A version of each minor that kplay knows; where there is a real build, that one. */
export const versions: readonly string[] = Array.from({ length: 26 }, (_, index) => `1.${index + 12}`).map(
  (minor) => ({ '1.20': '1.20.2', '1.36': '1.36.3', '1.37': '1.37.2' })[minor] ?? `${minor}.4`,
);

/** What the role writes for one version: the path of each file, without joins that the inventory has no hosts for, and values of other roles. */
export interface VersionFiles {
  readonly init: string;
  readonly joins: readonly string[];
  readonly values: Readonly<Record<string, unknown>>;
}

const values = [
  ...['kubernetes_kubeadm_api', 'kubernetes_pause_image', 'kubernetes_calico_version', 'kubernetes_etcd_image_tag'],
  ...[
    'kubernetes_cri_socket',
    'kubernetes_containerd_needed',
    'kubernetes_containerd_listed',
    'kubernetes_upload_certs',
  ],
  ...['kubernetes_kubelet_flags_refused', 'kubernetes_master_labels', 'kubernetes_master_taints'],
];

/** For each version: what is done on the host that the condition names. */
function each(when: string, action: Readonly<Record<string, unknown>>): object {
  return { when, loop: '{{ told_versions }}', vars: { kubernetes_version: '{{ item }}' }, ...action };
}

function template(when: string, src: string, dest: string): object {
  return each(when, { 'ansible.builtin.template': { src, dest: `{{ out }}/{{ item }}/${dest}` } });
}

const first = "inventory_hostname == groups['masters'][0]";
const content = `{{ {${values.map((name) => `'${name}': ${name}`).join(', ')}} | to_json }}`;
const tasks = JSON.stringify([
  each(first, { 'ansible.builtin.file': { path: '{{ out }}/{{ item }}', state: 'directory' } }),
  template(first, 'init.yaml.j2', 'init.yaml'),
  template("inventory_hostname in groups['masters'][1:2]", 'join.yaml.j2', 'join-master.yaml'),
  template("inventory_hostname in groups['workers'][:1]", 'join.yaml.j2', 'join-worker.yaml'),
  each(first, { 'ansible.builtin.copy': { content, dest: '{{ out }}/{{ item }}/values.json' } }),
]);

const playbook = `
- {hosts: "masters:workers", gather_facts: false, become: false, roles: [kubeadm]}
`;

/** Three masters, a worker and a load balancer. */
export const highlyAvailable = {
  all: {
    children: {
      kubernetes: {
        children: {
          masters: {
            hosts: Object.fromEntries([1, 2, 3].map((one) => [`master0${one}`, { ansible_host: `10.0.0.${one}` }])),
          },
          workers: { hosts: { node01: { ansible_host: '10.0.0.11' } } },
        },
      },
      loadbalancers: { hosts: { ha01: { ansible_host: '10.0.0.21' } } },
    },
    vars: { kubernetes_api_vip: '10.0.0.100' },
  },
};

/**
 * Renders the role kubeadm's files through kplay for many versions in one run, which asks no host: with an inventory (a path below the
 * project, or one as data) and further variables.
 */
export async function renderVersions(
  t: ExecutionContext,
  inventory: string | object,
  wanted: readonly string[],
  variables: Readonly<Record<string, unknown>> = {},
): Promise<ReadonlyMap<string, VersionFiles>> {
  const folder = temporaryDirectory('kplay-versions');
  const file = (...names: readonly string[]): string => path.join(folder, ...names);
  borrowRoles(folder, { kubeadm: tasks });
  writeFileSync(file('play.yml'), playbook);
  if (typeof inventory !== 'string') writeFileSync(file('hosts.json'), JSON.stringify(inventory));
  const told = {
    out: folder,
    told_versions: wanted,
    ansible_connection: 'local',
    ansible_become: false,
    kubeadm_token: {
      stdout: 'kubeadm join api:6443 --token abcdef.0123456789abcdef --discovery-token-ca-cert-hash sha256:'.concat(
        '0a1b2c3d'.repeat(8),
      ),
    },
    kubeadm_certificates: { stdout_lines: ['f'.repeat(64)] },
    ...variables,
  };
  writeFileSync(file('vars.json'), JSON.stringify(told));
  const where = typeof inventory === 'string' ? path.join(packageRoot, inventory) : file('hosts.json');
  const run = await runKplay(['run', 'play.yml', '-i', where, '-e', '@vars.json'], folder);
  t.is(run.code, 0, run.stdout + run.stderr);
  const text = (name: string): string | undefined => {
    try {
      return readFileSync(name, 'utf8');
    } catch {
      return undefined;
    }
  };
  return new Map(
    wanted.map((version) => [
      version,
      {
        init: file(version, 'init.yaml'),
        joins: ['join-master.yaml', 'join-worker.yaml']
          .map((name) => file(version, name))
          .filter((name) => text(name) !== undefined),
        values: JSON.parse(text(file(version, 'values.json')) ?? '{}') as Readonly<Record<string, unknown>>,
      },
    ]),
  );
}
