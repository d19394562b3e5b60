import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { probePrelude } from '../../modules/shared/probe.ts';
import type { Connection } from '../../runner/connection/connection.ts';
import { createConnection } from '../../runner/connection/create.ts';
import { placeCommand } from '../../runner/module/host-files.ts';
import { temporaryDirectory } from '../temporary.ts';
import { begin, checkBackground, checkCommands, checkDaemon, checkTimeout, runner, type ShellCan } from './commands.ts';
import { hostShells, missingNamespaces, missingShell, placeShell, type ShellPlace } from './host-shells.ts';
import { eventually, pathWithout } from './ways.ts';

// Whatever a host's sh is: commands, copies, signals, daemons and jobs that are found again go right, and nothing stays there.

const folder = temporaryDirectory('kplay-shells');

/** Everything but bash. */
const withoutBash = pathWithout(folder, 'bash');

interface Host {
  readonly connection: Connection;
  /** Checks that nothing stays there. */
  readonly leaveNothing: () => Promise<void>;
  /** The command lines of the program printf there, which a shell that has it built in does not start. */
  readonly printed: () => string;
}

/** A local connection to such a host. */
function hostWith(t: ExecutionContext, place: ShellPlace, bash: boolean, more: NodeJS.ProcessEnv = {}): Host {
  const { path, left } = placeShell(place, folder);
  const settings = { kind: 'local', host: 'localhost', connectTimeoutSeconds: 60, hostKeyChecking: true } as const;
  // What a shell notes at home is for those that see the same processes.
  const home = temporaryDirectory('kplay-shells-home');
  const log = join(home, 'printed');
  writeFileSync(join(home, 'printf'), `#!/bin/dash\necho "$*" >>${log}\nexec /usr/bin/printf "$@"\n`, { mode: 0o755 });
  const environment = { ...process.env, HOME: home, PATH: `${home}:${bash ? process.env.PATH : withoutBash}`, ...more };
  const connection = createConnection({ ...settings, shell: path }, { environment });
  t.teardown(() => connection.close());
  const leaveNothing = async () => {
    await connection.close();
    await eventually(() => left() !== undefined);
    t.is(left(), '');
  };
  return { connection, leaveNothing, printed: () => (existsSync(log) ? readFileSync(log, 'utf8') : '') };
}

/** Files of several sizes go there and back; nothing else is left beside them. */
async function checkFiles(t: ExecutionContext, connection: Connection): Promise<void> {
  const own = temporaryDirectory('kplay-shells-files');
  const file = join(own, "it's a $file\\");
  for (const size of [0, 1, 5000, 300_000, 5_000_000]) {
    const bytes = Buffer.alloc(size, "\0\xff'\n\x1eabc\\", 'latin1');
    await connection.send(bytes, file, { mode: '0640' });
    t.true(readFileSync(file).equals(bytes), `${size} bytes`);
    await connection.send(bytes, file, {});
    await connection.fetch(file, join(own, 'back'));
    t.true(readFileSync(join(own, 'back')).equals(bytes), `${size} bytes back`);
  }
  const made = placeCommand(join(own, 'made'), 'echo made', { mode: '0604', replaces: 'nothing' });
  t.deepEqual(await connection.run({ script: `ulimit -f 20000 2>/dev/null; ${made}` }), {
    rc: 0,
    stdout: '',
    stderr: '',
  });
  t.is(readFileSync(join(own, 'made'), 'utf8'), 'made\n');
  await t.throwsAsync(connection.send(Buffer.alloc(300_000), '/proc/no/file', {}), { name: 'TransferError' });
  await t.throwsAsync(connection.fetch(own, join(own, 'back')), { message: /Is a directory/ });
  t.deepEqual(readdirSync(own).sort(), ['back', "it's a $file\\", 'made'].sort());
}

/** What a command reads is on no command line, however short or odd it is. */
async function checkInput(t: ExecutionContext, { connection, printed }: Host): Promise<void> {
  for (const stdin of ['-n', '-e \\', 'a\\tb\\c', '\\', "%s it's\n\n", '\n', '-- x', '\\\\0101'.repeat(400)])
    t.is((await connection.run({ script: 'cat', stdin })).stdout, stdin, JSON.stringify(stdin.slice(0, 40)));
  const secret = 'what-is-read';
  t.is((await connection.run({ script: 'cat', stdin: secret, environment: { SECRET: secret } })).stdout, secret);
  t.false(printed().includes(secret), printed());
}

