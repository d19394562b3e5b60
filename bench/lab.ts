import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { folders, hosts, type LabHost } from '../test/lab/settings.ts';
import { insideNamespace } from '../test/lab/shell.ts';

/** The five hosts of the lab that are measured on. */
export const benchHosts: readonly LabHost[] = hosts.filter(({ name }) =>
  ['k8s-master01', 'k8s-master02', 'k8s-master03', 'k8s-node01', 'k8s-node02'].includes(name),
);

/** Options with which OpenSSH, Ansible and kplay reach the hosts alike. */
export const sshOptions: readonly string[] = [
  ...['-F', 'none', '-o', `UserKnownHostsFile=${folders.ssh}/known_hosts`],
  ...['-o', 'GlobalKnownHostsFile=none', '-o', 'IdentityAgent=none', '-o', 'IdentitiesOnly=yes'],
];
export const sshKey: string = path.join(folders.ssh, 'id_ed25519');
export const sshUser = 'kplay';

const lab = fileURLToPath(new URL('../test/lab/main.js', import.meta.url));

/** Starts the hosts and gives them Python, which Ansible needs there. */
export function startHosts(): void {
  execFileSync(process.execPath, [lab, 'start', ...benchHosts.map(({ name }) => name)], {
    stdio: ['ignore', 'ignore', 2],
  });
  const install = 'command -v python3 >/dev/null || { apt-get update -qq; apt-get install -y -qq python3 >/dev/null; }';
  onHosts(`sudo sh -c ${JSON.stringify(install)}`);
}

/** Runs a shell text on all hosts at the same time and waits for it; not measured. */
export function onHosts(script: string): void {
  execFileSync(insideNamespace[0]!, [...insideNamespace.slice(1), 'sh', '-c', parallelSsh(script)], {
    stdio: ['ignore', 'ignore', 2],
  });
}

/** A shell text that gives a text to a sh on every host, each by an ssh of its own, and fails when one fails. */
export function parallelSsh(script: string, some: readonly LabHost[] = benchHosts): string {
  const ssh = ['ssh', ...sshOptions, '-i', sshKey].map((word) => `'${word}'`).join(' ');
  const quoted = `'${script.replaceAll("'", `'\\''`)}'`;
  const each = some.map(
    ({ address }) => `printf '%s\\n' ${quoted} | ${ssh} ${sshUser}@${address} /bin/sh >/dev/null & p="$p $!"`,
  );
  return `p=; ${each.join('; ')}; for i in $p; do wait $i || exit 1; done`;
}

/** Writes the inventory and Ansible's configuration into a folder. */
export function writeInventory(folder: string): { readonly inventory: string; readonly config: string } {
  mkdirSync(folder, { recursive: true });
  const inventory = path.join(folder, 'hosts.yml');
  const lines = benchHosts.map(({ name, address }) => `    ${name}: {ansible_host: ${address}}\n`);
  writeFileSync(
    inventory,
    `all:
  vars:
    ansible_user: ${sshUser}
    ansible_ssh_private_key_file: ${sshKey}
    ansible_ssh_common_args: ${sshOptions.join(' ')}
    ansible_python_interpreter: /usr/bin/python3
  hosts:
${lines.join('')}`,
  );
  const config = path.join(folder, 'ansible.cfg');
  writeFileSync(config, '[defaults]\nforks = 50\nretry_files_enabled = false\n[ssh_connection]\npipelining = true\n');
  return { inventory, config };
}
