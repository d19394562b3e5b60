import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { ExecutionContext } from 'ava';
import { temporaryDirectory } from '../temporary.ts';
import { borrowRoles, runKplay } from './run-kplay.ts';

const inventory = `
all:
  vars: {ansible_connection: local, gather_facts: false}
  children:
    kubernetes:
      children:
        masters: {hosts: {master01: {ansible_host: 10.0.0.1}, master02: {ansible_host: 10.0.0.2}, master03: {ansible_host: 10.0.0.3}}}
        workers: {hosts: {node01: {ansible_host: 10.0.0.11}}}
    loadbalancers: {hosts: {ha01: {ansible_host: 10.0.0.21}}}
`;

const playbook = `
- hosts: master01:master02:node01
  gather_facts: false
  become: false
  roles: [kubeadm]
`;

// Init and join as the role would write them, and what is not in a file, to a folder of the test.
const tasks = `
- {ansible.builtin.template: {src: init.yaml.j2, dest: "{{ out }}/init.yaml"}, when: inventory_hostname == 'master01'}
- {ansible.builtin.template: {src: cluster.yaml.j2, dest: "{{ out }}/cluster.yaml"}, when: inventory_hostname == 'master01'}
- {ansible.builtin.template: {src: join.yaml.j2, dest: "{{ out }}/join-master.yaml"}, when: inventory_hostname == 'master02'}
- {ansible.builtin.template: {src: join.yaml.j2, dest: "{{ out }}/join-worker.yaml"}, when: inventory_hostname == 'node01'}
- ansible.builtin.copy:
    content: "{{ {'pause': kubernetes_pause_image, 'upload': kubernetes_upload_certs, 'checks': kubeadm_checks_flag,
      'labels': kubernetes_master_labels, 'taints': kubernetes_master_taints, 'calico': kubernetes_calico_version} | to_json }}"
    dest: "{{ out }}/facts.json"
  when: inventory_hostname == 'master01'
`;

/** Texts of what kubeadm would be given, and what the role gives it elsewhere. */
export interface Rendered {
  readonly folder: string;
  readonly init: string;
  readonly cluster: string;
  readonly joinMaster: string;
  readonly joinWorker: string;
  readonly facts: Facts;
}

/** Values that other roles and kubeadm's command line get. */
export interface Facts {
  readonly pause: string;
  readonly upload: string;
  readonly checks: string;
  readonly labels: readonly string[];
  readonly taints: readonly string[];
  readonly calico: string;
}

/** Renders the role kubeadm's templates through kplay itself, with these variables. */
export async function renderKubeadm(
  t: ExecutionContext,
  variables: Readonly<Record<string, unknown>>,
): Promise<Rendered> {
  const folder = temporaryDirectory('kplay-roles');
  const file = (name: string): string => path.join(folder, name);
  borrowRoles(folder, { kubeadm: tasks });
  writeFileSync(file('hosts.yml'), inventory);
  writeFileSync(file('play.yml'), playbook);
  const told = {
    out: folder,
    kubernetes_api_vip: '10.0.0.100',
    kubeadm_token: {
      stdout: 'kubeadm join api:6443 --token abcdef.0123456789abcdef --discovery-token-ca-cert-hash sha256:0a1b',
    },
    kubeadm_certificates: { stdout_lines: ['[upload-certs] Using certificate key:', 'f'.repeat(64)] },
    ...variables,
  };
  writeFileSync(file('vars.json'), JSON.stringify(told));
  const run = await runKplay(['run', 'play.yml', '-i', 'hosts.yml', '-e', '@vars.json'], folder);
  t.is(run.code, 0, run.stdout + run.stderr);
  const text = (name: string): string => readFileSync(file(name), 'utf8');
  return {
    folder,
    init: text('init.yaml'),
    cluster: text('cluster.yaml'),
    joinMaster: text('join-master.yaml'),
    joinWorker: text('join-worker.yaml'),
    facts: JSON.parse(text('facts.json')) as Facts,
  };
}
