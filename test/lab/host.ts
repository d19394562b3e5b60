import { spawn } from 'node:child_process';
import {
  chmodSync,
  closeSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { processesOf, removeGroups, signalAll } from './cgroups.ts';
import { labEnvironment } from './environment.ts';
import { hostKey, knownHosts, loginKey, machineId } from './keys.ts';
import { folders, type LabHost, network, sourceFolder } from './settings.ts';
import { attempt, insideNamespace, pause, run } from './shell.ts';

/** What a host keeps on the machine's own file system, since it cannot lie on an overlay. */
const stateParts = ['containerd', 'docker', 'etcd', 'kubelet'];

function hostFolder(host: LabHost): string {
  return path.join(folders.hosts, host.name);
}

/** Where the host's files are seen from outside, while it is up. */
export function rootFolder(host: LabHost): string {
  return path.join(hostFolder(host), 'root');
}

function consoleLog(host: LabHost): string {
  return path.join(folders.logs, `${host.name}.log`);
}

function isMounted(folder: string): boolean {
  return readFileSync('/proc/mounts', 'utf8').includes(` ${folder} overlay `);
}

/** Whether anything of the host runs. */
export function isRunning(host: LabHost): boolean {
  return processesOf(host.name).length > 0;
}

/** Starts the host, unless it runs, and waits until the user kplay can log in. Throws when that does not come about. */
export async function startHost(host: LabHost): Promise<void> {
  // One that runs may be on its way down: then it is started after that.
  if (isRunning(host) && (await waitForLogin(host))) return;
  await mountRoot(host);
  boot(host);
  if (!(await waitForLogin(host))) throw new Error(`${host.name} does not start; ${consoleTail(host)}`);
}

async function mountRoot(host: LabHost): Promise<void> {
  const folder = hostFolder(host);
  const root = rootFolder(host);
  if (isMounted(root)) return;
  const fresh = !existsSync(path.join(folder, 'made'));
  if (fresh) rmSync(folder, { recursive: true, force: true });
  const states = typeof host.flavour === 'object' ? [] : stateParts;
  for (const part of ['upper', 'work', 'root', ...states.map((name) => `state/${name}`)]) {
    mkdirSync(path.join(folder, part), { recursive: true });
  }
  const lower = lowerFolder(host);
  const options = `lowerdir=${lower},upperdir=${folder}/upper,workdir=${folder}/work`;
  await run('mount', ['-t', 'overlay', `kplay-lab-${host.name}`, '-o', options, root]);
  if (!fresh) return;
  writeIdentity(host, root);
  writeFileSync(path.join(folder, 'made'), '');
}

function lowerFolder(host: LabHost): string {
  if (typeof host.flavour === 'object') return host.flavour.lower;
  return host.flavour === 'rpm' ? folders.rpmRoot : folders.root;
}

/** Writes what makes this host different from the others. */
function writeIdentity(host: LabHost, root: string): void {
  const write = (name: string, text: string) => {
    mkdirSync(path.dirname(path.join(root, name)), { recursive: true });
    writeFileSync(path.join(root, name), text);
  };
  write('etc/hostname', `${host.name}\n`);
  write('etc/hosts', `127.0.0.1\tlocalhost\n127.0.1.1\t${host.name}\n::1\tlocalhost ip6-localhost ip6-loopback\n`);
  write('etc/machine-id', `${machineId(host)}\n`);
  write('etc/resolv.conf', `nameserver ${network.gateway}\n`);
  write('etc/kplay-lab.conf', `ADDRESS=${host.address}\nPREFIX=${network.prefix}\nGATEWAY=${network.gateway}\n`);
  mkdirSync(path.join(root, 'etc/ssh'), { recursive: true });
  copyFileSync(hostKey(host), path.join(root, 'etc/ssh/ssh_host_ed25519_key'));
  chmodSync(path.join(root, 'etc/ssh/ssh_host_ed25519_key'), 0o600);
  copyFileSync(`${hostKey(host)}.pub`, path.join(root, 'etc/ssh/ssh_host_ed25519_key.pub'));
  // One file for all users, readable for sshd only: nothing in the home folders has to be made or owned.
  write('etc/ssh/sshd_config.d/kplay-lab.conf', 'AuthorizedKeysFile /etc/ssh/kplay-lab.keys .ssh/authorized_keys\n');
  copyFileSync(`${loginKey}.pub`, path.join(root, 'etc/ssh/kplay-lab.keys'));
  if (typeof host.flavour === 'object') host.flavour.dress(root);
  else if (host.flavour === 'rpm') nameRpmSources(root, write);
  else nameDebianSources(root, write);
}

type Write = (name: string, text: string) => void;

function nameDebianSources(root: string, write: Write): void {
  const options = 'signed-by=/usr/share/keyrings/kplay-lab.asc';
  write('etc/apt/sources.list', `deb [${options}] http://${network.gateway}/debian bookworm main\n`);
  copyFileSync(path.join(folders.www, 'debian', 'key.asc'), path.join(root, 'usr/share/keyrings/kplay-lab.asc'));
}

function nameRpmSources(root: string, write: Write): void {
  const key = '/etc/pki/rpm-gpg/RPM-GPG-KEY-kplay-lab';
  const settings = [
    'name=Packages of the lab',
    `baseurl=http://${network.gateway}/rpm/rocky`,
    'enabled=1',
    'gpgcheck=1',
    'repo_gpgcheck=1',
    `gpgkey=file://${key}`,
  ];
  write('etc/yum.repos.d/kplay-lab.repo', `[baseos]\n${settings.join('\n')}\n`);
  // dnf reads it off a package of the distribution's, which is not there.
  write('etc/dnf/vars/releasever', '8\n');
  copyFileSync(path.join(folders.www, 'rpm', 'rocky', 'key.asc'), path.join(root, key));
}

/** Starts the host's systemd-nspawn in a session of its own, so that it outlives this process. */
function boot(host: LabHost): void {
  mkdirSync(folders.logs, { recursive: true });
  const log = openSync(consoleLog(host), 'w');
  const { start, environment } = typeof host.flavour === 'object' ? host.flavour : {};
  const script = host.flavour === 'machine' ? 'boot-machine.sh' : 'boot-host.sh';
  const words = [path.join(sourceFolder, 'build', script), host.name, ...(start === undefined ? [] : [start])];
  const child = spawn('/bin/sh', words, {
    detached: true,
    stdio: ['ignore', log, log],
    cwd: '/',
    env: { ...labEnvironment(), ...environment },
  });
  closeSync(log);
  child.unref();
}

/** Whether kplay can log in; false once the host does not run any more. Throws when neither is so for long. */
async function waitForLogin(host: LabHost): Promise<boolean> {
  const begin = Date.now();
  for (;;) {
    const { code, all } = await attempt(...sshCommand(host, 'kplay', 'true'));
    if (code === 0) return true;
    const waited = Date.now() - begin;
    // What was started just now may not have come to its cgroup yet.
    if (waited > 3_000 && !isRunning(host)) return false;
    if (waited > (host.flavour === 'machine' ? 600_000 : 90_000))
      throw new Error(`${host.name} lets nobody log in: ${all.trim()}; ${consoleTail(host)}`);
    await pause(200);
  }
}

function consoleTail(host: LabHost): string {
  const log = consoleLog(host);
  const text = existsSync(log) ? readFileSync(log, 'utf8') : '';
  return `${log} ends with:\n${text.trimEnd().split('\n').slice(-8).join('\n')}`;
}

/** The command line that runs a command on the host over ssh, its key checked. */
export function sshCommand(host: LabHost, user: string, command: string): [string, string[]] {
  const [enter, ...rest] = insideNamespace;
  const options = [
    'BatchMode=yes',
    'StrictHostKeyChecking=yes',
    `UserKnownHostsFile=${knownHosts}`,
    // On a busy machine a server that is there may be slow to say so.
    'ConnectTimeout=20',
    'LogLevel=ERROR',
  ];
  const flags = options.flatMap((option) => ['-o', option]);
  return [enter!, [...rest, 'ssh', '-F', 'none', '-i', loginKey, ...flags, `${user}@${host.address}`, command]];
}

/** Asks the host's systemd to halt. */
async function halt(host: LabHost): Promise<void> {
  if (host.flavour === 'machine') {
    if (!isRunning(host)) return;
    await attempt(...sshCommand(host, 'root', 'systemctl poweroff'));
    await waitUntilGone(host, 90_000);
    return;
  }
  signalAll(processesOf(host.name).filter(isNspawn), 'SIGTERM');
  await waitUntilGone(host, 20_000);
}

/**
 * Stops the host. Orderly: its systemd is asked to halt and gets 20 s (a virtual machine 90); what is left is killed.
 * Not orderly: as if the power went, for what is thrown away anyway.
 */
export async function stopHost(host: LabHost, orderly: boolean): Promise<void> {
  if (orderly) await halt(host);
  // What holds many mounts and a network of its own takes the kernel a while to clean up.
  const deadline = Date.now() + 90_000;
  while (isRunning(host)) {
    signalAll(processesOf(host.name), 'SIGKILL');
    await pause(50);
    if (Date.now() > deadline)
      throw new Error(`${host.name}: processes ${processesOf(host.name).join(' ')} do not end`);
  }
  removeGroups(host.name);
  await unmountRoot(host);
}

function isNspawn(id: number): boolean {
  try {
    return readFileSync(`/proc/${id}/comm`, 'utf8').trim() === 'systemd-nspawn';
  } catch {
    return false;
  }
}

async function waitUntilGone(host: LabHost, milliseconds: number): Promise<void> {
  const deadline = Date.now() + milliseconds;
  while (isRunning(host) && Date.now() < deadline) await pause(50);
}

async function unmountRoot(host: LabHost): Promise<void> {
  const root = rootFolder(host);
  for (let tries = 0; isMounted(root); tries++) {
    const { code, all } = await attempt('umount', [root]);
    if (code === 0) continue;
    if (tries > 50) throw new Error(`${root} cannot be unmounted: ${all.trim()}`);
    await pause(100);
  }
}

/** Stops the host and throws away everything it ever wrote. */
export async function eraseHost(host: LabHost): Promise<void> {
  await stopHost(host, false);
  await run('rm', ['-rf', '--one-file-system', hostFolder(host)]);
}
