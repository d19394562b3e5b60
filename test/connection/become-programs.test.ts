import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { BecomeError } from '../../runner/connection/become.ts';
import type { Become, Connection } from '../../runner/connection/connection.ts';
import { createConnection } from '../../runner/connection/create.ts';
import { quote } from '../../runner/connection/quote.ts';
import { temporaryDirectory } from '../temporary.ts';
import { hostShells, missingNamespaces, missingShell, placeShell } from './host-shells.ts';
import { pathWithout } from './ways.ts';

// What programs that become another user say and are given, with stand-ins for those that cannot be there everywhere.

const folder = temporaryDirectory('kplay-become');
let programs = 0;

function program(text: string): string {
  const path = join(folder, `program-${++programs}`);
  writeFileSync(path, `#!/bin/sh\n${text}\n`, { mode: 0o755 });
  return path;
}

const settings = { kind: 'local', host: 'localhost', connectTimeoutSeconds: 60, hostKeyChecking: true } as const;

async function become(how: Become, environment = process.env): Promise<string> {
  const connection = createConnection(settings, { environment });
  try {
    return (await connection.run({ script: 'echo "$BECAME"', become: how })).stdout;
  } finally {
    await connection.close();
  }
}

/** Runs what it is given as a command, behind options that begin with a dash, of which these take a word. */
const runCommand = (taking: string) =>
  `while :; do case $1 in ${taking}) shift 2;; -*) shift;; *) break;; esac; done; BECAME=yes exec "$@"`;

/** As sudo-rs 0.2 asks. */
const sudoRs = program(`
case " $* " in *" -n "*) echo "sudo: interactive authentication is required" >&2; exit 1;; esac
printf "[sudo: %s] Password: " "$(echo "$*" | sed "s/.*-p \\([^ ]*\\) .*/\\1/")" >&2
read -r word; [ "$word" = right ] || { echo "sudo: Authentication failed, try again." >&2; echo "sudo: maximum 1 incorrect authentication attempts" >&2; exit 1; }
${runCommand('-p|-u')}`);

test('sudo-rs, which wraps the prompt that it is given', async (t) => {
  const how = { method: 'sudo', user: 'root', exe: sudoRs } as const;
  t.is(await become({ ...how, password: 'right' }), 'yes\n');
  await t.throwsAsync(become({ ...how, password: 'wrong' }), {
    instanceOf: BecomeError,
    message: 'Incorrect sudo password',
  });
  await t.throwsAsync(become(how), { instanceOf: BecomeError, message: 'Missing sudo password' });
});

test('run0 and doas are told not to ask', async (t) => {
  const log = join(folder, 'log');
  const exe = program(`printf "%s " "$@" >${log}; ${runCommand('-u')}`);
  t.is(await become({ method: 'run0', user: 'some one', flags: '--nice=1', exe }), 'yes\n');
  t.true(readFileSync(log, 'utf8').startsWith('--nice=1 --no-ask-password --user=some one /bin/sh -c '));
  t.is(await become({ method: 'doas', user: 'other', exe }), 'yes\n');
  t.true(readFileSync(log, 'utf8').startsWith('-n -u other /bin/sh -c '));
});

/** Ends with these words where it has no terminal. */
const unlessTerminal = (words: string) => `(: </dev/tty) 2>/dev/null || { echo "${words}" >&2; exit 1; }`;

const missingScript = spawnSync('script', ['-V']).error ? 'script (Debian: bsdutils) is not installed' : undefined;
const places = hostShells.map((shell) => ({
  shell,
  missing: missingScript ?? missingShell(shell) ?? missingNamespaces(),
}));

/** Declares a test for each sh that a host may have. */
function withShells(title: string, check: (t: ExecutionContext, connection: Connection) => Promise<void>) {
  for (const { shell, missing } of places) {
    if (missing) test.skip(`${title}, with ${shell.name}: ${missing}`, () => {});
    else
      test(`${title}, with ${shell.name}`, async (t) => {
        const connection = createConnection({ ...settings, shell: placeShell({ shell, asSh: true }, folder).path });
        t.teardown(() => connection.close());
        await check(t, connection);
      });
  }
}

const wantsTerminal = program(
  `${unlessTerminal('sudo: sorry, you must have a tty to run sudo')}; ${runCommand('-p|-u')}`,
);

