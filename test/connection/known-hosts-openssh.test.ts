import { spawn, spawnSync } from 'node:child_process';
import { createHmac, randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { Unreachable } from '../../runner/connection/connection.ts';
import { createConnection } from '../../runner/connection/create.ts';
import { makeKey, missingSshd, startSshd, type TestSshd } from './sshd.ts';

/**
 * Every situation is given to OpenSSH's client and to kplay, with the same files and the same server. What is compared:
 * whether a key logs in, and whether a password reaches the server when there is no key.
 */

const missing = missingSshd();
const withSshd = missing ? test.skip : test;

/** What both clients get. Texts of files hold KEY, RSA (the server's), OTHER, OTHERRSA (nobody's), NAME (its name with port), PORT. */
interface Situation {
  readonly what: string;
  /** Lines of the user's known_hosts. */
  readonly known?: readonly string[];
  /** Lines of a second known_hosts of the user, and of the system's. */
  readonly second?: readonly string[];
  readonly global?: readonly string[];
  /** Lines of ssh_config before the usual ones. */
  readonly config?: readonly string[];
  /** StrictHostKeyChecking. */
  readonly strict?: string;
  /** Where kplay differs on purpose: what it does instead, and why. */
  readonly kplay?: { readonly outcome: Outcome; readonly why: string };
}

type Outcome = 'refused' | 'key only' | 'key and password';

const hop = (known: string) => [
  // The first value counts: without it the way to the jump host would lead through itself.
  'Host hop',
  '  ProxyJump none',
  '  HostKeyAlias hop',
  'Host *',
  '  ProxyJump hop',
  `  HostKeyAlias ${known}`,
];
const revoked = {
  outcome: 'refused',
  why: 'a line that revokes a key is an order, which no setting for unknown keys takes back',
} as const;

const situations: readonly Situation[] = [
  { what: 'nothing is known' },
  { what: 'nothing is known, ask', strict: 'ask' },
  { what: 'nothing is known, accept-new', strict: 'accept-new' },
  { what: 'nothing is known, accept-new, hashed', strict: 'accept-new', config: ['HashKnownHosts yes'] },
  { what: 'nothing is known, no', strict: 'no' },
  { what: 'nothing is known, off', strict: 'off' },
  { what: 'known', known: ['NAME KEY'] },
  { what: 'known, with a comment, blanks and tabs', known: ['', '# NAME OTHER', '  NAME\tKEY somebody @ somewhere'] },
  { what: 'known among other names', known: ['elsewhere,NAME,10.0.0.1 KEY'] },
  { what: 'known with another line of the same name', known: ['NAME OTHER', 'NAME KEY'] },
  { what: 'known for another port', known: ['[127.0.0.1]:1 KEY'] },
  { what: 'known by its plain name', known: ['127.0.0.1 KEY'] },
  { what: 'another key by its plain name', known: ['127.0.0.1 OTHER'] },
  { what: 'another key by its plain name, accept-new', known: ['127.0.0.1 OTHER'], strict: 'accept-new' },
  { what: 'another key by its plain name, no', known: ['127.0.0.1 OTHER'], strict: 'no' },
  {
    what: 'the RSA key by its plain name',
    known: ['127.0.0.1 RSA'],
    kplay: {
      outcome: 'key and password',
      why: 'the server is asked for the key that is known, whatever name knows it',
    },
  },
  { what: 'changed', known: ['NAME OTHER'] },
  { what: 'changed, accept-new', known: ['NAME OTHER'], strict: 'accept-new' },
  { what: 'changed, no', known: ['NAME OTHER'], strict: 'no' },
  { what: 'changed, off', known: ['NAME OTHER'], strict: 'off' },
  { what: 'hashed', known: ['HASHED KEY'] },
  { what: 'hashed and changed', known: ['HASHED OTHER'] },
  { what: 'hashed and changed, no', known: ['HASHED OTHER'], strict: 'no' },
  { what: 'a hash that is none', known: ['|1|abc KEY', '|2|abc|abc KEY'] },
  { what: 'a pattern', known: ['[127.?.*]:PORT KEY'] },
  { what: 'a pattern and changed, no', known: ['* OTHER'], strict: 'no' },
  { what: 'a negated pattern', known: ['!NAME,* KEY'] },
  { what: 'a negated pattern of others', known: ['!10.*,* KEY'] },
  { what: 'a negated pattern alone', known: ['!10.* KEY'] },
  { what: 'another key behind a negated pattern, no', known: ['!NAME,* OTHER'], strict: 'no' },
  { what: 'known in the second file', second: ['NAME KEY'] },
  { what: 'changed in the first, known in the second file', known: ['NAME OTHER'], second: ['NAME KEY'] },
  { what: "known in the system's file", global: ['NAME KEY'] },
  { what: "changed in the system's file, no", global: ['NAME OTHER'], strict: 'no' },
  { what: "changed, and known in the system's file", known: ['NAME OTHER'], global: ['NAME KEY'] },
  { what: 'no files', known: ['NAME KEY'], config: ['UserKnownHostsFile none', 'GlobalKnownHostsFile none'] },
  { what: 'no files, no', known: ['NAME OTHER'], config: ['UserKnownHostsFile /dev/null'], strict: 'no' },
  { what: 'revoked', known: ['@revoked * KEY'] },
  { what: 'revoked and known', known: ['NAME KEY', '@revoked NAME KEY'] },
  { what: 'revoked, accept-new', known: ['@revoked * KEY'], strict: 'accept-new' },
  { what: 'revoked, no', known: ['@revoked * KEY'], strict: 'no', kplay: revoked },
  { what: 'revoked and known, no', known: ['NAME KEY', '@revoked * KEY'], strict: 'no', kplay: revoked },
  {
    what: "revoked in the system's file, no",
    global: ['@revoked * KEY'],
    known: ['NAME KEY'],
    strict: 'no',
    kplay: revoked,
  },
  { what: 'revoked by its plain name', known: ['@revoked 127.0.0.1 KEY'] },
  { what: 'revoked by its plain name, no', known: ['@revoked 127.0.0.1 KEY'], strict: 'no', kplay: revoked },
  { what: 'another key is revoked', known: ['@revoked * OTHER', 'NAME KEY'] },
  { what: 'another key is revoked, no', known: ['@revoked * OTHER'], strict: 'no' },
  { what: 'an authority', known: ['@cert-authority * OTHER'] },
  { what: 'an authority, no', known: ['@cert-authority * OTHER'], strict: 'no' },
  { what: 'an authority with the key of the host itself', known: ['@cert-authority * KEY'] },
  { what: 'a marker that is none', known: ['@trusted NAME KEY'] },
  { what: 'known by an alias', known: ['alias KEY'], config: ['HostKeyAlias alias'] },
  { what: 'known by an alias in capitals', known: ['alias KEY'], config: ['HostKeyAlias ALIAS'] },
  { what: 'known by name, not by its alias', known: ['NAME KEY'], config: ['HostKeyAlias alias'] },
  {
    what: 'changed by its alias, no',
    known: ['alias OTHER', 'NAME KEY'],
    config: ['HostKeyAlias alias'],
    strict: 'no',
  },
  { what: 'only its RSA key is known', known: ['NAME RSA'] },
  { what: 'another RSA key is known', known: ['NAME OTHERRSA'] },
  { what: 'another RSA key is known, no', known: ['NAME OTHERRSA'], strict: 'no' },
  {
    what: 'only its RSA key is known, another algorithm is asked for',
    known: ['NAME RSA'],
    config: ['HostKeyAlgorithms ssh-ed25519'],
  },
  {
    what: 'only its RSA key is known, another algorithm is asked for, no',
    known: ['NAME RSA'],
    config: ['HostKeyAlgorithms ssh-ed25519'],
    strict: 'no',
  },
  {
    what: 'only its RSA key is known, the order of algorithms is given',
    known: ['NAME RSA'],
    config: ['HostKeyAlgorithms ssh-ed25519,rsa-sha2-512'],
  },
  { what: 'a key of a type that the server has not', known: ['NAME ECDSA'] },
  { what: 'a line with the wrong type', known: ['NAME ssh-rsa BARE'] },
  { what: 'a line with the wrong type, no', known: ['NAME ssh-rsa BARE'], strict: 'no' },
  { what: 'a line with half a key, no', known: ['NAME ssh-ed25519 AAAA'], strict: 'no' },
  { what: 'lines that are nothing', known: ['NAME', 'NAME ssh-ed25519', 'NAME ssh-ed25519 %%%', 'NAME KEY'] },
  { what: 'CheckHostIP', known: ['NAME KEY'], config: ['CheckHostIP yes'] },
  {
    what: 'NoHostAuthenticationForLocalhost, changed',
    known: ['NAME OTHER'],
    config: ['NoHostAuthenticationForLocalhost yes'],
  },
  { what: 'a jump host that is unknown', known: ['end KEY'], config: hop('end') },
  { what: 'a jump host that is known', known: ['hop,end KEY'], config: hop('end') },
  { what: 'a jump host that is known, the host behind it not', known: ['hop KEY'], config: hop('end') },
  { what: 'a jump host that has changed', known: ['hop OTHER', 'end KEY'], config: hop('end') },
  { what: 'a jump host that is revoked', known: ['@revoked hop KEY', 'end KEY'], config: hop('end') },
  {
    what: 'the host behind a jump host has changed, no',
    known: ['hop KEY', 'end OTHER'],
    config: hop('end'),
    strict: 'no',
  },
];

let sshd: TestSshd;
let keys: string;
let words: Readonly<Record<string, string>>;

test.before(async (t) => {
  if (missing) {
    t.log(`SKIPPED: ${missing}`);
    return;
  }
  keys = mkdtempSync(join(tmpdir(), 'kplay-keys-'));
  const made = (name: string, type: string) => {
    makeKey(join(keys, name), type);
    return readFileSync(join(keys, `${name}.pub`), 'utf8')
      .split(' ')
      .slice(0, 2)
      .join(' ');
  };
  const own = { RSA: made('rsa', 'rsa'), OTHER: made('other', 'ed25519'), OTHERRSA: made('other-rsa', 'rsa') };
  sshd = await startSshd([
    `HostKey ${keys}/rsa`,
    'PasswordAuthentication yes',
    'MaxStartups 100',
    ...withoutPenalties(keys),
  ]);
  const name = `[127.0.0.1]:${sshd.port}`;
  const salt = randomBytes(20);
  const hashed = `|1|${salt.toString('base64')}|${createHmac('sha1', salt).update(name).digest('base64')}`;
  words = {
    ...own,
    KEY: sshd.hostKey,
    BARE: sshd.hostKey.split(' ')[1]!,
    ECDSA: made('ecdsa', 'ecdsa'),
    NAME: name,
    PORT: String(sshd.port),
    HASHED: hashed,
  };
});
test.after.always(() => {
  sshd?.stop();
  if (keys) rmSync(keys, { recursive: true });
});

for (const situation of situations) {
  withSshd(`as OpenSSH: ${situation.what}`, async (t) => {
    await turn();
    t.teardown(done);
    const folder = mkdtempSync(join(tmpdir(), 'kplay-known-'));
    t.teardown(() => rmSync(folder, { recursive: true }));
    const openssh = await outcome(folder, situation, logInByOpenssh);
    const kplay = await outcome(folder, situation, logInByKplay);
    if (situation.kplay) {
      t.not(openssh, situation.kplay.outcome, 'there is no difference any more');
      t.is(kplay, situation.kplay.outcome, situation.kplay.why);
    } else t.is(kplay, openssh);
  });
}

withSshd('a password that is kept back is told, with the reason', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'kplay-known-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  const config = writeFiles(folder, { what: '', known: ['NAME OTHER'] });
  const settings = { ...sshd.settings, host: 'there', privateKeyFile: undefined, sshArgs: `-F ${config}` };
  const connection = createConnection({ ...settings, password: 'secret', hostKeyChecking: false }, { environment: {} });
  const error = await t.throwsAsync(connection.open(), {
    instanceOf: Unreachable,
    message: /Permission denied \(.*No password was sent: THE HOST KEY HAS CHANGED.* knows ssh-ed25519 /,
  });
  t.true(error.message.includes(`${folder}/known:1 `));
  t.false(error.message.includes('secret'));
});

/** Situations that may be tried at once: a server takes its time to refuse a password. */
let free = 6;
const waiting: (() => void)[] = [];

async function turn(): Promise<void> {
  if (free > 0) free -= 1;
  else await new Promise<void>((resolve) => waiting.push(resolve));
}

function done(): void {
  const next = waiting.shift();
  if (next) next();
  else free += 1;
}

/** Logs in as `user`, by key or by a wrong password; whether that worked. */
type LogIn = (config: string, user: string, by: 'key' | 'password') => Promise<boolean>;

let users = 0;

async function outcome(folder: string, situation: Situation, logIn: LogIn): Promise<Outcome> {
  if (!(await logIn(writeFiles(folder, situation), userInfo().username, 'key'))) return 'refused';
  // What the first login added to known_hosts is not to help the second. The server's log tells passwords apart by user.
  users += 1;
  const user = `nobody-${users}-here`;
  await logIn(writeFiles(folder, situation), user, 'password');
  const seen = readFileSync(sshd.log, 'utf8').includes(`Failed password for invalid user ${user} `);
  return seen ? 'key and password' : 'key only';
}

function writeFiles(
  folder: string,
  { known = [], second = [], global = [], config = [], strict = 'yes' }: Situation,
): string {
  for (const [name, lines] of Object.entries({ known, second, global })) {
    const text = lines.map((line) => line.replace(/[A-Z]{3,}/g, (word) => words[word] ?? word));
    writeFileSync(join(folder, name), text.map((line) => `${line}\n`).join(''));
  }
  const usual = [
    'Host *',
    '  HostName 127.0.0.1',
    `  Port ${sshd.port}`,
    `  StrictHostKeyChecking ${strict}`,
    `  UserKnownHostsFile ${folder}/known ${folder}/second`,
    `  GlobalKnownHostsFile ${folder}/global`,
    '  NumberOfPasswordPrompts 1',
    '  UpdateHostKeys no',
    'Match originalhost hop',
    `  IdentityFile ${sshd.folder}/user_key`,
  ];
  writeFileSync(join(folder, 'config'), [...config, ...usual].map((line) => `${line}\n`).join(''));
  writeFileSync(join(folder, 'ask'), '#!/bin/sh\necho a wrong one\n', { mode: 0o700 });
  return join(folder, 'config');
}

const logInByOpenssh: LogIn = async (config, user, by) => {
  const how =
    by === 'key'
      ? ['-o', 'BatchMode=yes', '-i', `${sshd.folder}/user_key`]
      : ['-o', 'PreferredAuthentications=password,keyboard-interactive'];
  const environment = { PATH: process.env.PATH, SSH_ASKPASS: join(config, '../ask'), SSH_ASKPASS_REQUIRE: 'force' };
  const ssh = spawn('ssh', ['-F', config, '-l', user, ...how, 'there', 'exit 0'], {
    stdio: 'ignore',
    env: environment,
  });
  return new Promise((resolve) => ssh.once('close', (code) => resolve(code === 0)));
};

const logInByKplay: LogIn = async (config, user, by) => {
  const { connectTimeoutSeconds, hostKeyChecking } = sshd.settings;
  const how =
    by === 'key'
      ? { privateKeyFile: `${sshd.folder}/user_key` }
      : { password: 'a wrong one', sshArgs: `-F ${config} -o PreferredAuthentications=password,keyboard-interactive` };
  const connection = createConnection(
    { kind: 'ssh', host: 'there', user, connectTimeoutSeconds, hostKeyChecking, sshArgs: `-F ${config}`, ...how },
    { environment: {} },
  );
  try {
    await connection.open();
    return true;
  } catch (error) {
    if (!(error instanceof Unreachable)) throw error;
    return false;
  } finally {
    await connection.close();
  }
};

/** A newer sshd shuts out for a while who fails to log in; an older one does not know the option. */
function withoutPenalties(folder: string): string[] {
  const option = 'PerSourcePenalties no';
  const file = join(folder, 'penalties');
  writeFileSync(file, `${option}\nHostKey ${folder}/rsa\n`);
  return spawnSync('/usr/sbin/sshd', ['-t', '-f', file]).status === 0 ? [option] : [];
}
