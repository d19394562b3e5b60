import { spawn, spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { BecomeError } from '../../runner/connection/become.ts';
import { ClientChoice } from '../../runner/connection/client-choice.ts';
import { type ConnectionSettings, Unreachable } from '../../runner/connection/connection.ts';
import { createConnection } from '../../runner/connection/create.ts';
import { packageRoot } from '../../runner/root.ts';
import { temporaryDirectory } from '../temporary.ts';
import { startAgent } from './agent.ts';
import { begin, checkBackground, checkCommands, checkDaemon, checkTimeout, remaining, runner } from './commands.ts';
import { startProxy } from './proxy.ts';
import { settings, startServer } from './ssh-server.ts';
import { freePort, makeKey, missingSshd, startSshd, type TestSshd } from './sshd.ts';
import { eventually } from './ways.ts';

const missing = missingSshd();
const withSshd = missing ? test.skip : test;
let sshd: TestSshd;

test.before(async (t) => {
  if (missing) t.log(`SKIPPED: ${missing}`);
  else sshd = await startSshd(['AllowTcpForwarding no', 'MaxSessions 3']);
});
test.after.always(() => sshd?.stop());

/** Settings of a server, over OpenSSH's client. */
function openssh(server: TestSshd, more: Partial<ConnectionSettings> = {}): ConnectionSettings {
  return { ...server.settings, kind: 'openssh', ...more };
}

/** A server's settings without a key file, for tests that log in otherwise. */
function withoutKey(server: TestSshd, more: Partial<ConnectionSettings> = {}): ConnectionSettings {
  return { ...server.settings, privateKeyFile: undefined, ...more };
}

/** Connects with whatever is chosen; returns what was said of the choice. */
async function choose(t: ExecutionContext, settings: ConnectionSettings, home?: string): Promise<string[]> {
  const warnings: string[] = [];
  const clients = new ClientChoice((text) => warnings.push(text));
  const environment = { ...process.env, SSH_AUTH_SOCK: undefined };
  for (const _ of [1, 2]) {
    const connection = createConnection(settings, { clients, home, environment });
    t.is((await connection.run({ script: 'echo there' })).stdout, 'there\n');
    await connection.close();
  }
  return warnings;
}

withSshd('commands', async (t) => {
  const connection = createConnection(openssh(sshd));
  await checkCommands(t, runner(connection));
  await checkBackground(t, runner(connection), sshd.folder);
  await checkDaemon(t, runner(connection));
  await checkTimeout(t, runner(connection), 7401);
  const bytes = Buffer.alloc(1_500_000, 'openssh');
  await connection.send(bytes, join(sshd.folder, 'sent'), {});
  await connection.fetch(join(sshd.folder, 'sent'), join(sshd.folder, 'back'));
  t.true(readFileSync(join(sshd.folder, 'back')).equals(bytes));
  await connection.close();
});

withSshd('close leaves nothing running, and no folder', async (t) => {
  const folder = temporaryDirectory('kplay-openssh');
  // Other tests of this file run meanwhile: what is looked for is found by this name.
  const settings = openssh(sshd, { sshArgs: `${sshd.settings.sshArgs} -o SetEnv=KPLAY_TEST=${folder}` });
  const connection = createConnection(settings);
  const { result } = await begin(connection, 'sleep 7403.5 & sleep 7403.25');
  const failure = t.throwsAsync(result, { instanceOf: Unreachable });
  t.not(processesOf(folder), 0);
  await connection.close();
  await failure;
  t.true(await eventually(() => processesOf(folder) === 0));
  const other = createConnection(openssh(sshd));
  t.is((await other.run({ script: remaining(7403) })).stdout, '0\n');
  await other.close();
});

/** How many processes have a text on their command lines. */
function processesOf(text: string): number {
  return readdirSync('/proc').filter((pid) => {
    try {
      return /^\d+$/.test(pid) && readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(text);
    } catch {
      return false;
    }
  }).length;
}

withSshd('a controller that is killed leaves nothing running, and no folder', async (t) => {
  const folder = temporaryDirectory('kplay-openssh');
  const program = join(folder, 'controller.mjs');
  const built = new URL('../../runner/connection/create.js', import.meta.url).href;
  writeFileSync(
    program,
    `import { createConnection } from ${JSON.stringify(built)};
const connection = createConnection(${JSON.stringify(openssh(sshd))});
await connection.run({ script: 'echo up; exec sleep 7404.5', onOutput: () => console.log('up') });`,
  );
  const scratch = join(folder, 'scratch');
  mkdirSync(scratch);
  const env = { ...process.env, TMPDIR: scratch };
  const child = spawn(process.execPath, [program], { stdio: ['ignore', 'pipe', 'inherit'], cwd: packageRoot, env });
  await new Promise((resolve) => child.stdout.once('data', resolve));
  t.is(readdirSync(scratch).length, 1);
  child.kill('SIGKILL');
  t.true(await eventually(() => readdirSync(scratch).length === 0 && processesOf(scratch) === 0));
  const connection = createConnection(openssh(sshd));
  const wait = `i=0; while [ $i -lt 1200 ]; do r=$(${remaining(7404)}); [ "$r" = 0 ] && break; sleep 0.1; i=$((i+1)); done; echo "$r"`;
  t.is((await connection.run({ script: wait })).stdout, '0\n');
  await connection.close();
});

withSshd('a host that dies in the middle is unreachable in the words of ssh', async (t) => {
  const proxy = await startProxy(sshd.port);
  const sshArgs = `${sshd.settings.sshArgs} -o ServerAliveInterval=5 -o ServerAliveCountMax=2`;
  const connection = createConnection(openssh(sshd, { port: proxy.port, hostKeyChecking: false, sshArgs }));
  const first = await begin(connection, 'sleep 7405');
  const lost = t.throwsAsync(first.result, { instanceOf: Unreachable, message: /lost: (?!.*without saying why)/ });
  proxy.cut();
  await lost;
  const second = await begin(connection, 'sleep 7405');
  const silent = t.throwsAsync(second.result, {
    instanceOf: Unreachable,
    message: /lost: Timeout, server .*not responding.*ServerAliveInterval/,
  });
  proxy.freeze();
  await silent;
  await connection.close();
  proxy.stop();
});

withSshd('who is not reached or let in: the words of ssh', async (t) => {
  const port = await freePort();
  const at = (more: Partial<ConnectionSettings>) => createConnection(openssh(sshd, more));
  await t.throwsAsync(at({ port }).open(), { instanceOf: Unreachable, message: /port \d+: Connection refused/ });
  await t.throwsAsync(at({ privateKeyFile: '/nothing' }).open(), { message: /Permission denied \(publickey/ });
  await t.throwsAsync(at({ sshArgs: '-o NoSuchOption=1' }).open(), {
    message: /Bad configuration option: nosuchoption/,
  });
  await t.throwsAsync(at({ sshArgs: '-F none -o UserKnownHostsFile=/dev/null' }).open(), {
    message: /host key is known .*accept it by logging in once with `ssh -p \d+ /,
  });
  await t.throwsAsync(at({ sshExecutable: '/no/such/ssh' }).open(), { message: /\/no\/such\/ssh, OpenSSH's client/ });
  const hop = `-o ProxyCommand="ssh -F none -i ${sshd.folder}/user_key -o UserKnownHostsFile=${sshd.folder}/known_hosts -p ${sshd.port} -W %h:%p ${sshd.settings.user}@127.0.0.1"`;
  await t.throwsAsync(at({ sshArgs: `-F none ${hop}` }).open(), {
    message: /open failed: administratively prohibited.*AllowTcpForwarding/,
  });
});

withSshd('a session more than the server allows goes over another connection', async (t) => {
  const tight = await startSshd(['MaxSessions 1']);
  t.teardown(() => tight.stop());
  const connection = createConnection(openssh(tight));
  t.is((await connection.run({ script: 'echo one' })).stdout, 'one\n');
  const become = { method: 'su', user: 'nobody', flags: '-s /bin/sh' } as const;
  if (process.getuid?.() === 0) t.is((await connection.run({ script: 'id -un', become })).stdout, 'nobody\n');
  else await t.throwsAsync(connection.run({ script: 'true', become }), { instanceOf: BecomeError });
  t.is((await connection.run({ script: 'echo on' })).stdout, 'on\n');
  await connection.close();
});

for (const method of ['password', 'keyboard-interactive'] as const) {
  withSshd(`${method}: right, wrong and missing; it stands on no command line and in no environment`, async (t) => {
    const seen: string[] = [];
    const server = await startServer([method], (context) => {
      seen.push(...processesWithSecret());
      return context.method === 'password' && context.password === 'secret';
    });
    const home = temporaryDirectory('kplay-home');
    const connect = (password?: string) => {
      const sshArgs = '-F none -o UserKnownHostsFile=/dev/null -o PubkeyAuthentication=no';
      return createConnection(settings(server.port, { kind: 'openssh', password, sshArgs }), { home });
    };
    const right = connect('secret');
    await t.notThrowsAsync(right.open());
    await right.close();
    await t.throwsAsync(connect('wrong').open(), { instanceOf: Unreachable, message: /Permission denied \(/ });
    await t.throwsAsync(connect().open(), { instanceOf: Unreachable, message: /Permission denied \(/ });
    t.deepEqual(seen, []);
  });
}

function processesWithSecret(): string[] {
  return readdirSync('/proc').filter((pid) => {
    if (!/^\d+$/.test(pid) || Number(pid) === process.pid) return false;
    try {
      const texts = [readFileSync(`/proc/${pid}/cmdline`, 'utf8'), readFileSync(`/proc/${pid}/environ`, 'utf8')];
      return texts.some((text) => /(?:^|[\0=])secret\0/.test(text));
    } catch {
      return false;
    }
  });
}

withSshd('keys that are not checked: a changed one gets no password, a revoked one is refused', async (t) => {
  const server = await startServer(['password'], () => true);
  const folder = temporaryDirectory('kplay-known');
  makeKey(join(folder, 'other'), 'rsa');
  writeFileSync(join(folder, 'hostkey'), server.hostKey, { mode: 0o600 });
  const own = String(spawnSync('ssh-keygen', ['-y', '-f', join(folder, 'hostkey')]).stdout).trim();
  const name = `[127.0.0.1]:${server.port}`;
  const known = join(folder, 'known');
  const connect = (line: string) => {
    writeFileSync(known, `${line}\n`);
    const sshArgs = `-F none -o UserKnownHostsFile=${known} -o PubkeyAuthentication=no`;
    return createConnection(settings(server.port, { kind: 'openssh', password: 'secret', sshArgs }));
  };
  const right = connect(`${name} ${own}`);
  await t.notThrowsAsync(right.open());
  await right.close();
  server.tried.length = 0;
  const changed = readFileSync(join(folder, 'other.pub'), 'utf8').split(' ').slice(0, 2).join(' ');
  await t.throwsAsync(connect(`${name} ${changed}`).open(), { message: /Permission denied|man-in-the-middle/ });
  await t.throwsAsync(connect(`@revoked ${name} ${own}`).open(), { message: /revoked|Permission denied/i });
  t.false(server.tried.includes('password'));
  t.false(readFileSync(known, 'utf8').includes('\n127'));
});

withSshd(
  'key exchanges that only OpenSSH has: it is used by itself, said once, and missed where it is not there',
  async (t) => {
    const exchange = 'sntrup761x25519-sha512@openssh.com';
    const host = await startSshd([`KexAlgorithms ${exchange}`]);
    t.teardown(() => host.stop());
    const warnings = await choose(t, host.settings);
    t.is(warnings.length, 1);
    t.regex(
      warnings[0]!,
      /^127.0.0.1: OpenSSH's ssh is used .* since the host offers no key exchange that it has, but sntrup761/,
    );
    const alone = createConnection(host.settings, { environment: { PATH: '/nowhere' } });
    await t.throwsAsync(alone.open(), {
      instanceOf: Unreachable,
      message: new RegExp(
        `no common key exchange: the host offers ${exchange}; kplay's own SSH has .*curve25519.*KexAlgorithms.*openssh-client`,
      ),
    });
  },
);

withSshd('certificates of users and of hosts', async (t) => {
  const folder = temporaryDirectory('kplay-certificates');
  for (const name of ['ca', 'key']) makeKey(join(folder, name));
  const host = await startSshd([
    `TrustedUserCAKeys ${folder}/ca.pub`,
    'AuthorizedKeysFile none',
    `HostCertificate ${folder}/host-cert.pub`,
  ]);
  t.teardown(() => host.stop());
  const ca = join(folder, 'ca');
  const user = host.settings.user ?? '';
  spawnSync('ssh-keygen', ['-q', '-s', ca, '-I', 'user', '-n', user, join(folder, 'key.pub')]);
  const byUser = await choose(t, { ...host.settings, privateKeyFile: join(folder, 'key') });
  t.is(byUser.length, 1);
  t.regex(byUser[0]!, /since it cannot log in with the certificate .*key-cert.pub$/);
  const alone = createConnection(
    { ...host.settings, privateKeyFile: join(folder, 'key') },
    { environment: { PATH: '/nowhere' } },
  );
  await t.throwsAsync(alone.open(), {
    instanceOf: Unreachable,
    message: /openssh-client.* since it cannot log in with the certificate .*key-cert.pub\)$/,
  });

  const certified = await startSshd([`HostCertificate ${folder}/host-cert.pub`]);
  t.teardown(() => certified.stop());
  copyFileSync(join(certified.folder, 'host_key.pub'), join(folder, 'host.pub'));
  spawnSync('ssh-keygen', ['-q', '-h', '-s', ca, '-I', 'host', '-n', '127.0.0.1', join(folder, 'host.pub')]);
  certified.process.kill('SIGHUP');
  const authority = readFileSync(`${ca}.pub`, 'utf8');
  writeFileSync(join(folder, 'known'), `@cert-authority [127.0.0.1]:${certified.port},127.0.0.1 ${authority}`);
  t.true(
    await eventually(() => {
      const scan = spawnSync('ssh-keyscan', ['-c', '-p', String(certified.port), '127.0.0.1']);
      return String(scan.stdout).includes('cert-v01');
    }),
  );
  const sshArgs = `-F none -o UserKnownHostsFile=${folder}/known -o GlobalKnownHostsFile=none`;
  const byHost = await choose(t, { ...certified.settings, sshArgs });
  t.is(byHost.length, 1);
  t.regex(byHost[0]!, /since it does not know certificates of hosts/);
});

