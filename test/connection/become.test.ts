import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { BecomeError } from '../../runner/connection/become.ts';
import type { Become, Connection } from '../../runner/connection/connection.ts';
import { createConnection } from '../../runner/connection/create.ts';
import { begin, checkBackground, checkCommands, checkTimeout, mark, remaining, runner } from './commands.ts';
import { missingSshd, startSshd, type TestSshd } from './sshd.ts';

// Real users with real passwords, real sudo and su: only root can set that up.
const missing =
  process.getuid?.() !== 0
    ? 'this needs root'
    : spawnSync('sudo', ['-V']).error
      ? 'sudo is not installed'
      : missingSshd();
const asRoot = missing ? test.skip : test.serial;

// The names are this process's own: several runs of the tests may be at it on one machine.
const { pid } = process;
const sudoers = `/etc/sudoers.d/zz-kplay-test-${pid}`;
/** asker may sudo with a password, runner without one, outsider not at all, limited one program, typist on a terminal only. */
const nameOf = (part: string): string => `kplay-t-${pid}-${part}`;
const users = {
  asker: nameOf('asker'),
  runner: nameOf('runner'),
  outsider: nameOf('outsider'),
  limited: nameOf('limited'),
  typist: nameOf('typist'),
};
const password = `pa'ss $word ${pid}`;
let sshd: TestSshd;

test.before(async (t) => {
  if (missing) {
    t.log(`SKIPPED: ${missing}`);
    return;
  }
  removeLeftovers();
  for (const user of Object.values(users)) {
    t.is(spawnSync('useradd', ['-m', '-s', '/bin/sh', user]).status, 0);
    t.is(spawnSync('chpasswd', { input: `${user}:${password}\n` }).status, 0);
  }
  writeFileSync(
    sudoers,
    `Defaults use_pty\n${users.asker} ALL=(ALL) ALL\n${users.runner} ALL=(ALL) NOPASSWD: ALL\n${users.limited} ALL=(root) NOPASSWD: /usr/bin/id\nDefaults:${users.typist} requiretty\n${users.typist} ALL=(ALL) PASSWD: ALL, (${users.asker}) NOPASSWD: ALL\n`,
    {
      mode: 0o440,
    },
  );
  sshd = await startSshd();
  chmodSync(sshd.folder, 0o755);
  chmodSync(join(sshd.folder, 'authorized_keys'), 0o644);
});

const opened: Connection[] = [];
test.after.always(async () => {
  if (missing) return;
  await Promise.all(opened.map((connection) => connection.close()));
  sshd?.stop();
  rmSync(sudoers, { force: true });
  for (const user of Object.values(users)) removeUser(user);
});

/** What runs of this file left that were killed. */
function removeLeftovers(): void {
  const isDead = (owner: string) => !existsSync(`/proc/${owner}`);
  for (const name of readdirSync('/etc/sudoers.d')) {
    const [, owner] = /^zz-kplay-test-(\d+)$/.exec(name) ?? [];
    if (owner !== undefined && isDead(owner)) rmSync(join('/etc/sudoers.d', name), { force: true });
  }
  for (const [, name, owner] of readFileSync('/etc/passwd', 'utf8').matchAll(/^(kplay-t-(\d+)-[a-z]+):/gm))
    if (isDead(owner!)) removeUser(name!);
}

function removeUser(name: string): void {
  spawnSync('pkill', ['-KILL', '-u', name]);
  spawnSync('userdel', ['-r', name]);
}

/** A connection of a user; what a test that fails leaves open is closed at the end. */
const as = (user: string, extra: object = {}) => {
  const connection = createConnection({ ...sshd.settings, user, ...extra });
  opened.push(connection);
  return connection;
};
const sudo = (user: string, more: Partial<Become> = {}): Become => ({ method: 'sudo', user, ...more });
const su = (user: string, more: Partial<Become> = {}): Become => ({ method: 'su', user, ...more });

asRoot('commands through sudo', async (t) => {
  const connection = as(users.runner);
  const run = runner(connection, { become: sudo('root') });
  await checkCommands(t, run);
  await checkBackground(t, run, sshd.folder);
  await checkTimeout(t, run, mark(7401));
  t.is((await run('id -un; echo $HOME')).stdout, 'root\n/root\n');
  t.is((await connection.run({ script: 'id -un' })).stdout, `${users.runner}\n`);
  await connection.close();
});

asRoot('commands as a user without rights', async (t) => {
  const connection = as('root');
  const run = runner(connection, { become: sudo(users.outsider) });
  await checkCommands(t, run);
  await checkTimeout(t, run, mark(7402));
  t.is((await run('id -un')).stdout, `${users.outsider}\n`);
  await connection.close();
});

