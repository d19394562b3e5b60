import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import type { ConnectionSettings } from '../../runner/connection/connection.ts';
import { temporaryDirectory } from '../temporary.ts';

/** A real sshd of the user who runs the tests, on a port of its own. */
export interface TestSshd {
  readonly folder: string;
  readonly port: number;
  readonly process: ChildProcess;
  /** Settings that log in with a key and know the host. */
  readonly settings: ConnectionSettings;
  /** What stands in known_hosts for it, without the host's name. */
  readonly hostKey: string;
  /** The file that it logs to. */
  readonly log: string;
  stop(): void;
}

const program = '/usr/sbin/sshd';

/** Why no sshd can be started here, or undefined. */
export function missingSshd(): string | undefined {
  if (!existsSync(program)) return `${program} (Debian: openssh-server) is not installed`;
  if (spawnSync('ssh-keygen', ['-?']).error) return 'ssh-keygen (Debian: openssh-client) is not installed';
  return undefined;
}

/** Starts an sshd with keys and a configuration of its own, whose lines `extra` come first. */
export async function startSshd(
  extra: readonly string[] = [],
  environment: Readonly<Record<string, string | undefined>> = process.env,
): Promise<TestSshd> {
  // Privilege separation of root's sshd wants this folder.
  if (process.getuid?.() === 0) mkdirSync('/run/sshd', { recursive: true, mode: 0o755 });
  const folder = temporaryDirectory('kplay-sshd');
  chmodSync(folder, 0o700);
  makeKey(join(folder, 'host_key'));
  makeKey(join(folder, 'user_key'));
  writeFileSync(join(folder, 'authorized_keys'), readFileSync(join(folder, 'user_key.pub')));
  const port = await freePort();
  const log = join(folder, 'log');
  // Of most options sshd takes the first value.
  const config = [
    ...extra,
    `Port ${port}`,
    'ListenAddress 127.0.0.1',
    `HostKey ${folder}/host_key`,
    `AuthorizedKeysFile ${folder}/authorized_keys`,
    `PidFile ${folder}/pid`,
    'StrictModes no',
    'UsePAM no',
    'PasswordAuthentication no',
    'PermitRootLogin yes',
  ];
  writeFileSync(join(folder, 'config'), `${config.join('\n')}\n`);
  const sshd = spawn(program, ['-D', '-E', log, '-f', join(folder, 'config')], { stdio: 'ignore', env: environment });
  await listening(port);
  const hostKey = readFileSync(join(folder, 'host_key.pub'), 'utf8').split(' ').slice(0, 2).join(' ');
  writeFileSync(join(folder, 'known_hosts'), `[127.0.0.1]:${port} ${hostKey}\n`);
  return {
    folder,
    port,
    process: sshd,
    hostKey,
    log,
    settings: {
      kind: 'ssh',
      host: '127.0.0.1',
      port,
      user: userInfo().username,
      privateKeyFile: join(folder, 'user_key'),
      connectTimeoutSeconds: 120,
      hostKeyChecking: true,
      sshArgs: `-F none -o UserKnownHostsFile=${folder}/known_hosts -o GlobalKnownHostsFile=none`,
    },
    stop: () => sshd.kill(),
  };
}

/** Makes a key pair without a passphrase, or with one. */
export function makeKey(path: string, type = 'ed25519', passphrase = '', more: readonly string[] = []): void {
  const made = spawnSync('ssh-keygen', ['-q', '-t', type, '-N', passphrase, '-f', path, ...more]);
  if (made.status !== 0) throw new Error(`ssh-keygen: ${String(made.stderr)}`);
}

/** A port that nothing listens on. */
export function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}

/** Waits until something listens on a port of 127.0.0.1. Throws after two minutes. */
export async function listening(port: number): Promise<void> {
  for (let attempt = 0; attempt < 2400; attempt++) {
    const open = await new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1');
      socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
      socket.once('connect', () => socket.destroy());
    });
    if (open) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error('sshd did not start');
}
