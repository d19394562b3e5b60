import { spawn, spawnSync } from 'node:child_process';
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { copyFileSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { ClientChoice } from '../../runner/connection/client-choice.ts';
import { type ConnectionSettings, Unreachable } from '../../runner/connection/connection.ts';
import { createConnection } from '../../runner/connection/create.ts';
import { Askpass } from '../../runner/connection/openssh/askpass.ts';
import { openSshKeyType } from '../../runner/connection/ssh/openssh-key.ts';
import { field } from '../../runner/connection/ssh/wire.ts';
import { temporaryDirectory } from '../temporary.ts';
import { startAgent } from './agent.ts';
import { makeKey, missingSshd, startSshd, type TestSshd } from './sshd.ts';

const missing = missingSshd();
const withSshd = missing ? test.skip : test;
/** OpenSSH's own authenticator in software, for its tests: all of ssh, ssh-agent and sshd but the hardware is real. */
const authenticator = '/usr/lib/openssh/regress/misc/sk-dummy/sk-dummy.so';
const missingAuthenticator = existsSync(authenticator)
  ? missing
  : `${authenticator} (Debian: openssh-tests) is not installed`;
const withAuthenticator = missingAuthenticator ? test.skip : test;

const type = 'sk-ssh-ed25519@openssh.com';
let sshd: TestSshd;
let folder = '';
/** A key of an authenticator that is not here. */
let handle = '';

test.before(async (t) => {
  if (missingAuthenticator) t.log(`SKIPPED: ${missingAuthenticator}`);
  folder = temporaryDirectory('kplay-security-key');
  handle = join(folder, 'handle');
  writeFileSync(handle, makeHandle(), { mode: 0o600 });
  if (!missing) sshd = await startSshd([`AuthorizedKeysFile ${folder}/authorized`]);
  writeFileSync(join(folder, 'authorized'), '');
});
test.after.always(() => sshd?.stop());

/** The file of a security key, as OpenSSH's PROTOCOL.key and PROTOCOL.u2f have it; also writes its public half beside {@link handle}. */
function makeHandle(): string {
  const { x } = generateKeyPairSync('ed25519').publicKey.export({ format: 'jwk' });
  const text = (value: string) => field(Buffer.from(value));
  const key = [text(type), field(Buffer.from(x ?? '', 'base64url')), text('ssh:')];
  writeFileSync(`${handle}.pub`, `${type} ${Buffer.concat(key).toString('base64')} kplay\n`);
  const check = randomBytes(4);
  const presence = Buffer.from([1]);
  const inner = Buffer.concat([check, check, ...key, presence, field(randomBytes(64)), text(''), text('kplay')]);
  const padding = Buffer.from(Array.from({ length: (8 - (inner.length % 8)) % 8 }, (_, index) => index + 1));
  const head = [Buffer.from('openssh-key-v1\0'), text('none'), text('none'), text(''), Buffer.from([0, 0, 0, 1])];
  const body = Buffer.concat([...head, field(Buffer.concat(key)), field(Buffer.concat([inner, padding]))]);
  const lines = body.toString('base64').replaceAll(/.{70}/g, '$&\n');
  return `-----BEGIN OPENSSH PRIVATE KEY-----\n${lines}\n-----END OPENSSH PRIVATE KEY-----\n`;
}

/** Connects with whatever is chosen, to a host that knows a public key. */
function connect(
  publicKey: string | undefined,
  more: Partial<ConnectionSettings>,
  agent?: string,
  by: { environment?: Record<string, string>; warn?: (text: string) => void } = {},
) {
  if (publicKey) writeFileSync(join(folder, 'authorized'), readFileSync(publicKey), { flag: 'a' });
  const warnings: string[] = [];
  const clients = new ClientChoice((text) => {
    warnings.push(text);
    by.warn?.(text);
  });
  const environment = { ...process.env, SSH_AUTH_SOCK: agent, ...by.environment };
  const settings = { ...sshd.settings, privateKeyFile: undefined, ...more };
  const connection = createConnection(settings, { clients, environment, home: temporaryDirectory('kplay-home') });
  return { connection, warnings };
}

async function logsIn(
  t: ExecutionContext,
  { connection, warnings }: ReturnType<typeof connect>,
  why: RegExp,
): Promise<void> {
  t.is((await connection.run({ script: 'echo in' })).stdout, 'in\n');
  await connection.close();
  const said = warnings.filter((text) => !/Confirm user presence/.test(text));
  t.is(said.length, 1);
  t.regex(said[0] ?? '', why);
}

function run(environment: Record<string, string>, ...[program = '', ...words]: string[]): string {
  const { status, stdout, stderr } = spawnSync(program, words, { env: { ...process.env, ...environment } });
  if (status !== 0) throw new Error(`${program}: ${stderr}`);
  return String(stdout);
}

withSshd(
  'a file of a security key leads to OpenSSH, whose words are told where the key is not plugged in',
  async (t) => {
    // ssh-keygen reads what was made here.
    t.is(run({}, 'ssh-keygen', '-y', '-f', handle).split(' ')[0], type);
    const alone = join(folder, 'alone');
    copyFileSync(handle, alone);
    for (const privateKeyFile of [handle, alone]) {
      const { connection, warnings } = connect(`${handle}.pub`, { privateKeyFile });
      const error = await t.throwsAsync(connection.open(), { instanceOf: Unreachable });
      t.regex(
        error?.message ?? '',
        /^127.0.0.1: sign_and_send_pubkey: signing failed for ED25519-SK ".*": device not found; .*Permission denied \(publickey.*\(the security key has to be plugged in here and touched; SecurityKeyProvider .*\) \(so says OpenSSH's ssh; kplay's own SSH: .*it is a security key's handle, which OpenSSH's client alone uses/,
      );
      t.true(warnings.every((text) => /Confirm user presence/.test(text)));
    }
    const { connection } = connect(undefined, { privateKey: readFileSync(handle, 'utf8') });
    await t.throwsAsync(connection.open(), {
      message:
        /Not tried: key of ansible_ssh_private_key \(it is a security key's handle, .* \(ansible_ssh_private_key_file\)\)/,
    });
  },
);

withSshd('what an agent holds of a security key', async (t) => {
  const agent = await startAgent(t, { ...process.env, DISPLAY: undefined });
  run({ SSH_AUTH_SOCK: agent }, 'ssh-add', '-q', handle);
  const { connection } = connect(`${handle}.pub`, {}, agent);
  await t.throwsAsync(connection.open(), {
    instanceOf: Unreachable,
    message:
      /signing failed for ED25519-SK ".*" from agent: agent refused operation;.*\(the security key .* where ssh-agent runs,/,
  });
});

withSshd('an agent may take its time, whatever the host does meanwhile', async (t) => {
  const path = join(temporaryDirectory('kplay-agent'), 'agent');
  const key = Buffer.from(readFileSync(`${handle}.pub`, 'utf8').split(' ')[1] ?? '', 'base64');
  const list = Buffer.concat([Buffer.from([12, 0, 0, 0, 1]), field(key), field(Buffer.from('kplay'))]);
  const agent = createServer((socket) => {
    socket.on('error', () => {});
    socket.on('data', () => setTimeout(() => socket.write(field(list)), 300));
  }).listen(path);
  t.teardown(() => agent.close());
  const { connection } = connect(undefined, {}, path, { environment: { PATH: '/nowhere' } });
  await t.throwsAsync(connection.open(), {
    instanceOf: Unreachable,
    message: /Permission denied \(publickey.*\(OpenSSH's client \(Debian: openssh-client\) would be used in its place/,
  });
});

withAuthenticator('security keys log in: in files, with passphrases, in an agent, of both kinds', async (t) => {
  const SSH_SK_PROVIDER = authenticator;
  const sshArgs = `${sshd.settings.sshArgs} -o SecurityKeyProvider=${authenticator}`;
  for (const [kind, phrase] of [
    ['ed25519-sk', ''],
    ['ecdsa-sk', 'a phrase'],
  ] as const) {
    const file = join(folder, kind);
    run({ SSH_SK_PROVIDER }, 'ssh-keygen', '-q', '-t', kind, '-N', phrase, '-f', file);
    const more = { sshArgs, privateKeyFile: file, privateKeyPassphrase: phrase || undefined };
    await logsIn(t, connect(`${file}.pub`, more), /since it cannot log in with the security key of .*-sk$/);
    rmSync(`${file}.pub`);
    await logsIn(t, connect(undefined, more), /since it cannot log in with the security key of .*-sk$/);
  }
  const agent = await startAgent(t, { ...process.env, DISPLAY: undefined });
  const file = join(folder, 'ed25519-sk');
  const other = join(folder, 'other');
  makeKey(other);
  run({ SSH_AUTH_SOCK: agent }, 'ssh-add', '-q', other);
  run({ SSH_AUTH_SOCK: agent, SSH_SK_PROVIDER }, 'ssh-add', '-q', '-S', authenticator, file);
  await logsIn(t, connect(undefined, {}, agent), /since it cannot log in with the agent's sk-ssh-ed25519@openssh.com$/);
});

withAuthenticator('that a key waits to be touched is told meanwhile, and where nobody does so in time', async (t) => {
  const file = join(folder, 'touched');
  run({ SSH_SK_PROVIDER: authenticator }, 'ssh-keygen', '-q', '-t', 'ed25519-sk', '-N', '', '-f', file);
  // What talks to the authenticator for ssh goes on when the finger is there.
  const [helper, finger] = [join(folder, 'helper'), join(folder, 'finger')];
  const real = ['/usr/lib/openssh/ssh-sk-helper', '/usr/libexec/ssh-sk-helper'].find(existsSync);
  // Nothing is waited for when the test's folder is gone.
  const wait = `until [ -e '${finger}' ] || [ ! -e '${helper}' ]; do sleep 0.1; done`;
  writeFileSync(helper, `#!/bin/sh\n${wait}\nexec ${real} "$@"\n`, { mode: 0o700 });
  const sshArgs = `${sshd.settings.sshArgs} -o SecurityKeyProvider=${authenticator}`;
  const asked = /^127.0.0.1: ssh says: Confirm user presence for key ED25519-SK SHA256:/;
  const told: string[] = [];
  const touch = (text: string) => {
    if (asked.test(text) && told.push(text)) writeFileSync(finger, '');
  };
  const environment = { SSH_SK_HELPER: helper };
  const right = connect(`${file}.pub`, { sshArgs, privateKeyFile: file }, undefined, { environment, warn: touch });
  await logsIn(t, right, /since it cannot log in with the security key of .*touched$/);
  t.is(told.length, 1);
  rmSync(finger);
  const late = { sshArgs, privateKeyFile: file, kind: 'openssh', connectTimeoutSeconds: 4 } as const;
  const { connection } = connect(undefined, late, undefined, { environment });
  const limit = /no connection within 4 s \(-T or ansible_timeout allows more\)(?:; ssh said: Confirm user presence|$)/;
  await t.throwsAsync(connection.open(), { instanceOf: Unreachable, message: limit });
  writeFileSync(finger, '');
});

test('that a key waits to be touched is told, and never answered', async (t) => {
  const said: string[] = [];
  const place = temporaryDirectory('kplay-askpass');
  const answers = { password: 'secret', passphrase: 'secret', tell: (text: string) => said.push(text) };
  const askpass = await Askpass.start(place, answers, Promise.resolve(process.pid));
  t.teardown(() => askpass.close());
  const question = 'Confirm user presence for key ED25519-SK SHA256:x';
  const child = spawn(askpass.program, [question], { env: { ...process.env, SSH_ASKPASS_PROMPT: 'none' } });
  let printed = '';
  child.stdout.on('data', (chunk) => {
    printed += chunk;
  });
  await new Promise((resolve) => child.once('close', resolve));
  t.is(printed, '');
  t.deepEqual(said, [question]);
  t.deepEqual(askpass.unanswered, []);
});

test('the type of a key is read without its passphrase, and of what is no such file there is none', (t) => {
  const text = readFileSync(handle, 'utf8');
  t.is(openSshKeyType(text), type);
  makeKey(join(folder, 'locked'), 'ed25519', 'a phrase');
  t.is(openSshKeyType(readFileSync(join(folder, 'locked'), 'utf8')), 'ssh-ed25519');
  const body = Buffer.from(text.split('\n').slice(1, -2).join(''), 'base64');
  for (const wrong of [
    '',
    'x',
    text.replace('BEGIN OPENSSH', 'BEGIN RSA'),
    pem(body.subarray(0, 30)),
    pem(body.subarray(0, 50)),
  ])
    t.is(openSshKeyType(wrong), undefined);
});

function pem(body: Buffer): string {
  return `-----BEGIN OPENSSH PRIVATE KEY-----\n${body.toString('base64')}\n-----END OPENSSH PRIVATE KEY-----\n`;
}
