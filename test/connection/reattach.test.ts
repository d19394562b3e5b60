import { spawnSync } from 'node:child_process';
import { closeSync, existsSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { CommandTimeout, type Connection, Unreachable } from '../../runner/connection/connection.ts';
import { createConnection } from '../../runner/connection/create.ts';
import { checkBackground, checkCommands, checkDaemon, checkTimeout, mark, runner } from './commands.ts';
import { startProxy, type TestProxy } from './proxy.ts';
import { missingSshd, startSshd, type TestSshd } from './sshd.ts';

const missing = missingSshd();
// One after the other, since all jobs of a user stand in one directory.
const withSshd = missing ? test.skip : test.serial;
let sshd: TestSshd;

test.before(async (t) => {
  if (missing) t.log(`SKIPPED: ${missing}`);
  else sshd = await startSshd(['MaxStartups 100']);
});
test.after.always(() => {
  sshd?.stop();
  // Where late frames may come an empty directory stays for a while; its guard ends with it.
  for (const name of jobs()) rmSync(join('/tmp', name), { recursive: true });
});

/** A connection through a proxy, whose shell is there already, and a directory for what commands do. */
interface Ground {
  readonly connection: Connection;
  readonly proxy: TestProxy;
  readonly folder: string;
  /** sh text that counts a run of a command. */
  readonly count: string;
  /** How often the command ran. */
  runs(): number;
}

async function prepare(t: ExecutionContext, shell?: string): Promise<Ground> {
  const folder = mkdtempSync(join(tmpdir(), 'kplay-reattach-'));
  const proxy = await startProxy(sshd.port);
  const settings = { ...sshd.settings, port: proxy.port, hostKeyChecking: false, shell };
  const connection = createConnection(settings);
  t.teardown(async () => {
    proxy.onRequest = proxy.onAnswer = () => 'pass';
    await connection.close();
    proxy.stop();
    rmSync(folder, { recursive: true });
  });
  await connection.run({ script: 'exit 0' });
  const file = join(folder, 'count');
  return {
    connection,
    proxy,
    folder,
    count: `echo run >>${file}`,
    runs: () => (existsSync(file) ? readFileSync(file, 'utf8').split('\n').length - 1 : 0),
  };
}

/** Makes a named pipe; what is returned lets a command go on that reads from it, now or later. */
function gate(t: ExecutionContext, pipe: string): () => void {
  spawnSync('mkfifo', [pipe]);
  // Open for both, so that nobody waits for the other side.
  const descriptor = openSync(pipe, 'r+');
  t.teardown(() => closeSync(descriptor));
  return () => {
    writeSync(descriptor, 'go on\n');
  };
}

/** Waits until something is so. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 50));
}

/** The jobs of this run of the tests; others may be under way on this machine. */
const jobs = () => readdirSync('/tmp').filter((name) => name.startsWith(`.kplay-job-${process.pid}-`));

for (const shell of ['/bin/sh', '/bin/bash'].filter((path) => existsSync(path))) {
  withSshd(
    `a connection that breaks while a command runs: its result is whole, and taken once (${shell})`,
    async (t) => {
      const { connection, proxy, folder, count, runs } = await prepare(t, shell);
      const pipe = join(folder, 'pipe');
      const release = gate(t, pipe);
      let shown = '';
      let cut = false;
      const result = await connection.run({
        script: `${count}; echo begun; echo warning >&2; cat; read word <${pipe}; echo "$word"; pwd; echo "$A"; exit 3`,
        stdin: 'given\n',
        environment: { A: "it's" },
        reattachSeconds: 60,
        onOutput: (_stream, text) => {
          shown += text;
          if (!shown.includes('given\n') || !shown.includes('warning\n') || cut) return;
          cut = true;
          proxy.onConnection = () => {
            release();
            return true;
          };
          proxy.cut();
        },
      });
      const home = (await connection.run({ script: 'pwd' })).stdout;
      t.deepEqual(result, { rc: 3, stdout: `begun\ngiven\ngo on\n${home}it's\n`, stderr: 'warning\n' });
      t.is(shown.length, result.stdout.length + result.stderr.length);
      t.is(runs(), 1);
    },
  );
}

withSshd('commands that would be found again behave as all others do', async (t) => {
  const { connection, folder } = await prepare(t);
  const run = runner(connection, { reattachSeconds: 30 });
  await checkCommands(t, run);
  await checkBackground(t, run, folder);
  await checkDaemon(t, run);
  await checkTimeout(t, run, mark(7322));
});

withSshd('a connection that breaks before the command arrives: it runs over the next one', async (t) => {
  const { connection, proxy, count, runs } = await prepare(t);
  proxy.onRequest = () => {
    proxy.onRequest = () => 'pass';
    return 'break';
  };
  const stdin = Buffer.alloc(300_000, 'x');
  const result = await connection.run({ script: `${count}; wc -c`, stdin, reattachSeconds: 60 });
  t.deepEqual(result, { rc: 0, stdout: '300000\n', stderr: '' });
  t.is(runs(), 1);
});

withSshd('a command that arrives late, when it has run over the next connection, does not run again', async (t) => {
  const { connection, proxy, count, runs } = await prepare(t);
  proxy.onRequest = () => {
    proxy.onRequest = () => 'pass';
    return 'keep';
  };
  const before = jobs();
  const { stdout } = await connection.run({ script: `${count}; echo done`, reattachSeconds: 3 });
  t.is(stdout, 'done\n');
  t.is(runs(), 1);
  // What tidies up after the command comes first.
  await connection.run({ script: 'exit 0' });
  await proxy.deliver();
  // Whatever the late frame has started is over when no job is left.
  await until(() => jobs().every((name) => before.includes(name)));
  t.is(runs(), 1);
});

withSshd('a connection that breaks when the command has ended, and its result is on the way', async (t) => {
  const { connection, proxy, folder, count, runs } = await prepare(t);
  const ended = join(folder, 'ended');
  proxy.onAnswer = () => {
    if (!existsSync(ended)) return 'pass';
    proxy.onAnswer = () => 'pass';
    return 'break';
  };
  const script = `${count}; echo out; echo err >&2; : >${ended}; exit 5`;
  const result = await connection.run({ script, reattachSeconds: 60 });
  t.deepEqual(result, { rc: 5, stdout: 'out\n', stderr: 'err\n' });
  t.is(runs(), 1);
});

withSshd('a connection that breaks while much output is on the way, twice', async (t) => {
  const { connection, proxy, count, runs } = await prepare(t);
  let bytes = 0;
  let next = 500_000;
  proxy.onAnswer = (chunk) => {
    bytes += chunk.length;
    if (bytes < next || next > 2_000_000) return 'pass';
    next += 1_000_000;
    return 'break';
  };
  const numbers = 'i=0; while [ $i -lt 200000 ]; do echo "line $i"; i=$((i+1)); done';
  const result = await connection.run({ script: `${count}; ${numbers}; echo last >&2; exit 1`, reattachSeconds: 60 });
  const expected = Array.from({ length: 200_000 }, (_, index) => `line ${index}\n`).join('');
  t.is(result.stdout.length, expected.length);
  t.true(result.stdout === expected);
  t.is(result.stderr, 'last\n');
  t.is(result.rc, 1);
  t.is(runs(), 1);
});

withSshd('a connection that breaks when the result has been taken', async (t) => {
  const { connection, proxy, count, runs } = await prepare(t);
  const before = jobs();
  const first = await connection.run({
    script: `${count}; echo done`,
    reattachSeconds: 2,
    onOutput: () => {
      proxy.onRequest = () => {
        proxy.onRequest = () => 'pass';
        return 'break';
      };
    },
  });
  t.is(first.stdout, 'done\n');
  t.is((await connection.run({ script: 'echo next', reattachSeconds: 2 })).stdout, 'next\n');
  t.is(runs(), 1);
  await connection.close();
  await until(() => jobs().every((name) => before.includes(name)));
});

withSshd("a session whose sshd is killed: the command goes on, and a file's transfer begins again", async (t) => {
  const { connection, proxy, folder, count, runs } = await prepare(t);
  const server = await connection.run({
    script:
      'p=$$; until read n </proc/$p/comm; [ "$n" = sshd ] || [ "$n" = sshd-session ]; do read l </proc/$p/stat; set -- ${l##*) }; p=$2; done; echo $p',
  });
  const pipe = join(folder, 'pipe');
  const release = gate(t, pipe);
  let made = 0;
  proxy.onConnection = () => {
    made += 1;
    release();
    return true;
  };
  const result = await connection.run({
    script: `${count}; echo begun; read word <${pipe}; echo "$word"`,
    reattachSeconds: 60,
    onOutput: (_stream, text) => {
      if (text === 'begun\n') process.kill(Number(server.stdout), 'SIGKILL');
    },
  });
  t.deepEqual(result, { rc: 0, stdout: 'begun\ngo on\n', stderr: '' });
  t.is(runs(), 1);
  t.is(made, 1);

  proxy.onConnection = () => true;
  let sent = 0;
  proxy.onRequest = (bytes) => {
    sent += bytes.length;
    if (sent < 1_000_000) return 'pass';
    proxy.onRequest = () => 'pass';
    return 'break';
  };
  const bytes = Buffer.alloc(3_000_000, 'file');
  await connection.send(bytes, join(folder, 'file'), {}, undefined, 60);
  t.true(readFileSync(join(folder, 'file')).equals(bytes));
});

withSshd('what only reads is asked for again', async (t) => {
  const { connection, proxy } = await prepare(t);
  proxy.onRequest = () => {
    proxy.onRequest = () => 'pass';
    return 'break';
  };
  const before = jobs();
  const { stdout } = await connection.run({ script: 'echo read', repeatable: true, reattachSeconds: 60 });
  t.is(stdout, 'read\n');
  // Other tests of this file have jobs at the same time.
  await until(() => jobs().every((name) => before.includes(name)));
  t.pass();
});

withSshd('nobody comes back: the command is ended, and nothing of it stays', async (t) => {
  const { connection, proxy, folder } = await prepare(t);
  const running = join(folder, 'running');
  const before = jobs();
  const error = await t.throwsAsync(
    connection.run({
      script: `trap "" TERM; echo $$ >${running}; echo begun; while :; do sleep 0.2; done`,
      reattachSeconds: 2,
      onOutput: () => {
        proxy.onConnection = () => false;
        proxy.cut();
      },
    }),
    { instanceOf: Unreachable, message: /lost: .*; it did not come back within 2 s \(ansible_kplay_reattach\)/ },
  );
  t.truthy(error);
  const job = readFileSync(running, 'utf8').trim();
  await until(() => !isRunning(job));
  await until(() => jobs().every((name) => before.includes(name)));
});

withSshd('time limits and the end of the connection end it at once', async (t) => {
  const { connection, folder } = await prepare(t);
  const running = join(folder, 'running');
  const script = `echo $$ >${running}; echo begun; sleep 7321; echo not`;
  const late = await t.throwsAsync(connection.run({ script, timeoutSeconds: 0.5, reattachSeconds: 60 }), {
    instanceOf: CommandTimeout,
  });
  t.is(late.stdout, 'begun\n');
  t.false(isRunning(readFileSync(running, 'utf8').trim()));

  const before = jobs();
  const closed = t.throwsAsync(
    connection.run({ script, reattachSeconds: 60, onOutput: () => void connection.close() }),
    { instanceOf: Unreachable, message: /closed before the command had ended/ },
  );
  await closed;
  await connection.close();
  const job = readFileSync(running, 'utf8').trim();
  await until(() => !isRunning(job));
  await until(() => jobs().every((name) => before.includes(name)));
});

/** Whether a process is there, and is more than what nobody has waited for. */
function isRunning(pid: string): boolean {
  try {
    return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}
