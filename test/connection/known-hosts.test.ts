import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { Unreachable } from '../../runner/connection/connection.ts';
import { createConnection } from '../../runner/connection/create.ts';
import { temporaryDirectory } from '../temporary.ts';
import { makeKey, missingSshd, startSshd, type TestSshd } from './sshd.ts';

const missing = missingSshd();
const withSshd = missing ? test.skip : test;
let sshd: TestSshd;
let rsa: string;
let other: string;

test.before(async (t) => {
  if (missing) {
    t.log(`SKIPPED: ${missing}`);
    return;
  }
  const folder = temporaryDirectory('kplay-keys');
  for (const type of ['rsa', 'ed25519']) makeKey(join(folder, type), type);
  const key = (type: string) =>
    readFileSync(join(folder, `${type}.pub`), 'utf8')
      .split(' ')
      .slice(0, 2)
      .join(' ');
  rsa = key('rsa');
  other = key('ed25519');
  sshd = await startSshd([`HostKey ${folder}/rsa`]);
});
test.after.always(() => sshd?.stop());

/** Connects with a known_hosts file of these lines. */
async function connect(lines: string[], options = '', host = '127.0.0.1') {
  const home = temporaryDirectory('kplay-home');
  mkdirSync(join(home, '.ssh'));
  const file = join(home, '.ssh/known_hosts');
  if (lines.length > 0) writeFileSync(file, `# comment\n\n${lines.join('\n')}\n`);
  const sshArgs = `-F none -o GlobalKnownHostsFile=none ${options}`;
  const connection = createConnection({ ...sshd.settings, host, sshArgs }, { home });
  try {
    await connection.open();
    return { file, error: undefined };
  } catch (error) {
    return { file, error: error as Error };
  } finally {
    await connection.close();
  }
}

withSshd('a known host', async (t) => {
  const name = `[127.0.0.1]:${sshd.port}`;
  for (const lines of [
    [`${name} ${sshd.hostKey}`],
    [`somewhere,${name} ${sshd.hostKey} a comment`],
    [`[127.0.*]:${sshd.port} ${sshd.hostKey}`],
    // The plain name stands for all ports, as with OpenSSH.
    [`127.0.0.1 ${sshd.hostKey}`],
    // Only the RSA key is known: that is the one to ask for.
    [`${name} ${rsa}`],
    [`other ${other}`, `${name} ${other.replace('AAAA', 'AAAB')}`, `${name} ${sshd.hostKey}`],
  ]) {
    t.is((await connect(lines)).error, undefined, lines.join('; '));
  }
  t.is((await connect([`alias ${sshd.hostKey}`], '-o HostKeyAlias=alias')).error, undefined);
});

withSshd('an unknown host is refused, with how to accept it', async (t) => {
  for (const lines of [[], [`elsewhere ${sshd.hostKey}`], [`!*127.0.0.1*,* ${sshd.hostKey}`]]) {
    const { error } = await connect(lines);
    t.true(error instanceof Unreachable);
    t.regex(
      error!.message,
      /host key ssh-ed25519 SHA256:\S+ is not known.*accept it by logging in once with `ssh -p \d+ /,
    );
  }
  const { error } = await connect([`@cert-authority * ${other}`]);
  t.regex(error!.message, /is not known.*@cert-authority.*known_hosts:3/);
});

withSshd('a changed key is refused loudly, with its line', async (t) => {
  const { error, file } = await connect([`[127.0.0.1]:${sshd.port} ${other}`]);
  t.true(error instanceof Unreachable);
  t.regex(error!.message, /THE HOST KEY HAS CHANGED/);
  t.true(error!.message.includes(`${file}:3`));
  const accepted = await connect([`[127.0.0.1]:${sshd.port} ${other}`], '-o StrictHostKeyChecking=accept-new');
  t.regex(accepted.error!.message, /HAS CHANGED/);
  t.is((await connect([`[127.0.0.1]:${sshd.port} ${other}`], '-o StrictHostKeyChecking=no')).error, undefined);
});

withSshd('a revoked key is refused', async (t) => {
  const { error } = await connect([`[127.0.0.1]:${sshd.port} ${sshd.hostKey}`, `@revoked * ${sshd.hostKey}`]);
  t.regex(error!.message, /revoked in .*known_hosts:4/);
});

withSshd('accept-new adds a new host, hashed or not, and knows it then', async (t) => {
  for (const hash of ['no', 'yes']) {
    const { error, file } = await connect([], `-o StrictHostKeyChecking=accept-new -o HashKnownHosts=${hash}`);
    t.is(error, undefined);
    const text = readFileSync(file, 'utf8');
    t.is(text.includes('127.0.0.1'), hash === 'no');
    t.true(text.includes(sshd.hostKey));
    t.is((await connect([text.trim()])).error, undefined);
  }
});

withSshd('without host key checking anything goes and nothing is written', async (t) => {
  const home = temporaryDirectory('kplay-home');
  const connection = createConnection({ ...sshd.settings, sshArgs: '-F none', hostKeyChecking: false }, { home });
  await t.notThrowsAsync(connection.open());
  await connection.close();
  t.throws(() => readFileSync(join(home, '.ssh/known_hosts')));
});
