import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { load } from 'js-yaml';
import { packageRoot } from '../runner/root.ts';

/** One document's inventory, and what the document says of it. */
export interface Sample {
  readonly name: string;
  /** Its folder, below the project's. */
  readonly inventory: string;
  /** The playbook that builds it. */
  readonly playbook: string;
  /** Facts of the document's hosts. */
  readonly facts: Readonly<Record<string, string>>;
  /** Its hosts' addresses. */
  readonly hosts: Readonly<Record<string, string>>;
}

const centos7 = {
  ansible_distribution: 'CentOS',
  ansible_distribution_release: 'Core',
  ansible_distribution_major_version: '7',
  ansible_distribution_version: '7.6',
  ansible_os_family: 'RedHat',
  ansible_kernel: '3.10.0-957.el7.x86_64',
  ansible_architecture: 'x86_64',
  ansible_pkg_mgr: 'yum',
};

function ubuntu(version: string, release: string, kernel: string): Readonly<Record<string, string>> {
  return {
    ansible_distribution: 'Ubuntu',
    ansible_distribution_release: release,
    ansible_distribution_major_version: version.split('.')[0]!,
    ansible_distribution_version: version,
    ansible_os_family: 'Debian',
    ansible_kernel: kernel,
    ansible_architecture: 'x86_64',
    ansible_pkg_mgr: 'apt',
  };
}

/** The five documents' inventories. */
export const samples: readonly Sample[] = [
  {
    name: '1-centos7-containerd-1.27',
    inventory: 'docs/documents/1-centos7-containerd-1.27/inventory',
    playbook: 'playbooks/single.yml',
    facts: centos7,
    hosts: { master01: '192.168.0.10', node01: '192.168.0.11', node02: '192.168.0.12', kuboard01: '192.168.0.30' },
  },
  {
    name: '2-ubuntu2204-containerd-1.26',
    inventory: 'docs/documents/2-ubuntu2204-containerd-1.26/inventory',
    playbook: 'playbooks/single.yml',
    facts: ubuntu('22.04', 'jammy', '5.15.0-25-generic'),
    hosts: { 'k8s-master01': '192.168.0.51', 'k8s-node02': '192.168.0.52', 'k8s-node03': '192.168.0.53' },
  },
  {
    name: '3-docker-kubeadm-flannel-rook',
    inventory: 'docs/documents/3-docker-kubeadm-flannel-rook/inventory',
    playbook: 'playbooks/single.yml',
    facts: centos7,
    hosts: { master: '192.168.1.106', node1: '192.168.1.107', node2: '192.168.1.108', node3: '192.168.1.109' },
  },
  {
    name: '4-ha-haproxy-keepalived-harbor-1.25',
    inventory: 'inventory',
    playbook: 'playbooks/ha.yml',
    facts: ubuntu('20.04', 'focal', '5.4.0-26-generic'),
    hosts: {
      'k8s-master01': '172.31.3.101',
      'k8s-master02': '172.31.3.102',
      'k8s-master03': '172.31.3.103',
      'k8s-ha01': '172.31.3.104',
      'k8s-ha02': '172.31.3.105',
      'k8s-harbor01': '172.31.3.106',
      'k8s-harbor02': '172.31.3.107',
      'k8s-node01': '172.31.3.108',
      'k8s-node02': '172.31.3.109',
      'k8s-node03': '172.31.3.110',
    },
  },
  {
    name: '5-ubuntu1804-docker-1.14',
    inventory: 'docs/documents/5-ubuntu1804-docker-1.14/inventory',
    playbook: 'playbooks/single.yml',
    facts: ubuntu('18.04', 'bionic', '4.15.0-48-generic'),
    hosts: {
      'kubernetes-master': '192.168.141.130',
      'kubernetes-slave1': '192.168.141.131',
      'kubernetes-slave2': '192.168.141.132',
    },
  },
];

/** The project's playbooks. */
export function playbooks(): string[] {
  const names = readdirSync(path.join(packageRoot, 'playbooks'), { withFileTypes: true });
  return names
    .filter((entry) => entry.isFile() && entry.name.endsWith('.yml'))
    .map((entry) => `playbooks/${entry.name}`)
    .sort();
}

/** The project's roles. */
export function roles(): string[] {
  return readdirSync(path.join(packageRoot, 'roles')).sort();
}

/** Names of a role's defaults. */
export function defaultsOf(role: string): string[] {
  const file = path.join(packageRoot, 'roles', role, 'defaults', 'main.yml');
  if (!existsSync(file)) return [];
  const text = readFileSync(file, 'utf8');
  return Object.keys((load(text) ?? {}) as Readonly<Record<string, unknown>>);
}
