import type { ExecutionContext } from 'ava';
import {
  type CommandResult,
  CommandTimeout,
  type Connection,
  type RunRequest,
} from '../../runner/connection/connection.ts';
import { quote } from '../../runner/connection/quote.ts';
import { decode } from '../../runner/python/bytes.ts';

/** Runs a script with a connection whose other settings a test has fixed. */
export type Run = (request: string | RunRequest) => Promise<CommandResult>;

/** Makes {@link Run} for a connection. */
export function runner(connection: Connection, extra: Partial<RunRequest> = {}): Run {
  return (request) => connection.run({ ...extra, ...(typeof request === 'string' ? { script: request } : request) });
}

/** Starts a command that goes on after it has printed something; settles when it has. */
export async function begin(
  connection: Connection,
  script: string,
  extra: Partial<RunRequest> = {},
): Promise<{ readonly result: Promise<CommandResult> }> {
  let result: Promise<CommandResult> | undefined;
  await new Promise<void>((resolve, reject) => {
    result = connection.run({ ...extra, script: `echo begun; ${script}`, onOutput: () => resolve() });
    result.catch(reject);
  });
  return { result: result! };
}

/** What a shell can do or cannot. */
export interface ShellCan {
  /** Whether it takes texts that are no UTF-8. */
  readonly bytes: boolean;
}

const allThings: ShellCan = { bytes: true };

/** What holds for every transport, shell and identity: whatever a command does, its result is clear and the next one works. */
export async function checkCommands(t: ExecutionContext, run: Run, can = allThings): Promise<void> {
  const equal = async (request: string | RunRequest, expected: CommandResult) => {
    const text = typeof request === 'string' ? request : request.script;
    t.deepEqual(await run(request), expected, text.slice(0, 200));
  };
  const silent = { stdout: '', stderr: '' };
  await equal('echo out; echo err >&2; exit 3', { rc: 3, stdout: 'out\n', stderr: 'err\n' });
  await equal('printf "no newline"', { rc: 0, stdout: 'no newline', stderr: '' });
  await equal("echo 'it'\\''s'\n\necho \"two  spaces\"\n# comment", {
    rc: 0,
    stdout: "it's\ntwo  spaces\n",
    stderr: '',
  });
  await equal('printf "grüße \\303\\201 %s\\n" "a\\\\b"', { rc: 0, stdout: 'grüße Á a\\b\n', stderr: '' });

  // Standard input is the command's own: nothing, text, bytes, much, and more than is read.
  await equal('cat', { rc: 0, ...silent });
  await equal({ script: 'cat; exit 4', stdin: "hällo\nit's" }, { rc: 4, stdout: "hällo\nit's", stderr: '' });
  await equal(
    { script: 'od -An -tx1', stdin: Buffer.from([0, 1, 255, 10, 0]) },
    { rc: 0, stdout: ' 00 01 ff 0a 00\n', stderr: '' },
  );
  await equal({ script: 'wc -c', stdin: Buffer.alloc(3_000_001, 0xe9) }, { rc: 0, stdout: '3000001\n', stderr: '' });
  await equal({ script: 'exit 9', stdin: Buffer.alloc(1_000_000) }, { rc: 9, ...silent });
  await equal({ script: 'exec true', stdin: 'x'.repeat(30_000) }, { rc: 0, ...silent });

  // Scripts of any size, and an environment that is not on a command line.
  await equal(`: ${'x'.repeat(6000)}\necho big`, { rc: 0, stdout: 'big\n', stderr: '' });
  await equal(`: '${'ä\n'.repeat(700_000)}'\necho huge`, { rc: 0, stdout: 'huge\n', stderr: '' });
  await equal(
    { script: 'echo "$A|$B"', environment: { A: "it's\nnew", B: '$HOME' } },
    { rc: 0, stdout: "it's\nnew|$HOME\n", stderr: '' },
  );
  t.is((await run('echo "${A-unset}"')).stdout, 'unset\n');

  // What texts find: kplay's functions, and system tools where they are asked for.
  await equal('kplay_print "a\\b"', { rc: 0, stdout: 'a\\b', stderr: '' });
  const environment = { PATH: '/usr/bin:/bin:/usr/sbin' };
  const path = { script: 'env | grep ^PATH=', environment };
  await equal(path, { rc: 0, stdout: `PATH=${environment.PATH}\n`, stderr: '' });
  const longer = `PATH=${environment.PATH}:/usr/local/sbin:/sbin\n`;
  await equal({ ...path, systemTools: true }, { rc: 0, stdout: longer, stderr: '' });
  await equal({ ...path, stdin: 'x'.repeat(40_000), systemTools: true }, { rc: 0, stdout: longer, stderr: '' });

  if (can.bytes) await checkBytes(t, equal);

  // What it does to itself touches nothing else.
  await equal('cd /; umask 000; set -e; trap "echo bye" EXIT; false; echo not', { rc: 1, stdout: 'bye\n', stderr: '' });
  t.notRegex((await run('pwd; umask')).stdout, /^\/\n|0000$/);
  await equal('exec 0<&- >&- 2>&-; exit 5', { rc: 5, ...silent });
  await equal('exec sh -c "exit 6"', { rc: 6, ...silent });
  // Shells differ in the code.
  const wrong = await run('if then (');
  t.true(wrong.rc > 0 && wrong.stderr !== '');
  t.is((await run('set')).rc, 0);

  // Output that looks like ours, and much of it.
  await equal('printf "\\036\\036abc 0 -\\n\\036"; printf "\\036" >&2', {
    rc: 0,
    stdout: '\x1e\x1eabc 0 -\n\x1e',
    stderr: '\x1e',
  });
  t.is(
    (await run('head -c 5000000 /dev/zero | tr "\\0" x; head -c 3000000 /dev/zero | tr "\\0" y >&2')).stderr.length,
    3_000_000,
  );
  await equal('echo out >/dev/stdout; echo err >/dev/stderr', { rc: 0, stdout: 'out\n', stderr: 'err\n' });

  // Signals, and attempts at its own shell.
  await equal("exec sh -c 'kill -9 $$'", { rc: 137, ...silent });
  const group = await run('kill 0; sleep 9');
  // ksh93 exits with the signal's number.
  t.true(group.rc === 143 || group.rc === 15);
  // posh has no kill of its own, and tells how it ended.
  t.regex(group.stderr, /^(Terminated\s*)?$/);
  await equal('sh -c "kill -INT \\$\\$; echo not"', { rc: 130, ...silent });
  const killed = await run('kill -9 $kplay_keeper; sleep 0.2');
  t.is(killed.rc, 137);
  t.regex(killed.stderr, /the shell that ran this command was killed/);
  await equal('echo alive', { rc: 0, stdout: 'alive\n', stderr: '' });
}