async function checkAll(t: ExecutionContext, host: Host, mark: number, can: ShellCan): Promise<void> {
  const { connection } = host;
  const run = runner(connection);
  await checkCommands(t, run, can);
  await checkBackground(t, run, temporaryDirectory('kplay-shells-bg'));
  await checkDaemon(t, run);
  await checkTimeout(t, run, mark);
  await checkFiles(t, connection);
  await checkInput(t, host);
  // mksh has an alias of that name.
  t.is((await run({ script: 'r() { echo ours; }; r' })).stdout, 'ours\n');
  const found = await run({ script: 'cat; echo err >&2; exit 3', stdin: 'in', reattachSeconds: 30 });
  t.deepEqual(found, { rc: 3, stdout: 'in', stderr: 'err\n' });
}

/** What ends in the middle of a command ends there, too. */
async function checkClose(t: ExecutionContext, connection: Connection): Promise<void> {
  const { result } = await begin(connection, 'sleep 7777 & trap "" TERM; sleep 7777; sleep 7777');
  const failure = t.throwsAsync(result, { name: 'Unreachable' });
  await connection.close();
  await failure;
}

const noNamespaces = missingNamespaces();

for (const [index, shell] of hostShells.entries()) {
  const why = missingShell(shell) ?? noNamespaces;
  for (const [number, [title, asSh, bash]] of (
    [
      ['as ansible_shell_executable', false, true],
      ['as /bin/sh', true, true],
      ['as /bin/sh, without bash', true, false],
    ] as const
  ).entries()) {
    if (shell.name === 'bash' && !bash) continue;
    (why ? test.skip : test)(`${shell.name} ${title}${why ? ` (${why})` : ''}`, async (t) => {
      const host = hostWith(t, { shell, asSh }, bash);
      // yash takes all that it reads for characters.
      await checkAll(t, host, 7800 + 10 * index + number, { bytes: shell.name !== 'yash' });
      await checkClose(t, host.connection);
      await host.leaveNothing();
    });
  }
}

const noLocale = Object.fromEntries(
  Object.keys(process.env)
    .filter((name) => /^LC_|^LANG/.test(name))
    .map((name) => [name, undefined]),
);

for (const shell of hostShells) {
  const why = missingShell(shell) ?? noNamespaces;
  (why ? test.skip : test)(
    `${shell.name}: names that are not ASCII, whatever the locale${why ? ` (${why})` : ''}`,
    async (t) => {
      for (const locale of [{}, { LC_ALL: 'C' }, { LANG: 'POSIX', LC_CTYPE: 'C' }]) {
        const { connection, leaveNothing } = hostWith(t, { shell, asSh: true }, false, { ...noLocale, ...locale });
        const own = temporaryDirectory('kplay-shells-names');
        await connection.send(Buffer.from('text'), join(own, 'ünï'), {});
        const inner = 'find . -type f -exec sh -c \'for f; do [ -s "$f" ] && printf "%s\\n" "$f"; done\' sh {} +';
        const script = `cd ${own}; printf '%s\n' grüße *; ${probePrelude}${inner}; printf '%s\n' *`;
        t.deepEqual(await connection.run({ script }), { rc: 0, stdout: 'grüße\nünï\n./ünï\nünï\n', stderr: '' });
        await leaveNothing();
      }
    },
  );
}

const strace = spawnSync('strace', ['-V']).error ? 'strace is not installed' : undefined;
const ksh93 = hostShells.find(({ name }) => name === 'ksh93')!;
const whyNotSlow = missingShell(ksh93) ?? strace;

(whyNotSlow ? test.skip : test)(
  `ksh93: a signal for the group that comes while it forks does not end its waiting${whyNotSlow ? ` (${whyNotSlow})` : ''}`,
  async (t) => {
    // What it does in the parent, once it has forked, begins with this call.
    const late = '-DDD -f -o /dev/null -e trace=fchdir -e inject=fchdir:delay_enter=5000';
    const slow = join(temporaryDirectory('kplay-shells-slow'), 'shell');
    writeFileSync(slow, `#!/bin/sh\nexec strace ${late} ${ksh93.path} "$@"\n`, { mode: 0o755 });
    const settings = { kind: 'local', host: 'localhost', connectTimeoutSeconds: 60, hostKeyChecking: true } as const;
    const connection = createConnection({ ...settings, shell: slow });
    t.teardown(() => connection.close());
    const script = `exec ${ksh93.path} -c 'trap "" TERM; kill -TERM 0; sleep 0.02; exit 5'`;
    for (let n = 0; n < 20; n++) t.deepEqual(await connection.run({ script }), { rc: 5, stdout: '', stderr: '' });
  },
);
