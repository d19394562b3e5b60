import { spawnSync } from 'node:child_process';
import { createPrivateKey, createPublicKey, generateKeyPairSync } from 'node:crypto';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import ssh2, { type AuthContext, type ParsedKey } from 'ssh2';
import { type ConnectionSettings, Unreachable } from '../../runner/connection/connection.ts';
import { createConnection } from '../../runner/connection/create.ts';
import { loadPrivateKey } from '../../runner/connection/ssh/private-key.ts';
import { temporaryDirectory } from '../temporary.ts';
import { startAgent } from './agent.ts';
import { settings, startServer } from './ssh-server.ts';
import { makeKey, missingSshd } from './sshd.ts';

const missing = missingSshd();
const withKeys = missing ? test.skip : test;

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
  const socket = await startAgent(t);
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

for (const [form, cipher] of [
  ['PKCS#8', undefined],
  ['encrypted PKCS#8', 'aes-256-cbc'],
] as const) {
  for (const type of ['rsa', 'ec', 'ed25519'] as const) {
    withKeys(`a key in the form ${form}: ${type}`, async (t) => {
      const home = newHome();
      const file = join(home, 'key');
      writeFileSync(file, pkcs8Key(type, cipher), { mode: 0o600 });
      writeFileSync(`${file}.pub`, publicLine(file, type));
      const server = await startServer(['publickey'], isKey(file));
      const connect = (more: Partial<ConnectionSettings>) =>
        createConnection(settings(server.port, more), { home, environment: {} });
      const phrase = cipher && 'a phrase';
      const byFile = connect({ privateKeyFile: file, privateKeyPassphrase: phrase });
      await t.notThrowsAsync(byFile.open());
      await byFile.close();
      const byText = connect({ privateKey: readFileSync(file, 'utf8'), privateKeyPassphrase: phrase });
      await t.notThrowsAsync(byText.open());
      await byText.close();
      if (!cipher) return;
      await t.throwsAsync(connect({ privateKeyFile: file }).open(), {
        message: /key .*key \(it has a passphrase and none was given\)/,
      });
      await t.throwsAsync(connect({ privateKeyFile: file, privateKeyPassphrase: 'wrong' }).open(), {
        message: /the passphrase does not fit/,
      });
    });
  }
}

/** The public half of a key as OpenSSH writes it, made by others than kplay; its ssh-keygen does not read ed25519 in this form everywhere. */
function publicLine(file: string, type: string): string {
  if (type !== 'ed25519') return String(spawnSync('ssh-keygen', ['-y', '-P', 'a phrase', '-f', file]).stdout);
  const key = createPublicKey(createPrivateKey({ key: readFileSync(file), passphrase: 'a phrase' }));
  const point = Buffer.from(key.export({ format: 'jwk' }).x ?? '', 'base64url');
  const bytes = Buffer.concat([Buffer.from('\0\0\0\x0bssh-ed25519\0\0\0\x20'), point]);
  return `ssh-ed25519 ${bytes.toString('base64')}`;
}

function pkcs8Key(type: 'rsa' | 'ec' | 'ed25519', cipher: string | undefined): string {
  const { privateKey } =
    type === 'rsa'
      ? generateKeyPairSync(type, { modulusLength: 2048 })
      : type === 'ec'
        ? generateKeyPairSync(type, { namedCurve: 'P-256' })
        : generateKeyPairSync(type);
  const pem = { type: 'pkcs8', format: 'pem' } as const;
  return String(privateKey.export(cipher ? { ...pem, cipher, passphrase: 'a phrase' } : pem));
}

withKeys('keys that cannot be read: the command that converts them is named', (t) => {
  const folder = newHome();
  const file = join(folder, 'key');
  makeKey(file, 'ed25519', 'x', ['-Z', 'chacha20-poly1305@openssh.com']);
  const why = (text: string, passphrase?: string) => loadPrivateKey(text, passphrase, file);
  t.regex(String(why(readFileSync(file, 'utf8'), 'x')), /`ssh-keygen -p -Z aes256-ctr -f .*key`/);
  t.regex(
    String(why('PuTTY-User-Key-File-3: ssh-ed25519\nEncryption: none\n')),
    /`puttygen .*key -O private-openssh -o NEW`/,
  );
  const { privateKey } = generateKeyPairSync('ed448');
  t.is(
    why(String(privateKey.export({ type: 'pkcs8', format: 'pem' }))),
    'it is of the type ed448, which SSH does not have',
  );
  t.regex(String(why('-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n')), /^it cannot be read: /);
  t.is(why('nothing'), 'Unsupported key format');
  const old = spawnSync('openssl', ['genpkey', '-algorithm', 'ed25519']);
  const weak = [
    'pkcs8',
    '-topk8',
    '-v1',
    'PBE-MD5-DES',
    '-provider',
    'legacy',
    '-provider',
    'default',
    '-passout',
    'pass:x',
  ];
  const made = spawnSync('openssl', weak, { input: old.stdout });
  if (made.status !== 0) return t.log('SKIPPED: openssl has no old ciphers here');
  t.regex(String(why(String(made.stdout), 'x')), /`openssl pkcs8 -topk8 .* -in .*key -out NEW`/);
});
