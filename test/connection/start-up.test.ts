import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { type ConnectionSettings, Unreachable } from '../../runner/connection/connection.ts';
import { createConnection } from '../../runner/connection/create.ts';
import { temporaryDirectory } from '../temporary.ts';
import { missingNamespaces } from './host-shells.ts';
import { missingSshd, startSshd } from './sshd.ts';
import { eventually, processesWith } from './ways.ts';

const local: ConnectionSettings = {
  kind: 'local',
  host: 'localhost',
  connectTimeoutSeconds: 2,
  hostKeyChecking: true,
};
const patient = { ...local, connectTimeoutSeconds: 60 };
const folder = temporaryDirectory('kplay-start');

let programs = 0;

/** A program that stands where a shell, or sudo, should. */
function program(text: string): string {
  const path = join(folder, `program-${++programs}`);
  writeFileSync(path, `#!/bin/sh\n${text}\n`, { mode: 0o755 });
  return path;
}

const secret = 'a-secret-word';

/** Runs a command that brings a secret along, where the shell never starts; gives the message, which does not hold the secret. */
async function failure(t: ExecutionContext, settings: ConnectionSettings, become?: object): Promise<string> {
  const mark = `${process.pid}.${programs}.${settings.host}`;
  const connection = createConnection(settings, { environment: { ...process.env, KPLAY_TEST_START: mark } });
  t.teardown(() => connection.close());
  const request = { script: `echo ${secret}`, environment: { WORD: secret }, ...become };
  const error = await t.throwsAsync(connection.run(request), { instanceOf: Unreachable });
  t.true(await eventually(() => processesWith(`KPLAY_TEST_START=${mark}`).length === 0));
  t.false(error?.message.includes(secret), error?.message);
  return error?.message ?? '';
}

const late = 'the shell on the host did not start within 2 s (-T or ansible_timeout allows more): the login';

test('a shell that says nothing', async (t) => {
  const message = await failure(t, { ...local, shell: program('sleep 1000') });
  t.is(message, `${late} did not run it, and said nothing`);
});

test('a shell that talks, and prints what it gets', async (t) => {
  t.is(
    await failure(t, { ...local, shell: program('exec cat') }),
    `${late} did not run it, and printed what it was sent`,
  );
  t.is(await failure(t, { ...local, shell: program('echo WELCOME; exec cat >&2') }), `${late} said: WELCOME`);
});

test('a command may take longer than its shell may take to start', async (t) => {
  const connection = createConnection({ ...local, connectTimeoutSeconds: 10 });
  t.teardown(() => connection.close());
  await connection.run({ script: 'true' });
  t.is((await connection.run({ script: 'sleep 10.2; echo done' })).stdout, 'done\n');
});

test('a shell that ends at once says why', async (t) => {
  t.is(
    await failure(t, { ...patient, shell: program('echo no way >&2; exit 3') }),
    'the shell on the host did not start: no way',
  );
  t.is(
    await failure(t, { ...patient, shell: program('exit 2') }),
    'the shell on the host did not start: it ended at once with code 2, as shells do when no further process can be started there',
  );
});

const withNamespaces = missingNamespaces() === undefined ? test : test.skip;

withNamespaces('a host without /proc is told that it is needed', async (t) => {
  // What stands for such a host, e.g. a login in a directory of its own (ChrootDirectory).
  const enter = 'unshare --map-root-user --mount sh -c \'mount -t tmpfs none /proc && exec /bin/sh "$@"\' sh';
  t.is(
    await failure(t, { ...patient, shell: program(`exec ${enter} "$@"`) }),
    'the shell on the host did not start: /proc is needed, and is not there',
  );
});

test('sudo that does not become anybody in time is shown with its words; the login is not blamed', async (t) => {
  const connection = createConnection(local);
  t.teardown(() => connection.close());
  const exe = program('echo "cannot look up h" >&2; sleep 1000');
  await t.throwsAsync(connection.run({ script: 'true', become: { method: 'sudo', user: 'root', exe } }), {
    name: 'BecomeError',
    message:
      'Timed out waiting for sudo to become root within 4 s (-T or ansible_timeout allows more): sudo said: cannot look up h',
  });
});

const missing = missingSshd();
const withSshd = missing ? test.skip : test;

for (const [what, command, words] of [
  ['copies', 'cat', 'did not run it, and printed what it was sent'],
  ['waits', 'sh -c "echo HELLO; read x; read y; read z; cat >/dev/null"', 'said: HELLO'],
] as const) {
  withSshd(`a login that ${what} and never runs the command, with and without become`, async (t) => {
    const sshd = await startSshd([`ForceCommand ${command}`]);
    t.teardown(() => {
      sshd.stop();
      rmSync(sshd.folder, { recursive: true, force: true });
    });
    const settings = { ...sshd.settings, connectTimeoutSeconds: 8 };
    const message = await failure(t, settings);
    t.is(message, `${late.replace('2 s', '8 s')} ${words}`);
    const become = { become: { method: 'sudo', user: 'root' } };
    t.regex(await failure(t, settings, become), /did not start within 8 s .*: the login (said: HELLO|did not run it)/);
  });
}

withSshd('start-up files are read once, by the login, and may read a line', async (t) => {
  const sshd = await startSshd([`SetEnv HOME=${folder} BASH_ENV=${folder}/env`]);
  t.teardown(() => {
    sshd.stop();
    rmSync(sshd.folder, { recursive: true, force: true });
  });
  const log = join(folder, 'log');
  writeFileSync(join(folder, 'env'), `echo env >>${log}\n`);
  for (const text of ['true', 'set -e', 'kill() { echo oops; }', 'read -t 1 line']) {
    writeFileSync(join(folder, '.bashrc'), `echo read >>${log}\n${text}\n`);
    rmSync(log, { force: true });
    for (const shell of ['/bin/sh', '/bin/bash']) {
      const connection = createConnection({ ...sshd.settings, shell });
      t.is((await connection.run({ script: 'echo fine' })).stdout, 'fine\n', text);
      await connection.close();
    }
    // A login shell that is not bash reads none.
    if (existsSync(log)) t.is(readFileSync(log, 'utf8'), 'read\nread\n', text);
  }
});
