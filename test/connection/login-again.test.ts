import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { BecomeError } from '../../runner/connection/become.ts';
import { ClientChoice } from '../../runner/connection/client-choice.ts';
import { type Connection, type ConnectionSettings, Unreachable } from '../../runner/connection/connection.ts';
import { createConnection } from '../../runner/connection/create.ts';
import { HostConnection } from '../../runner/connection/host-connection.ts';
import { temporaryDirectory } from '../temporary.ts';
import { type ClosingServer, missingTinysshd, startClosingServer, startTinysshd } from './closing-server.ts';
import { begin, checkBackground, checkCommands, checkTimeout, mark, runner } from './commands.ts';
import { startProxy } from './proxy.ts';
import { missingSshd, startSshd } from './sshd.ts';

// Where a connection is gone while nothing runs over it, the next command goes over another one; what was running is not run again.

function connect(t: ExecutionContext, settings: ConnectionSettings): Connection {
  const connection = createConnection(settings);
  t.teardown(() => connection.close());
  return connection;
}

/** Whatever ended the shell, the next command has another one, and each has run once. */
async function checkEnds(t: ExecutionContext, connection: Connection, server: ClosingServer): Promise<void> {
  const folder = temporaryDirectory('kplay-again');
  const log = join(folder, 'log');
  const note = (word: string) => connection.run({ script: `echo ${word} >>${log}` });
  t.is((await note('first')).rc, 0);
  const before = server.connections();
  const ends = [
    () => connection.run({ script: `echo killed >>${log}; kill -9 $kplay_keeper; sleep 0.2` }),
    () => connection.run({ script: `echo limit >>${log}; sleep 60`, timeoutSeconds: 1 }),
    () => connection.send(Buffer.alloc(300_000), '/proc/no/file', {}),
    () => connection.run({ script: `echo left >>${log}; sleep 1 & :` }),
  ];
  for (const end of ends) {
    await end().catch((error: Error) => t.false(error instanceof Unreachable, error.message));
    t.is((await note('then')).rc, 0);
  }
  t.is(readFileSync(log, 'utf8'), 'first\nkilled\nthen\nlimit\nthen\nthen\nleft\nthen\n');
  t.true(server.connections() > before);
}

/** What one identity's shell comes to does nothing to what another's is running. */
async function checkIdentities(t: ExecutionContext, connection: Connection): Promise<void> {
  const fifo = join(temporaryDirectory('kplay-identities'), 'fifo');
  await connection.run({ script: `mkfifo ${fifo}` });
  const become = { method: 'su', user: 'root', flags: '-s /bin/sh' } as const;
  const { result } = await begin(connection, `read word <${fifo}; echo "$word"`, { become });
  t.is((await connection.run({ script: 'kill -9 $kplay_keeper; sleep 0.2' })).rc, 137);
  t.is((await connection.run({ script: `echo on >${fifo}` })).rc, 0);
  t.deepEqual(await result, { rc: 0, stdout: 'begun\non\n', stderr: '' });
  const wrong = { method: 'su', user: 'no-such-user' } as const;
  await t.throwsAsync(connection.run({ script: 'true', become: wrong }), { instanceOf: BecomeError, message: /su/ });
  t.is((await connection.run({ script: 'echo alive' })).stdout, 'alive\n');
}

for (const kind of ['ssh', 'openssh'] as const) {
  const why = kind === 'openssh' ? missingSshd() : undefined;
  const title = `a server that closes the connection with its session, ${kind}${why ? ` (${why})` : ''}`;
  (why ? test.skip : test.serial)(title, async (t) => {
    const server = await startClosingServer();
    t.teardown(() => server.stop());
    const sshArgs = `${server.settings.sshArgs} -o UserKnownHostsFile=/dev/null`;
    const connection = connect(t, { ...server.settings, kind, sshArgs });
    await checkEnds(t, connection, server);
    if (process.getuid?.() === 0) await checkIdentities(t, connection);
  });
}

const noTinysshd = missingTinysshd();

(noTinysshd ? test.skip : test.serial)(`tinysshd${noTinysshd ? ` (${noTinysshd})` : ''}`, async (t) => {
  const server = await startTinysshd();
  t.teardown(() => server.stop());
  const connection = connect(t, server.settings);
  await checkEnds(t, connection, server);
  await checkIdentities(t, connection);
  const run = runner(connection);
  await checkCommands(t, run);
  await checkBackground(t, run, temporaryDirectory('kplay-again-bg'));
  await checkTimeout(t, run, mark(7600));
  const job = await connection.run({ script: 'echo job; exit 3', reattachSeconds: 30 });
  t.deepEqual(job, { rc: 3, stdout: 'job\n', stderr: '' });
});

test('a login that ends at once is told in its own words, though the connection ends with it', async (t) => {
  const server = await startClosingServer();
  t.teardown(() => server.stop());
  const connection = connect(t, { ...server.settings, shell: '/no/such/shell' });
  await t.throwsAsync(connection.run({ script: 'true' }), {
    instanceOf: Unreachable,
    message: /did not start: .*not found/,
  });
});

const withSshd = missingSshd() ? test.skip : test;

for (const kind of ['ssh', 'openssh'] as const) {
  withSshd(`a connection that breaks, ${kind}: idle, in the middle, and with nobody there`, async (t) => {
    const sshd = await startSshd();
    t.teardown(() => sshd.stop());
    const proxy = await startProxy(sshd.port);
    t.teardown(() => proxy.stop());
    let logins = 0;
    proxy.onConnection = () => {
      logins += 1;
      return true;
    };
    const settings: ConnectionSettings = { ...sshd.settings, kind, port: proxy.port, hostKeyChecking: false };
    const clients = new ClientChoice(() => {});
    const connection = new HostConnection({
      connect: () => clients.connect(settings, { environment: process.env }),
      shell: '/bin/sh',
      connectTimeoutSeconds: 120,
      outputLimit: 1e6,
      retries: 0,
    });
    t.teardown(() => connection.close());
    const log = join(sshd.folder, 'runs');
    t.is((await connection.run({ script: 'echo one' })).stdout, 'one\n');
    t.is(logins, 1);

    proxy.cut();
    // The news of it is on its way.
    while (await connection.stands()) await new Promise((resolve) => setTimeout(resolve, 50));
    t.is((await connection.run({ script: 'echo two' })).stdout, 'two\n');
    t.is(logins, 2);

    const running = await begin(connection, `echo run >>${log}; sleep ${mark(7610)}`);
    const lost = t.throwsAsync(running.result, { instanceOf: Unreachable, message: /lost: / });
    proxy.cut();
    await lost;
    t.is((await connection.run({ script: `cat ${log}` })).stdout, 'run\n');
    t.is(logins, 3);

    const last = await begin(connection, `sleep ${mark(7611)}`);
    const gone = t.throwsAsync(last.result, { instanceOf: Unreachable, message: /lost: / });
    proxy.onConnection = () => false;
    proxy.cut();
    await gone;
    await t.throwsAsync(connection.run({ script: 'true' }), {
      instanceOf: Unreachable,
      message: /lost: .*; logging in again failed: /,
    });
    proxy.onConnection = () => true;
    t.is((await connection.run({ script: 'echo back' })).stdout, 'back\n');
  });
}
