import { spawn, spawnSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import ssh2, { type AuthContext, type ParsedKey } from 'ssh2';
import { type ConnectionSettings, Unreachable } from '../../runner/connection/connection.ts';
import { createConnection } from '../../runner/connection/create.ts';
import { temporaryDirectory } from '../temporary.ts';
import { makeKey, missingSshd } from './sshd.ts';

const missing = missingSshd();
const withKeys = missing ? test.skip : test;

/** A server of ssh2's that lets in who `accept` lets in, and notes what it was offered. */
async function startServer(offers: string[], accept: (context: AuthContext) => boolean) {
  const hostKey = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({
    type: 'pkcs1',
    format: 'pem',
  });
  const tried: string[] = [];
  const server = new ssh2.Server({ hostKeys: [hostKey] }, (client) => {
    client.on('error', () => {});
    client.on('authentication', (context) => {
      tried.push(context.method);
      if (context.method === 'keyboard-interactive' && offers.includes('keyboard-interactive')) {
        context.prompt([{ prompt: 'Password: ', echo: false }], (answers) => {
          if (answers[0] === 'secret') context.accept();
          else context.reject(offers as never);
        });
      } else if (context.method !== 'none' && offers.includes(context.method) && accept(context)) context.accept();
      else context.reject(offers as never);
    });
  });
  const port = await new Promise<number>((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve((server.address() as { port: number }).port));
  });
  // A test that fails in the middle must not be kept from ending.
  server.unref();
  return { port, tried };
}

function settings(port: number, more: Partial<ConnectionSettings> = {}): ConnectionSettings {
  const basis = {
    kind: 'ssh',
    host: '127.0.0.1',
    port,
    user: 'someone',
    connectTimeoutSeconds: 120,
    hostKeyChecking: false,
  } as const;
  return { ...basis, sshArgs: '-F none', ...more };
}

function newHome(): string {
  const home = temporaryDirectory('kplay-home');
  mkdirSync(join(home, '.ssh'), { mode: 0o700 });
  return home;
}

const isKey = (path: string) => (context: AuthContext) => {
  if (context.method !== 'publickey') return false;
  const key = ssh2.utils.parseKey(readFileSync(`${path}.pub`)) as ParsedKey;
  return context.key.data.equals(key.getPublicSSH());
};

for (const [method, accept] of [
  ['password', (context: AuthContext) => context.method === 'password' && context.password === 'secret'],
  ['keyboard-interactive', () => false],
] as const) {
  test(`${method}: right, wrong and missing`, async (t) => {
    const server = await startServer([method], accept);
    const home = newHome();
    const connect = (password?: string) =>
      createConnection(settings(server.port, { password }), { home, environment: {} });
    const right = connect('secret');
    await t.notThrowsAsync(right.open());
    await right.close();
    await t.throwsAsync(connect('wrong').open(), {
      instanceOf: Unreachable,
      message: new RegExp(`someone@127.0.0.1: Permission denied \\(${method}\\). Tried: the password`),
    });
    await t.throwsAsync(connect().open(), { message: /There was nothing to try. No password was given./ });
  });
}

for (const [type, passphrase] of [
  ['ed25519', ''],
  ['ed25519', 'a phrase'],
  ['ecdsa', ''],
  ['rsa', 'a phrase'],
] as const) {
  withKeys(`a key file: ${type}${passphrase && ' with a passphrase'}`, async (t) => {
    const home = newHome();
    const key = join(home, 'key');
    makeKey(key, type, passphrase);
    const server = await startServer(['publickey', 'password'], isKey(key));
    const connect = (more: Partial<ConnectionSettings>) =>
      createConnection(settings(server.port, more), { home, environment: {} });
    const right = connect({ privateKeyFile: key, privateKeyPassphrase: passphrase || undefined });
    await t.notThrowsAsync(right.open());
    await right.close();
    if (passphrase) {
      await t.throwsAsync(connect({ privateKeyFile: key }).open(), {
        message: /key .*key \(it has a passphrase and none was given\)/,
      });
      const wrong = connect({ privateKeyFile: key, privateKeyPassphrase: 'wrong' });
      await t.throwsAsync(wrong.open(), { message: /the passphrase does not fit/ });
    }
    chmodSync(key, 0o644);
    await t.throwsAsync(connect({ privateKeyFile: key }).open(), { message: /others may read it: give it mode 0600/ });
  });
}

withKeys('default keys, those of ~/.ssh/config, and their order', async (t) => {
  const home = newHome();
  for (const name of ['id_rsa', 'id_ed25519', 'other'])
    makeKey(join(home, '.ssh', name), name === 'id_rsa' ? 'rsa' : 'ed25519');
  const server = await startServer(['publickey'], isKey(join(home, '.ssh/other')));
  await t.throwsAsync(createConnection(settings(server.port), { home, environment: {} }).open(), {
    message: new RegExp(
      `Permission denied \\(publickey\\). Tried: key ${home}/.ssh/id_rsa, key ${home}/.ssh/id_ed25519.`,
    ),
  });
  writeFileSync(join(home, '.ssh/config'), `Host 127.*\n  IdentityFile ~/.ssh/missing\n  IdentityFile %d/.ssh/other\n`);
  const connection = createConnection(settings(server.port, { sshArgs: undefined }), { home, environment: {} });
  await t.notThrowsAsync(connection.open());
  await connection.close();
});

withKeys('an agent: its keys, the named ones first, only those with IdentitiesOnly', async (t) => {
  const home = newHome();
  for (const name of ['one', 'two']) makeKey(join(home, name));
  const socket = join(home, 'agent');
  const agent = spawn('ssh-agent', ['-D', '-a', socket], { stdio: 'ignore' });
  t.teardown(() => agent.kill());
  for (let n = 0; n < 3000 && spawnSync('ssh-add', ['-l'], { env: { SSH_AUTH_SOCK: socket } }).status === 2; n++) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  for (const name of ['one', 'two']) spawnSync('ssh-add', [join(home, name)], { env: { SSH_AUTH_SOCK: socket } });
  const server = await startServer(['publickey'], isKey(join(home, 'two')));
  const connect = (sshArgs: string) =>
    createConnection(settings(server.port, { sshArgs: `-F none ${sshArgs}` }), {
      home,
      environment: { SSH_AUTH_SOCK: socket },
    });
  const all = connect('');
  await t.notThrowsAsync(all.open());
  await all.close();
  // Only the public half of the key is a file: the agent has the rest.
  spawnSync('rm', [join(home, 'two')]);
  server.tried.length = 0;
  const named = connect(`-i ${home}/two -o IdentitiesOnly=yes`);
  await t.notThrowsAsync(named.open());
  await named.close();
  t.deepEqual([...new Set(server.tried)], ['publickey']);
  await t.throwsAsync(connect(`-i ${home}/one -o IdentitiesOnly=yes`).open(), { message: /Tried: agent key [^,]*\.$/ });
});
