import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { type CommandResult, type Connection, Unreachable } from '../../runner/connection/connection.ts';
import { createConnection } from '../../runner/connection/create.ts';
import { temporaryDirectory } from '../temporary.ts';
import {
  eventually,
  hasEnded,
  hasToLook,
  isStopped,
  keeperOf,
  pathWithout,
  processesOf,
  processesWith,
  type ShellProcesses,
} from './ways.ts';

// The orders in which the events of a shell can come (runner/connection/PROTOCOL.md), made by stopping and ending its processes.

const folder = temporaryDirectory('kplay-orders');

const fine: CommandResult = { rc: 0, stdout: 'fine\n', stderr: '' };

/** Connections of one test, whose processes are known by their environment. */
class Hosts {
  static #count = 0;
  readonly #t: ExecutionContext;
  readonly #path: string;
  readonly #mark = `${process.pid}.${++Hosts.#count}`;
  readonly #shell: string;
  readonly #connections: Connection[] = [];

  constructor(t: ExecutionContext, path: string, shell = '/bin/sh') {
    this.#t = t;
    this.#shell = shell;
    this.#path = path;
    t.teardown(() => this.close());
  }

  add(): Host {
    const number = `${this.#mark}.${this.#connections.length}`;
    const environment = {
      ...process.env,
      PATH: this.#path,
      // Who sees no processes but its own (quietShell) takes the notes of others in this home for notes of dead shells.
      HOME: folder,
      KPLAY_TEST_ORDERS: this.#mark,
      KPLAY_TEST_HOST: number,
    };
    const settings = { kind: 'local', host: 'localhost', connectTimeoutSeconds: 60, hostKeyChecking: true } as const;
    const connection = createConnection({ ...settings, shell: this.#shell }, { environment });
    this.#connections.push(connection);
    const file = join(folder, `noted-${this.#mark}-${this.#connections.length}`);
    return {
      connection,
      keeper: () => keeperOf(processesWith(`KPLAY_TEST_HOST=${number}`)),
      note: `echo noted >>${file}`,
      noted: () => (existsSync(file) ? readFileSync(file, 'utf8').split('\n').length - 1 : 0),
    };
  }

  async close(): Promise<void> {
    await Promise.all(this.#connections.map((connection) => connection.close()));
  }

  /** Closes the connections, and sees that no process of theirs stays. */
  async leaveNothing(): Promise<void> {
    await this.close();
    const variable = `KPLAY_TEST_ORDERS=${this.#mark}`;
    const gone = await eventually(() => processesWith(variable).length === 0);
    this.#t.true(gone, processesWith(variable).join('\n'));
  }
}

interface Host {
  readonly connection: Connection;
  /** The keeper's process id here, when the connection's shell is in a process namespace of its own. */
  readonly keeper: () => number;
  /** sh text that notes that it was run. */
  readonly note: string;
  /** How often the note was taken. */
  readonly noted: () => number;
}

/** Where the processes of others come and go, the keeper has much to look for; in a namespace there are none. */
const quietShell = ((): string => {
  const namespace = ['--user', '--map-root-user', '--pid', '--fork', '--mount-proc'];
  if (spawnSync('unshare', [...namespace, 'true']).status !== 0) return '/bin/sh';
  const path = join(folder, 'sh');
  const text = `#!/bin/sh\nif [ "$KPLAY_TEST_INSIDE" ]; then exec /bin/sh "$@"; fi\nKPLAY_TEST_INSIDE=1 exec unshare ${namespace.join(' ')} /bin/sh "$@"\n`;
  writeFileSync(path, text, { mode: 0o755 });
  return path;
})();

/** Stops a process, and lets it go on when the test is over. */
async function stop(t: ExecutionContext, pid: number): Promise<void> {
  process.kill(pid, 'SIGSTOP');
  t.teardown(() => resume(pid));
  t.true(await eventually(() => isStopped(pid)));
}

function resume(pid: number): void {
  try {
    process.kill(pid, 'SIGCONT');
  } catch {} // It has ended.
}

/**
 * Does something with a new host whose keeper is stopped. Where a process of somebody else's made the keeper's part necessary
 * meanwhile, the attempt does not count, and another host is taken.
 */
async function withKeeperStopped(
  t: ExecutionContext,
  hosts: Hosts,
  action: (host: Host) => Promise<void>,
): Promise<{ readonly host: Host; readonly keeper: number }> {
  for (;;) {
    const host = hosts.add();
    await host.connection.run({ script: 'true' });
    const keeper = host.keeper();
    await stop(t, keeper);
    let over = false;
    const done = action(host).then(() => {
      over = true;
      return true;
    });
    const disturbed = eventually(() => over || hasToLook(keeper)).then(() => over);
    if (await Promise.race([done, disturbed])) return { host, keeper };
    resume(keeper);
    await done;
  }
}

async function kill(t: ExecutionContext, pid: number): Promise<void> {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {} // A runner ends by itself when the keeper has to look.
  t.true(await eventually(() => hasEnded(pid)));
}

function saysKilled(result: CommandResult): boolean {
  return result.rc >= 128 && /the shell that ran this command was killed; .* not known\n$/.test(result.stderr);
}

/** A result is true to what happened: a command that counts as run was run once, one that may have been is said to be so. */
function isTruthful(t: ExecutionContext, result: CommandResult, host: Host, what: string): void {
  if (result.rc === 0) t.deepEqual([result, host.noted()], [fine, 1], what);
  else t.true(saysKilled(result) && host.noted() <= 1, `${what}: ${JSON.stringify(result)}`);
}

/** Runs a command when the shell is dead, or about to be: the one command that may meet its end is told so. */
async function nextAlive(host: Host): Promise<CommandResult> {
  const request = { script: 'echo next' };
  const result = await host.connection.run(request);
  return saysKilled(result) ? host.connection.run(request) : result;
}

const members = ['top', 'watcher', 'relay', 'copy', 'guard', 'keeper', 'runner'] as const;

/** With these gone a command that runs goes on. */
const goesOnWithout: readonly (keyof ShellProcesses)[] = ['top', 'watcher', 'guard'];

async function killWhileIdle(t: ExecutionContext, host: Host, member: keyof ShellProcesses): Promise<void> {
  const pids = await processesOf(host.connection);
  await kill(t, pids[member]);
  isTruthful(t, await host.connection.run({ script: `${host.note}; echo fine` }), host, member);
  t.is((await host.connection.run({ script: 'echo next' })).stdout, 'next\n', member);
}

async function killWhileRunning(t: ExecutionContext, host: Host, member: keyof ShellProcesses): Promise<void> {
  const pids = await processesOf(host.connection);
  let running: Promise<unknown> = Promise.resolve();
  const runner = await new Promise<number>((resolve) => {
    const script = `${host.note}; echo $$; sleep 1000; echo fine`;
    const onOutput = (_: string, text: string) => resolve(Number(text));
    running = host.connection.run({ script, onOutput }).catch((error: unknown) => error);
  });
  await kill(t, member === 'runner' ? runner : pids[member]);
  if (goesOnWithout.includes(member)) {
    await host.connection.close();
    const ending = await running;
    // Node.js closes the input of a child that has ended: when that is seen before close(), the command gets TERM.
    const wasStopped = member === 'top' && (ending as CommandResult).rc >= 128;
    t.true(ending instanceof Unreachable || wasStopped, `${member}: ${JSON.stringify(ending)}`);
  } else {
    const result = (await running) as CommandResult;
    t.true(result.rc >= 128, `${member}: ${JSON.stringify(result)}`);
    t.is((await nextAlive(host)).stdout, 'next\n', member);
  }
  t.is(host.noted(), 1, member);
}

for (const [way, path] of [
  ['with bash', process.env.PATH ?? ''],
  ['with setsid', pathWithout(folder, 'bash')],
  ['with neither', pathWithout(folder, 'bash', 'setsid')],
] as const) {
  for (const size of [0, 3, 3_000_000]) {
    test(`${way}: a command behind a refused send of ${size} bytes runs once, whatever the old keeper does`, async (t) => {
      const hosts = new Hosts(t, path, quietShell);
      const { host, keeper } = await withKeeperStopped(t, hosts, ({ connection }) =>
        t
          .throwsAsync(connection.send(Buffer.alloc(size), `${folder}/no/such`, {}), { name: 'TransferError' })
          .then(() => {}),
      );
      t.deepEqual(await host.connection.run({ script: `${host.note}; echo fine` }), fine);
      t.is(host.noted(), 1);
      resume(keeper);
      t.is((await host.connection.run({ script: 'true' })).rc, 0);
      await hosts.leaveNothing();
      t.is(host.noted(), 1);
    });
  }

  test(`${way}: refused sends in a row, each with a command behind it`, async (t) => {
    const hosts = new Hosts(t, path);
    const host = hosts.add();
    for (let n = 0; n < 12; n++) {
      const refused = t.throwsAsync(host.connection.send(Buffer.alloc(n % 3), `${folder}/no/such`, {}));
      const result = host.connection.run({ script: `${host.note}; echo fine` });
      await refused;
      t.deepEqual(await result, fine);
    }
    t.is(host.noted(), 12);
    await hosts.leaveNothing();
  });

  test(`${way}: a result that was told holds, whatever becomes of the keeper`, async (t) => {
    const hosts = new Hosts(t, path, quietShell);
    const { host, keeper } = await withKeeperStopped(t, hosts, async ({ connection, note }) => {
      t.deepEqual(await connection.run({ script: `${note}; echo fine` }), fine);
    });
    await kill(t, keeper);
    t.is((await nextAlive(host)).stdout, 'next\n');
    t.is(host.noted(), 1);
    await hosts.leaveNothing();
  });

  test(`${way}: a runner whose keeper was killed runs nothing more`, async (t) => {
    const hosts = new Hosts(t, path);
    const host = hosts.add();
    const { keeper, guard } = await processesOf(host.connection);
    // The news of the keeper's end come late.
    await stop(t, guard);
    await kill(t, keeper);
    const result = host.connection.run({ script: `${host.note}; echo fine` });
    await new Promise((resolve) => setImmediate(resolve));
    resume(guard);
    t.true(saysKilled(await result));
    t.is((await host.connection.run({ script: 'echo next' })).stdout, 'next\n');
    await hosts.leaveNothing();
    t.is(host.noted(), 0);
  });

  test(`${way}: nobody reads what was sent to a runner that was killed`, async (t) => {
    const hosts = new Hosts(t, path);
    const host = hosts.add();
    const { keeper, runner } = await processesOf(host.connection);
    await stop(t, keeper);
    await kill(t, runner);
    const result = host.connection.run({ script: `${host.note}; echo fine` });
    await new Promise((resolve) => setImmediate(resolve));
    resume(keeper);
    t.true(saysKilled(await result));
    t.is((await host.connection.run({ script: 'echo next' })).stdout, 'next\n');
    await hosts.leaveNothing();
    t.is(host.noted(), 0);
  });

  test(`${way}: whoever is killed while nothing runs, the next command is told of truly, and nothing stays`, async (t) => {
    const hosts = new Hosts(t, path);
    await Promise.all(members.map((member) => killWhileIdle(t, hosts.add(), member)));
    await hosts.leaveNothing();
  });

  test(`${way}: whoever is killed while a command runs, it is run once, and nothing stays`, async (t) => {
    const hosts = new Hosts(t, path);
    // Without process groups nobody finds what a runner that was killed has started.
    const found = members.filter((member) => way !== 'with neither' || member !== 'runner');
    await Promise.all(found.map((member) => killWhileRunning(t, hosts.add(), member)));
    await hosts.leaveNothing();
  });
}