withShells('a sudo that wants a terminal gets one, and its streams stay as they are', async (t, connection) => {
  const how = { method: 'sudo', user: 'root', exe: wantsTerminal } as const;
  const script = 'echo err >&2; [ -t 0 ] || [ -t 1 ] || [ -t 2 ] || echo "$BECAME"; od -An -tx1; exit 3';
  const stdin = Buffer.from([0, 3, 4, 13, 10, 255]);
  const result = { rc: 3, stdout: 'yes\n 00 03 04 0d 0a ff\n', stderr: 'err\n' };
  t.deepEqual(await connection.run({ script, stdin, become: how }), result);
  t.is((await connection.run({ script: 'kill -9 $kplay_keeper; sleep 1', become: how })).rc, 137);
  t.deepEqual(await connection.run({ script, stdin, become: how }), result);
  const umask = (become?: Become) => connection.run({ script: 'umask', become });
  t.is((await umask(how)).stdout, (await umask()).stdout);
});

const password = "it's \\ right";
const asking = program(`
case " $* " in *" -n "*) echo "doas: Authentication required" >&2; exit 1;; esac
${unlessTerminal('doas: a tty is required')}
printf '\\rdoas (me@h) password: ' >/dev/tty; read -r word </dev/tty; echo >/dev/tty
[ "$word" = ${quote(password)} ] || { echo "doas: Authentication failed" >&2; exit 1; }
${runCommand('-u')}`);

withShells('a doas that asks for a password has it typed', async (t, connection) => {
  const how = { method: 'doas', user: 'root', exe: asking } as const;
  const run = (given: string | undefined) =>
    connection.run({ script: 'echo "$BECAME"; cat', stdin: 'in', become: { ...how, password: given } });
  t.deepEqual(await run(password), { rc: 0, stdout: 'yes\nin', stderr: '' });
  t.deepEqual(await run(password), { rc: 0, stdout: 'yes\nin', stderr: '' });
  await t.throwsAsync(run('wrong'), { instanceOf: BecomeError, message: 'Incorrect doas password' });
  await t.throwsAsync(run(undefined), { instanceOf: BecomeError, message: 'Missing doas password' });
});

withShells('a doas that wants no password after all', async (t, connection) => {
  const exe = program(`
case " $* " in *" -n "*) echo "doas: Authentication required" >&2; exit 1;; esac
${runCommand('-u')}`);
  const how = { method: 'doas', user: 'root', exe, password: 'not asked for' } as const;
  t.deepEqual(await connection.run({ script: 'echo "$BECAME"', become: how }), { rc: 0, stdout: 'yes\n', stderr: '' });
});

test('where nothing makes a terminal, the words say so', async (t) => {
  const exe = program('echo "sudo: sorry, you must have a tty to run sudo" >&2; exit 1');
  const environment = { PATH: pathWithout(folder, 'script') };
  await t.throwsAsync(become({ method: 'sudo', user: 'root', exe }, environment), {
    instanceOf: BecomeError,
    message: /^sudo did not let us become root: sudo: sorry, you must have a tty to run sudo \(.*script.*requiretty/,
  });
});

for (const [method, says, message] of [
  [
    'sudo',
    `until [ "$1" = -u ]; do shift; done; shift 2; echo "Sorry, user me is not allowed to execute '$*' as root on h."`,
    /^sudo did not let us become root: Sorry, user me is not allowed to execute '\/bin\/sh -c …' as root on h\. \(.*sudoers has to allow\)$/,
  ],
  ['sudo', 'echo "sudo: sorry, you must have a tty to run sudo"', /must have a tty to run sudo \(.*!requiretty.*\)$/],
  ['doas', 'echo "doas: Authentication required"', /^Missing doas password$/],
  ['doas', 'echo "doas: Operation not permitted"', /not permitted \(a rule in doas\.conf has to allow it\)$/],
  [
    'run0',
    'echo "Failed to start transient service unit: Interactive authentication required."',
    /required\. \(.*polkit/,
  ],
  ['su', 'echo "su: must be run from a terminal"', /^su did not let us become root: su: must be run from a terminal/],
] as const) {
  test(`${method} that refuses is shown in its own words: ${message}`, async (t) => {
    const exe = program(`exec >&2; ${says}; exit 1`);
    const error = await t.throwsAsync(become({ method, user: 'root', exe }), { instanceOf: BecomeError, message });
    t.notRegex(error?.message ?? '', /kplay-|while IFS/);
  });
}
