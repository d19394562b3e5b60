import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';
import ssh2, { type Session } from 'ssh2';

/** A host to run something on: this machine, behind an SSH server in this process. */
export interface WarmUpHost {
  /** An inventory of it, as YAML. */
  readonly inventory: string;
  stop(): Promise<void>;
}

/** Starts the server. The files of keys that log in there, and by which it is known, are put into a folder. */
export async function startHost(folder: string): Promise<WarmUpHost> {
  const file = (name: string, text: string): string => {
    writeFileSync(path.join(folder, name), text, { mode: 0o600 });
    return path.join(folder, name);
  };
  const [own, user] = [makeKeys(), makeKeys()];
  const server = new ssh2.Server({ hostKeys: [own.private] }, (client) => {
    client.on('authentication', (context) => {
      if (context.method === 'publickey') context.accept();
      else context.reject(['publickey']);
    });
    client.on('session', (accept) => serve(accept()));
    client.on('error', () => {});
  });
  const tcp = createServer({ noDelay: true }, (socket) => server.injectSocket(socket as never));
  tcp.listen(0, '127.0.0.1');
  await once(tcp, 'listening');
  const { port } = tcp.address() as { port: number };
  file('key.pub', user.public);
  const variables = {
    ansible_host: '127.0.0.1',
    ansible_port: port,
    ansible_user: 'anybody',
    ansible_ssh_private_key_file: file('key', user.private),
    ansible_ssh_common_args: `-F none -o IdentityAgent=none -o IdentitiesOnly=yes -o GlobalKnownHostsFile=none -o UserKnownHostsFile=${file('known_hosts', `[127.0.0.1]:${port} ${own.public}\n`)}`,
  };
  const inventory = JSON.stringify({ all: { hosts: { host: variables } } });
  return {
    inventory,
    stop: async () => {
      tcp.close();
      await once(tcp, 'close');
    },
  };
}

/** One in 256 of the pairs that the library makes lacks a byte, and it cannot read those. */
function makeKeys(): { readonly private: string; readonly public: string } {
  for (;;) {
    const keys = ssh2.utils.generateKeyPairSync('ed25519');
    if (!(ssh2.utils.parseKey(keys.private) instanceof Error)) return keys;
  }
}

function serve(session: Session): void {
  session.on('exec', (accept, _reject, { command }) => {
    const channel = accept();
    const child = spawn('/bin/sh', ['-c', command], { stdio: 'pipe' });
    channel.pipe(child.stdin).on('error', () => {});
    child.stdout.pipe(channel, { end: false });
    child.stderr.pipe(channel.stderr, { end: false });
    child.on('close', (code) => {
      channel.exit(code ?? 1);
      channel.end();
    });
  });
}
