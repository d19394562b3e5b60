import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import ssh2, { type Connection as Client } from 'ssh2';
import type { ConnectionSettings } from '../../runner/connection/connection.ts';
import { temporaryDirectory } from '../temporary.ts';
import { makeHostKey, settings } from './ssh-server.ts';
import { makeKey, missingSshd } from './sshd.ts';

/** A server that takes one session on each connection, and closes the connection with it. */
export interface ClosingServer {
  readonly settings: ConnectionSettings;
  /** How many connections there have been. */
  connections(): number;
  stop(): void;
}

/** A stand-in, which runs commands as the user who runs the tests. */
export async function startClosingServer(): Promise<ClosingServer> {
  let connections = 0;
  const server = new ssh2.Server({ hostKeys: [makeHostKey()] }, (client) => {
    connections += 1;
    client.on('error', () => {}).on('authentication', (context) => context.accept());
    client.on('ready', () => takeOneSession(client));
  });
  const port = await new Promise<number>((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve((server.address() as { port: number }).port));
  });
  return {
    settings: settings(port, { password: 'any' }),
    connections: () => connections,
    stop: () => server.close(),
  };
}

function takeOneSession(client: Client): void {
  let taken = false;
  client.on('session', (accept, reject) => {
    if (taken) return reject();
    taken = true;
    accept().on('exec', (acceptCommand, _rejectCommand, { command }) => {
      const stream = acceptCommand();
      const child = spawn('/bin/sh', ['-c', command], { detached: true });
      // A client may drop the session while the program still prints.
      for (const one of [stream, stream.stderr, child.stdin]) one.on('error', () => {});
      stream.pipe(child.stdin);
      child.stdout.pipe(stream, { end: false });
      child.stderr.pipe(stream.stderr, { end: false });
      child.once('close', (code, signal) => {
        if (code === null) stream.exit(signal?.replace('SIG', '') ?? 'KILL');
        else stream.exit(code);
        stream.end();
      });
      stream.once('close', () => client.end());
    });
  });
}

/** Why tinysshd cannot be tried here, or undefined. */
export function missingTinysshd(): string | undefined {
  if (process.getuid?.() !== 0) return 'this needs root';
  if (!existsSync(program)) return `${program} (Debian: tinysshd) is not installed`;
  if (spawnSync('unshare', ['--mount', 'true']).status !== 0) return 'unshare cannot make namespaces';
  return missingSshd();
}

const program = '/usr/sbin/tinysshd';

/** A real tinysshd for root, whose home is another for it. */
export async function startTinysshd(): Promise<ClosingServer> {
  const folder = temporaryDirectory('kplay-tinysshd');
  makeKey(join(folder, 'user_key'));
  mkdirSync(join(folder, 'home/.ssh'), { recursive: true, mode: 0o700 });
  copyFileSync(join(folder, 'user_key.pub'), join(folder, 'home/.ssh/authorized_keys'));
  spawnSync('tinysshd-makekey', [join(folder, 'keys')]);
  // It looks at nothing below a folder that others may write to, such as the temporary one.
  const inside = `mount --bind ${folder}/home /root && exec ${program} -q ${folder}/keys`;
  const children = new Set<ChildProcess>();
  let connections = 0;
  const server = createServer({ pauseOnConnect: true }, (socket) => {
    connections += 1;
    const child = spawn('unshare', ['--mount', 'sh', '-c', inside], { stdio: [socket, socket, 'ignore'] });
    children.add(child);
    child.once('exit', () => children.delete(child));
    // The connection is the child's alone.
    socket.destroy();
  });
  const port = await new Promise<number>((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve((server.address() as { port: number }).port));
  });
  return {
    settings: settings(port, { user: 'root', privateKeyFile: join(folder, 'user_key') }),
    connections: () => connections,
    stop: () => {
      server.close();
      for (const child of children) child.kill();
    },
  };
}
