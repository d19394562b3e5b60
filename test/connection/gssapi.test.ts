import { readdirSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { ClientChoice } from '../../runner/connection/client-choice.ts';
import { type ConnectionSettings, Unreachable } from '../../runner/connection/connection.ts';
import { createConnection } from '../../runner/connection/create.ts';
import { temporaryDirectory } from '../temporary.ts';
import { checkCommands, runner } from './commands.ts';
import { missingKerberos, type Realm, startRealm } from './kerberos.ts';
import { makeKey, missingSshd, startSshd, type TestSshd } from './sshd.ts';
import { eventually } from './ways.ts';

const missing = missingSshd() ?? missingKerberos();
const withKerberos = missing ? test.skip : test;
type Environment = Realm['environment'];

/** sshd takes whatever key is in the keytab: this machine has another name than 127.0.0.1. */
const byTicketOnly = [
  'GSSAPIAuthentication yes',
  'GSSAPIStrictAcceptorCheck no',
  'KbdInteractiveAuthentication no',
  'GSSAPIKeyExchange yes',
];
let realm: Realm;
/** It lets in by GSSAPI and by nothing else. */
let sshd: TestSshd;
const user = userInfo().username;

test.before(async (t) => {
  if (missing) return t.log(`SKIPPED: ${missing}`);
  realm = await startRealm([user, 'stranger']);
  sshd = await startSshd([...byTicketOnly, 'PubkeyAuthentication no'], realm.environment);
});
test.after.always(() => {
  sshd?.stop();
  realm?.stop();
});

/** Settings with further words for ssh, and without a key file. */
function settings(server: TestSshd, words: string, more: Partial<ConnectionSettings> = {}): ConnectionSettings {
  return { ...server.settings, privateKeyFile: undefined, sshArgs: `${server.settings.sshArgs} ${words}`, ...more };
}

/** Connects with whatever is chosen. */
function connect(settings: ConnectionSettings, environment: Environment) {
  const warnings: string[] = [];
  const clients = new ClientChoice((text) => warnings.push(text));
  const home = temporaryDirectory('kplay-home');
  const again = () =>
    createConnection(settings, { clients, home, environment: { ...environment, SSH_AUTH_SOCK: undefined } });
  return { connection: again(), again, warnings };
}

/** What a host says to a command; and that it was said once, in these words, why OpenSSH's client was used. */
async function logsIn(
  t: ExecutionContext,
  settings: ConnectionSettings,
  environment: Environment,
  why: RegExp | undefined,
  script = 'echo in',
): Promise<string> {
  const { again, warnings } = connect(settings, environment);
  let said = '';
  for (const connection of [again(), again()]) {
    said = (await connection.run({ script })).stdout;
    await connection.close();
  }
  t.is(warnings.length, why ? 1 : 0, warnings.join('\n'));
  if (why) t.regex(warnings[0] ?? '', why);
  return said;
}

const byGssapi =
  /^127.0.0.1: OpenSSH's ssh is used in place of kplay's own SSH, since it cannot log in with gssapi-keyex, gssapi-with-mic$/;
const gssapi = '-o GSSAPIAuthentication=yes';

withKerberos('GSSAPI and nothing else: OpenSSH is used by itself and said once', async (t) => {
  const environment = realm.ticket(user);
  t.is(await logsIn(t, settings(sshd, gssapi), environment, byGssapi), 'in\n');
  t.is(await logsIn(t, settings(sshd, gssapi, { kind: 'openssh' }), environment, undefined), 'in\n');
  t.is(
    await logsIn(t, settings(sshd, `${gssapi} -o PreferredAuthentications=gssapi-with-mic`), environment, byGssapi),
    'in\n',
  );
  const { connection } = connect(settings(sshd, gssapi), environment);
  await checkCommands(t, runner(connection));
  await connection.close();
});

withKerberos('GSSAPI by ~/.ssh/config and a file of -F', async (t) => {
  const folder = temporaryDirectory('kplay-config');
  const known = `UserKnownHostsFile ${sshd.folder}/known_hosts\nGlobalKnownHostsFile none\n`;
  const file = join(folder, 'config');
  writeFileSync(file, `Host 127.*\n  GSSAPIAuthentication yes\n  PreferredAuthentications gssapi-with-mic\n${known}`);
  const at = settings(sshd, '', { sshArgs: `-F ${file}` });
  t.is(await logsIn(t, at, realm.ticket(user), byGssapi), 'in\n');
  writeFileSync(file, `GSSAPIAuthentication yes\nPreferredAuthentications publickey\n${known}`);
  const { connection, warnings } = connect(at, realm.ticket(user));
  const message = /^127.0.0.1: \S+@127.0.0.1: Permission denied \(gssapi-keyex,gssapi-with-mic\). There was nothing/;
  await t.throwsAsync(connection.open(), { instanceOf: Unreachable, message });
  t.deepEqual(warnings, []);
});

withKerberos("no login: ssh's and sshd's own words, with what would help", async (t) => {
  const fails = (environment: Environment, message: RegExp, words = gssapi) =>
    t.throwsAsync(connect(settings(sshd, words), environment).connection.open(), {
      instanceOf: Unreachable,
      message,
    });
  const denied = 'Permission denied \\(gssapi-keyex,gssapi-with-mic\\)';
  await fails(
    realm.environment,
    new RegExp(
      `^127.0.0.1: No Kerberos credentials available \\(default cache: FILE:.*none\\); ${user}@127.0.0.1: ${denied}\\. \\(\`kinit\` gets .*\\) \\(so says OpenSSH's ssh; kplay's own SSH: 127.0.0.1: ${user}@127.0.0.1: ${denied}. There was nothing to try.\\)$`,
    ),
  );
  // -q is the user's own, and hides nothing.
  await fails(realm.environment, /No Kerberos credentials available/, `${gssapi} -q`);
  await fails(
    realm.environment,
    new RegExp(`${denied}. There was nothing to try. \\(GSSAPIAuthentication=yes in `),
    '',
  );
  await fails(realm.ticket('stranger'), new RegExp(`^127.0.0.1: ${user}@127.0.0.1: ${denied}. \\(GSSAPI.* ~/.k5login`));
});

withKerberos('no login: the realm does not know the host, has no KDC, or the ticket is over', async (t) => {
  const own = await startRealm([user]);
  t.teardown(() => own.stop());
  const environment = own.ticket(user);
  const fails = (environment: Environment, message: RegExp, host = '127.0.0.1') => {
    const at = settings(sshd, `${gssapi} -o HostKeyAlias=[127.0.0.1]:${sshd.port}`, { host });
    return t.throwsAsync(connect(at, environment).connection.open(), { instanceOf: Unreachable, message });
  };
  await fails(
    environment,
    /host\/localhost@KPLAY.TEST not found in Kerberos database.*Permission.*ansible_host/,
    'localhost',
  );
  own.stop();
  await fails(environment, /Cannot contact any KDC for realm 'KPLAY.TEST'.*\(krb5.conf says where/);
});

withKerberos('a ticket is handed on where that is asked for, also where a key would log in', async (t) => {
  const server = await startSshd(byTicketOnly, realm.environment);
  t.teardown(() => server.stop());
  const environment = realm.ticket(user);
  const withKey = (words: string) => settings(server, words, { privateKeyFile: server.settings.privateKeyFile });
  const script = 'klist -c "$KRB5CCNAME" | grep -c krbtgt; echo "$KRB5CCNAME"';
  for (const words of ['-K', `${gssapi} -o GSSAPIDelegateCredentials=yes`]) {
    const said = await logsIn(t, withKey(words), environment, byGssapi, script);
    t.regex(said, /^1\nFILE:\/tmp\/krb5cc_/, words);
    const cache = said.split('/').at(-1)?.trim() ?? '';
    // sshd removes it when the connection has ended.
    t.true(await eventually(() => !readdirSync('/tmp').includes(cache)));
  }
  // Without, the key logs in, and nothing is handed on.
  t.is(await logsIn(t, withKey(gssapi), environment, undefined, 'echo "${KRB5CCNAME-none}"'), 'none\n');
  const first = `${gssapi} -o PreferredAuthentications=gssapi-with-mic,publickey`;
  t.is(await logsIn(t, withKey(first), environment, byGssapi, 'echo "${KRB5CCNAME-none}"'), 'none\n');
  // The order is OpenSSH's: who has no ticket gets in by what comes next.
  t.is(await logsIn(t, withKey(first), realm.environment, byGssapi), 'in\n');
  const plain = await startSshd();
  t.teardown(() => plain.stop());
  const noGssapi = settings(plain, '-K', { privateKeyFile: plain.settings.privateKeyFile });
  t.is(await logsIn(t, noGssapi, environment, undefined), 'in\n');
});

withKerberos('a host that is known by the realm, and by no key', async (t) => {
  const words = `${gssapi} -o GSSAPIKeyExchange=yes -o UserKnownHostsFile=/dev/null`;
  const why = /since it does not do all that is asked for: ssh option "GSSAPIKeyExchange yes" is not supported/;
  t.is(await logsIn(t, settings(sshd, words), realm.ticket(user), why), 'in\n');
});

withKerberos('keys that the server counts do not keep a ticket out', async (t) => {
  const server = await startSshd([...byTicketOnly, 'MaxAuthTries 2'], realm.environment);
  t.teardown(() => server.stop());
  const folder = temporaryDirectory('kplay-keys');
  const keys = ['a', 'b', 'c'].map((name) => join(folder, name));
  for (const key of keys) makeKey(key);
  const words = `${gssapi} ${keys.map((key) => `-i ${key}`).join(' ')}`;
  t.is(await logsIn(t, settings(server, words), realm.ticket(user), byGssapi), 'in\n');
});

withKerberos('a jump host that lets in by GSSAPI only, and a host behind it', async (t) => {
  const file = join(temporaryDirectory('kplay-config'), 'config');
  const known = `UserKnownHostsFile ${sshd.folder}/known_hosts\nGlobalKnownHostsFile none\n`;
  writeFileSync(file, `GSSAPIAuthentication yes\n${known}`);
  const jump = `-F ${file} -o ProxyJump=${user}@127.0.0.1:${sshd.port}`;
  const behind = await startSshd([...byTicketOnly, 'PubkeyAuthentication no'], realm.environment);
  t.teardown(() => behind.stop());
  const alias = `-o HostKeyAlias=[127.0.0.1]:${sshd.port} -o StrictHostKeyChecking=no`;
  const at = settings(behind, '', { sshArgs: `${jump} ${alias}`, hostKeyChecking: false });
  t.is(await logsIn(t, at, realm.ticket(user), /since it cannot log in with gssapi/), 'in\n');
  const { connection } = connect(at, realm.environment);
  await t.throwsAsync(connection.open(), {
    instanceOf: Unreachable,
    message: /No Kerberos credentials available.*Permission denied \(gssapi-keyex,gssapi-with-mic\).*`kinit` gets/,
  });
});