/** Bytes that are no UTF-8, in whatever a command is made of and prints. */
async function checkBytes(
  t: ExecutionContext,
  equal: (request: string | RunRequest, expected: CommandResult) => Promise<void>,
): Promise<void> {
  const all = decode(Buffer.from(Array.from({ length: 255 }, (_, index) => index + 1)));
  const printed = { rc: 0, stdout: all, stderr: '' };
  await equal(`printf %s ${quote(all)}`, printed);
  await equal(`: ${'x'.repeat(6000)}; printf %s ${quote(all)}`, printed);
  await equal({ script: 'cat', stdin: all }, printed);
  await equal({ script: 'printf %s "$A"', environment: { A: all } }, printed);
  await equal("printf '\\303'; exec cat", { rc: 0, stdout: '\udcc3', stderr: '' });
  const pieces: string[] = [];
  const onOutput = (_stream: string, text: string) => void pieces.push(text);
  await equal(
    { script: "printf '\\303'; sleep 0.1; printf '\\251\\351\\303'", onOutput },
    { rc: 0, stdout: 'é\udce9\udcc3', stderr: '' },
  );
  t.is(pieces.join(''), 'é\udce9');
}

/** A process left behind goes on, and what it prints later is in nobody's result. */
export async function checkBackground(t: ExecutionContext, run: Run, folder: string): Promise<void> {
  const file = `${folder}/background`;
  const late = `sleep 0.4; echo late; echo late >&2; echo done >${file}`;
  t.deepEqual(await run(`{ ${late}; } & echo started`), { rc: 0, stdout: 'started\n', stderr: '' });
  t.deepEqual(await run(`until [ -s ${file} ]; do sleep 0.1; done; echo clean`), {
    rc: 0,
    stdout: 'clean\n',
    stderr: '',
  });
  t.is((await run(`cat ${file}; rm ${file}`)).stdout, 'done\n');
}

/** A daemon that left the session but kept the output does not reach the next results either. */
export async function checkDaemon(t: ExecutionContext, run: Run): Promise<void> {
  t.is((await run('setsid sh -c "sleep 0.4; echo late; echo late >&2" & sleep 0.1')).rc, 0);
  t.deepEqual(await run('sleep 0.8; echo clean'), { rc: 0, stdout: 'clean\n', stderr: '' });
}

/** A command that takes too long is ended with all its children, also one that ignores TERM. */
export async function checkTimeout(t: ExecutionContext, run: Run, seconds: number): Promise<void> {
  const error = await t.throwsAsync(
    run({
      script: `echo begun; sleep ${seconds}.5 & trap "" TERM; sleep ${seconds}.25; sleep ${seconds}.75`,
      timeoutSeconds: 2,
    }),
    { instanceOf: CommandTimeout },
  );
  t.is(error?.stdout, 'begun\n');
  t.is((await run(remaining(seconds))).stdout, '0\n');
}

/**
 * Seconds for `sleep` by which a test's processes are told from those of other tests (by `name`), and of other runs of the tests
 * on this machine.
 */
export function mark(name: number): number {
  return name * 1e9 + process.pid;
}

/** sh text that counts processes `sleep SECONDS.…`. */
export function remaining(seconds: number): string {
  return `n=0; for f in /proc/[0-9]*/cmdline; do c=$(tr '\\0' ' ' 2>/dev/null <$f) && case $c in "sleep ${seconds}."*) n=$((n+1));; esac; done; echo $n`;
}