for (const [title, become, message] of [
  ['the right password', sudo('root', { password }), undefined],
  ['the right password and other flags', sudo('root', { password, flags: '-H' }), undefined],
  ['the right password of su', su('root'), undefined],
  ['a wrong password', sudo('root', { password: 'wrong' }), /^Incorrect sudo password$/],
  ['no password', sudo('root'), /^Missing sudo password$/],
  ['no password and flags that ask', sudo('root', { flags: '-H -S' }), /^Missing sudo password$/],
  ['no such user', sudo(`kplay-t-${pid}-nobody`, { password }), /unknown user/],
  ['no such program', sudo('root', { exe: '/no/sudo' }), /not found/],
] as const) {
  asRoot(`sudo: ${title}`, async (t) => {
    const connection = as(become.method === 'su' ? 'root' : users.asker);
    if (message) await t.throwsAsync(connection.run({ script: 'true', become }), { instanceOf: BecomeError, message });
    else t.is((await connection.run({ script: 'id -un', become })).stdout, 'root\n');
    t.is((await connection.run({ script: 'echo works' })).stdout, 'works\n');
    await connection.close();
  });
}

asRoot('sudo: not allowed', async (t) => {
  const connection = as(users.outsider);
  const become = sudo('root', { password });
  await t.throwsAsync(connection.run({ script: 'true', become }), {
    instanceOf: BecomeError,
    message: /not in the sudoers file|not allowed|may not run/,
  });
  await connection.close();
});

asRoot('sudo: allowed for one program only', async (t) => {
  const connection = as(users.limited);
  const become = sudo('root', { password });
  await t.throwsAsync(connection.run({ script: 'true', become }), {
    instanceOf: BecomeError,
    message:
      /^sudo did not let us become root: .*not allowed to execute '\/bin\/sh -c …' as root on .*sudoers has to allow\)$/,
  });
  await connection.close();
});

const withScript = spawnSync('script', ['-V']).error ? test.skip : asRoot;

withScript('sudo: requiretty', async (t) => {
  const connection = as(users.typist);
  const run = runner(connection, { become: sudo(users.asker) });
  await checkCommands(t, run);
  await checkTimeout(t, run, mark(7404));
  t.is((await run('id -un')).stdout, `${users.asker}\n`);
  const script = 'id -un; cat';
  const asRootToo = await connection.run({ script, stdin: 'in', become: sudo('root', { password }) });
  t.is(asRootToo.stdout, 'root\nin');
  await t.throwsAsync(connection.run({ script, become: sudo(users.runner, { password: 'wrong' }) }), {
    instanceOf: BecomeError,
    message: 'Incorrect sudo password',
  });
  await connection.close();
});

for (const flags of ['-i', '-H', '-n -i', '--login', '-iS', '-s -H', '--set-home --stdin']) {
  asRoot(`sudo: become_flags ${flags}`, async (t) => {
    for (const [user, given] of [
      [users.runner, undefined],
      [users.asker, password],
    ] as const) {
      const connection = as(user);
      const become = sudo(users.outsider, { password: given, flags });
      t.is((await connection.run({ script: 'id -un; cat', stdin: 'in', become })).stdout, `${users.outsider}\nin`);
      await connection.close();
    }
  });
}

asRoot('a server that allows one session, or two', async (t) => {
  for (const sessions of [1, 2]) {
    const small = await startSshd([`MaxSessions ${sessions}`]);
    t.teardown(() => small.stop());
    const connection = createConnection(small.settings);
    t.teardown(() => connection.close());
    const script = 'id -un';
    const results = await Promise.all([
      connection.run({ script }),
      connection.run({ script, become: su(users.asker) }),
      connection.run({ script, become: sudo(users.outsider) }),
      connection.run({ script }),
    ]);
    t.deepEqual(
      results.map(({ stdout }) => stdout.trim()),
      ['root', users.asker, users.outsider, 'root'],
    );
    t.is(
      (await connection.run({ script: 'cat', stdin: Buffer.alloc(100_000, 'x'), become: sudo(users.runner) })).stdout
        .length,
      100_000,
    );
    await connection.close();
  }
});

const doasConfig = '/etc/doas.conf';
const withDoas = spawnSync('doas', ['-?']).error || existsSync(doasConfig) ? test.skip : asRoot;

