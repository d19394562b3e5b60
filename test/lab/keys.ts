import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { allHosts, folders, type LabHost } from './settings.ts';
import { run } from './shell.ts';

/** The private key that logs in to every host of the lab. */
export const loginKey: string = path.join(folders.ssh, 'id_ed25519');

/** The host keys of all hosts, so that they can be checked. */
export const knownHosts: string = path.join(folders.ssh, 'known_hosts');

/** The private host key of one host. It outlives a reset, so that known_hosts stays true. */
export function hostKey(host: LabHost): string {
  return path.join(folders.ssh, `host_${host.name}`);
}

/** Makes the login key, the keys of all hosts given (the lab's own when not said) and known_hosts where they are missing. */
export async function ensureKeys(hosts: readonly LabHost[] = allHosts): Promise<void> {
  mkdirSync(folders.ssh, { recursive: true, mode: 0o700 });
  await Promise.all([
    ensureKey(loginKey, 'kplay lab'),
    ...hosts.map((host) => ensureKey(hostKey(host), `root@${host.name}`)),
  ]);
  writeFileSync(knownHosts, hosts.map(knownHostsLine).join(''), { mode: 0o644 });
}

async function ensureKey(file: string, comment: string): Promise<void> {
  if (existsSync(`${file}.pub`)) return;
  await run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', comment, '-f', file], { input: 'y\n' });
}

function knownHostsLine(host: LabHost): string {
  const [type, key] = readFileSync(`${hostKey(host)}.pub`, 'utf8').split(' ');
  return `${host.name},${host.address} ${type} ${key}\n`;
}

/** A machine id of the host's own, the same after every reset. */
export function machineId(host: LabHost): string {
  return createHash('sha256')
    .update(readFileSync(`${hostKey(host)}.pub`))
    .digest('hex')
    .slice(0, 32);
}
