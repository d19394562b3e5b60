import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { processesOf } from '../test/lab/cgroups.ts';
import { isRunning } from '../test/lab/host.ts';
import { allHosts, folders, hosts, type LabHost, labFolder } from '../test/lab/settings.ts';
import { insideNamespace } from '../test/lab/shell.ts';
import { ownLab } from './own-lab.ts';

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

/**
 * Starts the hosts and gives them Python, which Ansible needs there. Gives those that are to be stopped at the end: all of the own
 * lab's, and of another lab's those that were not running before.
 */
export function startHosts(): readonly LabHost[] {
  linkCache();
  const ours = benchHosts.filter((host) => labFolder === ownLab || !isRunning(host));
  runLab('start', ...benchHosts.map(({ name }) => name));
  try {
    if (benchHosts.some(hasCluster))
      throw new Error(`a cluster runs on hosts of ${labFolder} and would be measured with them: reset them first`);
    const install =
      'command -v python3 >/dev/null || { apt-get update -qq; apt-get install -y -qq python3 >/dev/null; }';
    onHosts(`sudo sh -c ${JSON.stringify(install)}`);
  } catch (error) {
    stopHosts(ours);
    throw error;
  }
  return ours;
}

function hasCluster(host: LabHost): boolean {
  return processesOf(host.name).some((id) => /^(kubelet|etcd|kube-apiserver)$/.test(programOf(id)));
}

function programOf(id: number): string {
  try {
    return readFileSync(`/proc/${id}/comm`, 'utf8').trim();
  } catch {
    // It has ended.
    return '';
  }
}

/** Stops hosts, and with the last of the lab's hosts the lab. */
export function stopHosts(some: readonly LabHost[]): void {
  if (some.length === 0) return;
  const others = allHosts.filter((host) => isRunning(host) && !some.includes(host));
  if (others.length === 0) runLab('down');
  else runLab('stop', ...some.map(({ name }) => name));
}

function runLab(...words: readonly string[]): void {
  execFileSync(process.execPath, [lab, ...words], { stdio: ['ignore', 'ignore', 2] });
}

/** Saves making the own lab's cache when the usual lab has one: what a lab makes anew it makes as new files. */
function linkCache(): void {
  const usual = '/var/lib/kplay-lab/cache';
  if (labFolder !== ownLab || existsSync(folders.cache) || !existsSync(path.join(usual, 'stamps'))) return;
  mkdirSync(labFolder, { recursive: true });
  const part = `${folders.cache}.part`;
  rmSync(part, { recursive: true, force: true });
  execFileSync('cp', ['-al', usual, part], { stdio: ['ignore', 'ignore', 2] });
  renameSync(part, folders.cache);
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
