import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { ExecutionContext } from 'ava';
import test from 'ava';
import { packageRoot } from '../../runner/root.ts';
import { temporaryDirectory } from '../temporary.ts';
import { inOwnEtc } from './own-etc.ts';

const inventory = `
all:
  vars: {ansible_connection: local, ansible_become: false, kubernetes_api_name: kubeapi.example.com, kubernetes_domain: ""}
  children:
    kubernetes:
      children:
        masters: {hosts: {m1: {ansible_host: 10.0.0.1}, m2: {ansible_host: 10.0.0.2}}}
        workers: {hosts: {w1: {ansible_host: 10.0.0.3}}}
`;

const playbook = `
- hosts: "{{ which }}"
  gather_facts: false
  tasks:
    - ansible.builtin.include_role: {name: kubeadm, tasks_from: host}
    - ansible.builtin.include_role: {name: kubeadm, tasks_from: cluster}
    - ansible.builtin.include_role: {name: kubeadm, tasks_from: decide}
    - ansible.builtin.debug: {msg: "DECIDED {{ kubeadm_action }} {{ kubeadm_clean | ternary('clean', 'as it is') }}"}
`;

// This machine is every host, with an /etc/kubernetes that nobody else sees; kubectl and curl are stand-ins.
const script = `rm -rf /etc/kubernetes
cp -r "$folder/kubernetes" /etc/kubernetes
kplay run play.yml -i hosts.yml -e @vars.json`;

const kubectl = `#!/bin/sh
case $* in
*'get nodes'*) [ -z "$NODES" ] && exit 1; printf '%s\\n' $NODES ;;
*'get configmap kubeadm-config'*) cat "$CONFIG" ;;
*) exit 9 ;;
esac
`;

/** What the two authorities' certificates would be. */
const ours = Buffer.from('our authority '.repeat(20)).toString('base64');
const theirs = Buffer.from('their authority '.repeat(20)).toString('base64');

/** A certificate as a file has it, in lines of this length. */
function pem(data: string, length = 64): string {
  const lines = data.match(new RegExp(`.{1,${length}}`, 'g')) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
}

function kubeconfig(server: string, authorities: string): string {
  const data = Buffer.from(authorities).toString('base64');
  return `apiVersion: v1\nclusters:\n- cluster:\n    certificate-authority-data: ${data}\n    server: https://${server}\n  name: kubernetes\n`;
}

/** The files of /etc/kubernetes, what kubectl says, and which host is asked. */
interface Situation {
  readonly host: 'm1' | 'm2' | 'w1';
  readonly files: Readonly<Record<string, string>>;
  /** Nodes that the masters' API has; none: it does not answer. */
  readonly nodes?: readonly string[];
  readonly controlPlane?: string;
}

async function decide(t: ExecutionContext, situation: Situation): Promise<string | undefined> {
  const folder = temporaryDirectory('kplay-decide');
  const file = (...names: readonly string[]): string => path.join(folder, ...names);
  for (const name of ['bin', 'kubernetes']) mkdirSync(file(name));
  for (const [name, text] of Object.entries(situation.files)) writeFileSync(file('kubernetes', name), text);
  writeFileSync(file('hosts.yml'), inventory);
  writeFileSync(file('play.yml'), playbook);
  writeFileSync(
    file('config'),
    `clusterName: kubernetes\ncontrolPlaneEndpoint: ${situation.controlPlane ?? endpoint}\n`,
  );
  writeFileSync(file('bin', 'kubectl'), kubectl, { mode: 0o755 });
  writeFileSync(file('bin', 'curl'), '#!/bin/sh\necho 000\n', { mode: 0o755 });
  symlinkSync(path.join(packageRoot, 'roles'), file('roles'));
  const own = { kubeadm_lock: file('lock'), kubernetes_state_folder: file('state'), which: situation.host };
  writeFileSync(file('vars.json'), JSON.stringify(own));
  const said = await inOwnEtc(t, folder, script, {
    NODES: (situation.nodes ?? []).map((name) => `node/${name}`).join(' '),
    CONFIG: file('config'),
  });
  return said?.replaceAll(/\s+/g, ' ');
}

const endpoint = 'kubeapi.example.com:6443';
const all = ['m1', 'm2', 'w1'];
const kept = /DECIDED none as it is/;

interface Case extends Situation {
  readonly title: string;
  readonly says: RegExp;
}

const cases: readonly Case[] = [
  {
    title: 'a master whose kubelet asks the API server beside it is of the cluster',
    host: 'm2',
    files: { 'admin.conf': kubeconfig(endpoint, pem(ours)), 'kubelet.conf': kubeconfig('10.0.0.2:6443', pem(ours)) },
    nodes: all,
    says: kept,
  },
  {
    title: 'so is the first master, which is asked for the cluster itself',
    host: 'm1',
    files: { 'admin.conf': kubeconfig(endpoint, pem(ours)), 'kubelet.conf': kubeconfig('10.0.0.1:6443', pem(ours)) },
    nodes: all,
    says: kept,
  },
  {
    title: 'and one whose administrator’s access names its own address too',
    host: 'm1',
    files: {
      'admin.conf': kubeconfig('10.0.0.1:6443', pem(ours)),
      'kubelet.conf': kubeconfig('10.0.0.1:6443', pem(ours)),
    },
    nodes: all,
    says: kept,
  },
  {
    title: 'a worker that still trusts the authority of before, in other lines, is of the cluster',
    host: 'w1',
    files: {
      'admin.conf': kubeconfig(endpoint, pem(ours)),
      'kubelet.conf': kubeconfig('old-name:6443', pem(theirs) + pem(ours, 76)),
    },
    nodes: all,
    says: kept,
  },
  {
    title: 'a worker of another cluster is refused, also when that has the same name',
    host: 'w1',
    files: { 'admin.conf': kubeconfig(endpoint, pem(ours)), 'kubelet.conf': kubeconfig(endpoint, pem(theirs)) },
    nodes: all,
    says: /belongs to the cluster at kubeapi\.example\.com:6443, whose certificate authority is not that of m1\. Correct the inventory's groups, or run playbooks\/reset\.yml/,
  },
  {
    title: 'masters of a cluster that is called otherwise are refused',
    host: 'm1',
    files: {
      'admin.conf': kubeconfig('other:6443', pem(ours)),
      'kubelet.conf': kubeconfig('10.0.0.1:6443', pem(ours)),
    },
    nodes: all,
    controlPlane: 'other:6443',
    says: /m1 belongs to the cluster at other:6443, and the inventory's is kubeapi\.example\.com:6443\. Correct kubernetes_api_name/,
  },
  {
    title: 'a host of another cluster is refused where there is none yet',
    host: 'm1',
    files: { 'kubelet.conf': kubeconfig('other:6443', pem(theirs)) },
    says: /belongs to the cluster at other:6443, and the inventory's is kubeapi\.example\.com:6443/,
  },
  {
    title: 'a host that is no node of the cluster any more joins it again',
    host: 'w1',
    files: { 'admin.conf': kubeconfig(endpoint, pem(ours)), 'kubelet.conf': kubeconfig(endpoint, pem(ours)) },
    nodes: ['m1', 'm2'],
    says: /DECIDED join clean/,
  },
  {
    title: 'a bare master makes the cluster',
    host: 'm1',
    files: {},
    says: /DECIDED init as it is/,
  },
];

for (const one of cases) {
  test(one.title, async (t) => {
    const said = await decide(t, one);
    if (said === undefined) return;
    t.regex(said, one.says);
    t.notRegex(said, /is undefined|internal error/);
  });
}