withSshd('a certificate that an agent holds', async (t) => {
  const folder = temporaryDirectory('kplay-agent');
  for (const name of ['ca', 'key']) makeKey(join(folder, name));
  const host = await startSshd([`TrustedUserCAKeys ${folder}/ca.pub`, 'AuthorizedKeysFile none']);
  t.teardown(() => host.stop());
  spawnSync('ssh-keygen', [
    '-q',
    '-s',
    join(folder, 'ca'),
    '-I',
    'user',
    '-n',
    host.settings.user ?? '',
    join(folder, 'key.pub'),
  ]);
  const environment = { ...process.env, SSH_AUTH_SOCK: await startAgent(t) };
  t.is(spawnSync('ssh-add', [join(folder, 'key')], { env: environment }).status, 0);
  const warnings: string[] = [];
  const clients = new ClientChoice((text) => warnings.push(text));
  const connection = createConnection(withoutKey(host), { clients, environment, home: folder });
  t.is((await connection.run({ script: 'echo there' })).stdout, 'there\n');
  await connection.close();
  t.deepEqual(warnings.length, 1);
  t.regex(warnings[0]!, /since it cannot log in with the agent's ssh-ed25519-cert-v01@openssh.com$/);
});

withSshd("what files say in Match final comes before kplay's own values", async (t) => {
  const folder = temporaryDirectory('kplay-config');
  const file = join(folder, 'config');
  const known = `UserKnownHostsFile ${folder}/known\nGlobalKnownHostsFile none\n`;
  writeFileSync(file, `Match final all\n  StrictHostKeyChecking accept-new\n${known}`);
  t.deepEqual(await choose(t, openssh(sshd, { sshArgs: `-F ${file}` })), []);
  t.regex(readFileSync(join(folder, 'known'), 'utf8'), /^\[127/);
  writeFileSync(file, known.replace('/known', '/none'));
  await t.throwsAsync(createConnection(openssh(sshd, { sshArgs: `-F ${file}` })).open(), {
    message: /host key is known/,
  });
});

withSshd("a password that was refused is not sent again by OpenSSH's client", async (t) => {
  const server = await startServer(['gssapi-with-mic', 'password'], () => false);
  const sshArgs = '-F none -o GSSAPIAuthentication=yes -o UserKnownHostsFile=/dev/null -o PubkeyAuthentication=no';
  const home = temporaryDirectory('kplay-home');
  const environment = { ...process.env, KRB5CCNAME: `FILE:${home}/none` };
  const at = settings(server.port, { password: 'wrong', sshArgs });
  await t.throwsAsync(createConnection(at, { home, environment }).open(), {
    instanceOf: Unreachable,
    message:
      /Permission denied \(gssapi-with-mic,password\)\.? \(so says OpenSSH's ssh; kplay's own SSH: .*Tried: the password/,
  });
  t.deepEqual(
    server.tried.filter((method) => method === 'password'),
    ['password'],
  );
});

withSshd("options that kplay's own SSH does not know", async (t) => {
  const sshArgs = `${sshd.settings.sshArgs} -o CertificateFile=/nothing`;
  const warnings = await choose(t, { ...sshd.settings, sshArgs });
  t.is(warnings.length, 1);
  t.regex(warnings[0]!, /since it does not do all that is asked for: .*CertificateFile/);
  t.deepEqual(await choose(t, { ...sshd.settings, sshExecutable: 'ssh' }), []);
});

withSshd('a private key itself, with and without a passphrase', async (t) => {
  const home = temporaryDirectory('kplay-home');
  const host = await startSshd([`AuthorizedKeysFile ${home}/authorized`]);
  t.teardown(() => host.stop());
  const privateKeyPassphrase = 'a phrase';
  for (const type of ['ed25519', 'ecdsa', 'rsa']) {
    const file = join(home, type);
    makeKey(file, type);
    copyFileSync(`${file}.pub`, join(home, 'authorized'));
    t.deepEqual(
      await choose(t, withoutKey(host, { kind: 'openssh', privateKey: readFileSync(file, 'utf8') })),
      [],
      type,
    );
  }
  const file = join(home, 'rsa');
  t.deepEqual(await choose(t, withoutKey(host, { privateKey: readFileSync(file, 'utf8') })), []);
  spawnSync('ssh-keygen', ['-q', '-p', '-N', privateKeyPassphrase, '-f', file]);
  t.deepEqual(await choose(t, openssh(host, { privateKeyFile: file, privateKeyPassphrase })), []);
  const privateKey = readFileSync(file, 'utf8');
  t.deepEqual(await choose(t, withoutKey(host, { kind: 'openssh', privateKey, privateKeyPassphrase })), []);
  const wrong = createConnection(withoutKey(host, { kind: 'openssh', privateKey, privateKeyPassphrase: 'wrong' }));
  await t.throwsAsync(wrong.open(), { message: /key of ansible_ssh_private_key: the passphrase does not fit/ });
});

withSshd('a connection that is open at the ControlPath is used, and stays', async (t) => {
  const folder = temporaryDirectory('kplay-control');
  const path = join(folder, 'c');
  const key = join(sshd.folder, 'user_key');
  const where = ['-p', String(sshd.port), `${sshd.settings.user}@127.0.0.1`];
  const known = `UserKnownHostsFile=${sshd.folder}/known_hosts`;
  const own = spawn('ssh', ['-F', 'none', '-N', '-M', '-S', path, '-i', key, '-o', known, ...where], {
    stdio: 'ignore',
  });
  t.teardown(() => own.kill());
  t.true(await eventually(() => existsSync(path)));
  const sshArgs = `${sshd.settings.sshArgs} -o IdentitiesOnly=yes -o ControlMaster=auto -o ControlPath=${path}`;
  const connection = createConnection(openssh(sshd, { privateKeyFile: '/nothing', sshArgs }));
  t.is((await connection.run({ script: 'echo shared' })).stdout, 'shared\n');
  await connection.close();
  t.is(spawnSync('ssh', ['-S', path, '-O', 'check', 'h']).status, 0);
  const lost = createConnection(openssh(sshd, { privateKeyFile: '/nothing', sshArgs }));
  const { result } = await begin(lost, 'sleep 7406');
  const failure = t.throwsAsync(result, { instanceOf: Unreachable, message: /lost: the ssh that had it has ended/ });
  own.kill();
  await failure;
  await lost.close();
});

withSshd('a system that runs no programs from the temporary folder has another, or says so', async (t) => {
  const { privateFolder } = await import('../../runner/connection/openssh/private-folder.ts');
  const home = temporaryDirectory('kplay-home');
  const folder = privateFolder({ XDG_RUNTIME_DIR: home }, home);
  t.is(spawnSync('stat', ['-c', '%a', folder]).stdout.toString(), '700\n');
  renameSync(folder, join(home, 'made'));
});

/** Debian's softhsm2: keys in a token that is a file, behind the interface of hardware. */
const token = '/usr/lib/softhsm/libsofthsm2.so';
const missingToken = !existsSync(token)
  ? `${token} (Debian: softhsm2) is not installed`
  : spawnSync('softhsm2-util', ['--version']).error
    ? 'softhsm2-util is not installed'
    : missing;

(missingToken ? test.skip : test)(`a key behind PKCS#11${missingToken ? ` (${missingToken})` : ''}`, async (t) => {
  const folder = temporaryDirectory('kplay-token');
  mkdirSync(join(folder, 'tokens'));
  writeFileSync(join(folder, 'conf'), `directories.tokendir = ${folder}/tokens\nlog.level = ERROR\n`);
  const environment = { ...process.env, SOFTHSM2_CONF: join(folder, 'conf') };
  const run = (...words: string[]) => spawnSync(words[0]!, words.slice(1), { env: environment });
  const pin = '1234-pin';
  t.is(
    run('softhsm2-util', '--init-token', '--free', '--label', 'kplay', '--pin', pin, '--so-pin', 'so-pin').status,
    0,
  );
  const key = join(folder, 'key');
  makeKey(key, 'rsa', '', ['-m', 'PEM']);
  spawnSync('openssl', ['pkcs8', '-topk8', '-nocrypt', '-in', key, '-out', `${key}.p8`]);
  t.is(
    run('softhsm2-util', '--import', `${key}.p8`, '--token', 'kplay', '--label', 'k', '--id', '01', '--pin', pin)
      .status,
    0,
  );
  const host = await startSshd([`AuthorizedKeysFile ${key}.pub`]);
  t.teardown(() => host.stop());
  const sshArgs = `${host.settings.sshArgs} -o PKCS11Provider=${token} -o IdentityFile=none`;
  const connect = (privateKeyPassphrase: string) => {
    const warnings: string[] = [];
    const clients = new ClientChoice((text) => warnings.push(text));
    const connection = createConnection(withoutKey(host, { privateKeyPassphrase, sshArgs }), {
      clients,
      environment,
      home: folder,
    });
    return { connection, warnings };
  };
  const right = connect(pin);
  t.is((await right.connection.run({ script: 'echo there' })).stdout, 'there\n');
  await right.connection.close();
  t.regex(right.warnings.join(), /PKCS11Provider/);
  await t.throwsAsync(connect('wrong').connection.open(), { instanceOf: Unreachable, message: /Permission denied/ });
});
