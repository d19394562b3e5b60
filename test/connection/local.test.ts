import { existsSync, mkdtempSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { type ConnectionSettings, Unreachable } from '../../runner/connection/connection.ts';
import { createConnection } from '../../runner/connection/create.ts';
import { HostConnection } from '../../runner/connection/host-connection.ts';
import { LocalTransport } from '../../runner/connection/local-transport.ts';
import { temporaryDirectory } from '../temporary.ts';
import {
  begin,
  checkBackground,
  checkCommands,
  checkDaemon,
  checkTimeout,
  mark,
  remaining,
  runner,
} from './commands.ts';
import { pathWithout } from './ways.ts';

const settings: ConnectionSettings = {
  kind: 'local',
  host: 'localhost',
  connectTimeoutSeconds: 10,
  hostKeyChecking: true,
};
const folder = temporaryDirectory('kplay-local');

for (const [title, environment] of [
  ['with bash', process.env],
  ['without bash', { ...process.env, PATH: pathWithout(folder, 'bash') }],
] as const) {
  test(`commands ${title}`, async (t) => {
    const connection = createConnection(settings, { environment });
    await checkCommands(t, runner(connection));
    await checkBackground(t, runner(connection), mkdtempSync(join(folder, 'bg-')));
    await checkDaemon(t, runner(connection));
    await checkTimeout(t, runner(connection), mark(title === 'with bash' ? 7101 : 7102));
    await connection.close();
  });
}

test('commands where sh is bash, as on Rocky', async (t) => {
  const shell = join(folder, 'sh');
  symlinkSync('/bin/bash', shell);
  const connection = createConnection({ ...settings, shell });
  await checkCommands(t, runner(connection));
  await checkBackground(t, runner(connection), mkdtempSync(join(folder, 'bg-')));
  await checkTimeout(t, runner(connection), mark(7103));
  await connection.close();
});

test('commands with neither bash nor setsid', async (t) => {
  const connection = createConnection(settings, {
    environment: { ...process.env, PATH: pathWithout(folder, 'bash', 'setsid') },
  });
  const run = runner(connection);
  t.deepEqual(await run('echo out; echo err >&2; exit 3'), { rc: 3, stdout: 'out\n', stderr: 'err\n' });
  t.deepEqual(await run({ script: 'wc -c', stdin: Buffer.alloc(200_000) }), { rc: 0, stdout: '200000\n', stderr: '' });
  t.deepEqual(await run('exec true'), { rc: 0, stdout: '', stderr: '' });
  await connection.close();
});

test('another shell runs the scripts', async (t) => {
  const shell = join(folder, 'wrapped sh');
  writeFileSync(shell, '#!/bin/sh\nWRAPPED=yes exec /bin/sh "$@"\n', { mode: 0o755 });
  const connection = createConnection({ ...settings, shell });
  t.is((await connection.run({ script: 'echo $WRAPPED' })).stdout, 'yes\n');
  await connection.close();
});

test('commands that overlap run in order, those of two identities side by side', async (t) => {
  const connection = createConnection(settings);
  const results = await Promise.all(
    [1, 2, 3, 4].map((n) => connection.run({ script: `echo ${n} >>${folder}/order; echo ${n}` })),
  );
  t.deepEqual(
    results.map(({ stdout }) => stdout),
    ['1\n', '2\n', '3\n', '4\n'],
  );
  t.is((await connection.run({ script: `cat ${folder}/order` })).stdout, '1\n2\n3\n4\n');
  await connection.close();
});

test('output is handed on as it arrives, and cut at the limit', async (t) => {
  const connection = createConnection(settings, { outputLimit: 10 });
  const arrived = join(folder, 'arrived');
  const seen: string[] = [];
  const { stdout } = await connection.run({
    script: `echo first; until [ -e ${arrived} ]; do sleep 0.05; done; echo second; echo third`,
    onOutput: (stream, text) => {
      seen.push(`${stream}:${text}`);
      writeFileSync(arrived, '');
    },
  });
  t.is(seen[0], 'stdout:first\n');
  t.is(stdout, 'first\nseco\n[kplay: cut here, 9 further bytes were thrown away]\n');
  await connection.close();
});

test('close ends what runs, and nothing can be run afterwards', async (t) => {
  const connection = createConnection(settings);
  await connection.open();
  const { result: running } = await begin(connection, `sleep ${mark(7201)}.5 & sleep ${mark(7201)}.25`);
  const waiting = connection.run({ script: 'echo not' });
  const failures = Promise.all([
    t.throwsAsync(running, { instanceOf: Unreachable }),
    t.throwsAsync(waiting, { instanceOf: Unreachable }),
  ]);
  await connection.close();
  await connection.close();
  await failures;
  await t.throwsAsync(connection.run({ script: 'true' }), { instanceOf: Unreachable });
  const other = createConnection(settings);
  t.is((await other.run({ script: remaining(mark(7201)) })).stdout, '0\n');
  await other.close();
});

test('what was asked for before close runs nothing behind it', async (t) => {
  const connection = createConnection(settings);
  const { result } = await begin(connection, `sleep ${mark(7202)}.5`);
  const behind = join(folder, 'behind');
  const asked = t.throwsAsync(connection.run({ script: `: >${behind}` }), { instanceOf: Unreachable });
  await Promise.all([connection.close(), t.throwsAsync(result), asked]);
  t.false(existsSync(behind));
});

test('reset makes a new connection', async (t) => {
  const connection = createConnection(settings);
  const parent = async () => (await connection.run({ script: 'echo $PPID' })).stdout;
  const before = await parent();
  t.is(await parent(), before);
  await connection.reset();
  t.not(await parent(), before);
  await connection.close();
});

test('what no shell can take is refused', async (t) => {
  const connection = createConnection(settings);
  await t.throwsAsync(connection.run({ script: 'a\0b' }), { message: /NUL/ });
  await t.throwsAsync(connection.run({ script: 'true', environment: { 'a-b': 'c' } }), { message: /a-b/ });
  await connection.close();
});

test('a command is one write, whatever it brings along', async (t) => {
  const transport = new LocalTransport(process.env);
  let writes = 0;
  const openChannel = transport.openChannel.bind(transport);
  transport.openChannel = async (command) => {
    const channel = await openChannel(command);
    const write = channel.stdin.write.bind(channel.stdin) as (data: Buffer) => boolean;
    channel.stdin.write = ((data: Buffer) => {
      writes += 1;
      return write(data);
    }) as typeof channel.stdin.write;
    return channel;
  };
  const connection = new HostConnection({
    connect: async () => transport,
    shell: '/bin/sh',
    connectTimeoutSeconds: 10,
    outputLimit: 1e6,
    retries: 0,
  });
  await connection.run({ script: 'true' });
  for (const request of [
    { script: 'echo a' },
    { script: 'echo a\ncat', stdin: 'text', environment: { A: 'b' } },
    { script: `: ${'x'.repeat(100_000)}` },
    { script: 'wc -c', stdin: Buffer.alloc(1_000_000) },
  ]) {
    writes = 0;
    await connection.run(request);
    t.is(writes, 1, request.script.slice(0, 20));
  }
  await connection.close();
});
