import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { BecomeError } from '../../runner/connection/become.ts';
import type { Become } from '../../runner/connection/connection.ts';
import { createConnection } from '../../runner/connection/create.ts';
import { temporaryDirectory } from '../temporary.ts';

// What programs that become another user say and are given, with stand-ins for those that cannot be there everywhere.

const folder = temporaryDirectory('kplay-become');
let programs = 0;

function program(text: string): string {
  const path = join(folder, `program-${++programs}`);
  writeFileSync(path, `#!/bin/sh\n${text}\n`, { mode: 0o755 });
  return path;
}

async function become(how: Become): Promise<string> {
  const settings = { kind: 'local', host: 'localhost', connectTimeoutSeconds: 60, hostKeyChecking: true } as const;
  const connection = createConnection(settings);
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

for (const [method, says, message] of [
  [
    'sudo',
    `until [ "$1" = -u ]; do shift; done; shift 2; echo "Sorry, user me is not allowed to execute '$*' as root on h."`,
    /^sudo did not let us become root: Sorry, user me is not allowed to execute '\/bin\/sh -c …' as root on h\. \(.*sudoers has to allow\)$/,
  ],
  ['sudo', 'echo "sudo: sorry, you must have a tty to run sudo"', /must have a tty to run sudo \(.*!requiretty.*\)$/],
  [
    'doas',
    'echo "doas: Authentication required"',
    /^doas did not let us become root: doas: Authentication required \(.*nopass/,
  ],
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