withDoas('doas: without a password, with one, and not at all', async (t) => {
  writeFileSync(doasConfig, `permit nopass ${users.runner}\npermit ${users.asker}\n`, { mode: 0o400 });
  t.teardown(() => rmSync(doasConfig));
  const run = async (user: string, more: Partial<Become> = {}) => {
    const connection = as(user);
    try {
      const become: Become = { method: 'doas', user: users.outsider, ...more };
      return (await connection.run({ script: 'id -un; cat', stdin: 'in', become })).stdout;
    } finally {
      await connection.close();
    }
  };
  t.is(await run(users.runner), `${users.outsider}\nin`);
  t.is(await run(users.runner, { password }), `${users.outsider}\nin`);
  await t.throwsAsync(run(users.asker), { instanceOf: BecomeError, message: 'Missing doas password' });
  await t.throwsAsync(run(users.limited, { password }), {
    instanceOf: BecomeError,
    message: /not permitted \(a rule in doas\.conf/,
  });
  if (spawnSync('script', ['-V']).error) return t.log('SKIPPED: script (Debian: bsdutils) is not installed');
  t.is(await run(users.asker, { password }), `${users.outsider}\nin`);
  await t.throwsAsync(run(users.asker, { password: 'wrong' }), {
    instanceOf: BecomeError,
    message: 'Incorrect doas password',
  });
});

for (const [title, become, message] of [
  ['the right password', su(users.asker, { password }), undefined],
  ['a wrong password', su(users.asker, { password: 'wrong' }), /^Incorrect su password$/],
  ['no password', su(users.asker), /^Missing su password$/],
  ['no such user', su(`kplay-t-${pid}-nobody`, { password }), /does not exist|no passwd entry/],
] as const) {
  asRoot(`su: ${title}`, async (t) => {
    const connection = as(users.outsider);
    if (message) await t.throwsAsync(connection.run({ script: 'true', become }), { instanceOf: BecomeError, message });
    else {
      t.is((await connection.run({ script: 'id -un; cat', stdin: 'in', become })).stdout, `${users.asker}\nin`);
      t.is((await connection.run({ script: 'echo err >&2', become })).stderr, 'err\n');
    }
    await connection.close();
  });
}

asRoot('su keeps the PATH of the user that logged in, and system tools are found all the same', async (t) => {
  const connection = as(users.outsider);
  const request = { script: 'command -v groupadd; exit 0', become: su(users.asker, { password }) };
  t.is((await connection.run(request)).stdout, '');
  t.is((await connection.run({ ...request, systemTools: true })).stdout, '/usr/sbin/groupadd\n');
  await connection.close();
});

asRoot('the password is on no command line and in no environment', async (t) => {
  const connection = as(users.asker);
  // The shell compares by itself: a program that looks for the password would have it on its own command line.
  const script = `all=$(cat /proc/[0-9]*/cmdline /proc/[0-9]*/environ 2>/dev/null | tr '\\0' '\\n'); case $all in *"$(cat)"*) echo found;; esac`;
  const { stdout } = await connection.run({ script, stdin: password.slice(0, -1), become: sudo('root', { password }) });
  t.is(stdout, '');
  await connection.close();
});

asRoot('close ends what runs as another user', async (t) => {
  const connection = as(users.asker);
  const become = sudo('root', { password });
  const { result } = await begin(connection, `sleep ${mark(7403)}.5`, { become });
  const failure = t.throwsAsync(result);
  await connection.close();
  await failure;
  const other = as('root');
  t.is((await other.run({ script: remaining(mark(7403)) })).stdout, '0\n');
  await other.close();
});

asRoot('files get the owner that is asked for, or keep theirs', async (t) => {
  const connection = as(users.asker);
  const become = sudo('root', { password });
  const file = join(sshd.folder, 'owned');
  const owner = () => {
    const { uid, mode } = statSync(file);
    const name = spawnSync('id', ['-un', String(uid)])
      .stdout.toString()
      .trim();
    return `${name} ${(mode & 0o7777).toString(8)}`;
  };
  await connection.send(Buffer.from('a'), file, { owner: users.outsider, group: users.runner, mode: '4750' }, become);
  t.is(owner(), `${users.outsider} 4750`);
  await connection.send(Buffer.alloc(3_000_000), file, {}, become);
  t.is(owner(), `${users.outsider} 4750`);
  await connection.fetch(file, join(sshd.folder, 'fetched'), become);
  t.is(statSync(join(sshd.folder, 'fetched')).size, 3_000_000);
  await t.throwsAsync(connection.fetch(file, join(sshd.folder, 'not')), { message: /Permission denied/ });
  await connection.close();
});

for (const shell of ['/bin/csh', '/usr/bin/fish', '/bin/bash']) {
  const withShell = existsSync(shell) ? asRoot : test.skip;
  withShell(`${shell} as login shell, with a login script that talks`, async (t) => {
    spawnSync('usermod', ['-s', shell, users.asker]);
    const home = `/home/${users.asker}`;
    for (const file of ['.cshrc', '.bashrc', '.config/fish/config.fish']) {
      spawnSync('install', ['-D', '/dev/stdin', `${home}/${file}`], {
        input: 'echo "WELCOME: "\necho -n "password: "\n',
      });
    }
    spawnSync('chown', ['-R', users.asker, home]);
    const connection = as(users.asker);
    await checkCommands(t, runner(connection));
    t.is((await connection.run({ script: 'id -un', become: sudo('root', { password }) })).stdout, 'root\n');
    t.is(
      (await connection.run({ script: 'id -un', become: su(users.runner, { password }) })).stdout,
      `${users.runner}\n`,
    );
    await connection.close();
  });
}

asRoot('a user whose shell lets nobody in', async (t) => {
  spawnSync('usermod', ['-s', '/usr/sbin/nologin', users.outsider]);
  const connection = as(users.outsider);
  await t.throwsAsync(connection.run({ script: 'true' }), {
    name: 'Unreachable',
    message: /did not start: .*not available/,
  });
  await connection.close();
});
