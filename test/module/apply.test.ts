import { spawnSync } from 'node:child_process';
import test from 'ava';
import { FileChanged } from '../../runner/connection/connection.ts';
import { applyState } from '../../runner/module/apply.ts';
import type { Change, FileToSend, Host, Plan } from '../../runner/module/contract.ts';
import { ModuleFailure, stateModule } from '../../runner/module/contract.ts';
import { changedMeanwhile } from '../../runner/module/host-files.ts';

interface Recorder {
  readonly host: Host;
  readonly scripts: string[];
  readonly sent: FileToSend[];
}

/** A host whose commands run in a real sh here. */
function recorder(options: { readonly checkMode?: boolean } = {}): Recorder {
  const scripts: string[] = [];
  const sent: FileToSend[] = [];
  const host = {
    checkMode: options.checkMode ?? false,
    run: (script: string, { stdin }: { stdin?: string } = {}) => {
      scripts.push(script);
      const { status, stdout, stderr } = spawnSync('/bin/sh', ['-c', script], { input: stdin ?? '', encoding: 'utf8' });
      return Promise.resolve({ rc: status ?? 1, stdout, stderr });
    },
    send: (file: FileToSend) => {
      sent.push(file);
      return Promise.resolve();
    },
  } as unknown as Host;
  return { host, scripts, sent };
}

function moduleWith(plans: Plan[]): Parameters<typeof applyState>[0] {
  let round = 0;
  return stateModule({
    name: 'fake',
    summary: 'For this test.',
    args: {},
    probe: () => Promise.resolve(undefined),
    plan: () => plans[round++] ?? { changes: [] },
  });
}

const send = (destination: string): Change => ({
  what: 'content',
  send: { source: Buffer.from('x'), destination, attributes: {} },
});

test('nothing to change is not changed, and no command is sent', async (t) => {
  const { host, scripts } = recorder();
  const result = await applyState(moduleWith([{ changes: [], result: { dest: '/x' } }]), {}, host);
  t.false(result.changed);
  t.deepEqual(result.fields, { dest: '/x' });
  t.deepEqual(scripts, []);
});

test('commands that follow each other go over in one round trip, in order', async (t) => {
  const { host, scripts } = recorder();
  const result = await applyState(
    moduleWith([
      {
        changes: [
          { what: 'a', command: 'echo one' },
          { what: 'b', command: 'echo two' },
        ],
      },
    ]),
    {},
    host,
  );
  t.true(result.changed);
  t.is(scripts.length, 1);
  t.like(result.fields, { rc: 0, stdout: 'one\ntwo\n' });
});

test('the first command that fails stops the rest, and is named with its own words', async (t) => {
  const { host } = recorder();
  const changes: Change[] = [
    { what: 'first', command: 'echo one' },
    { what: 'package nginx', command: 'echo "no such package" >&2; exit 7' },
    { what: 'last', command: 'echo three' },
  ];
  const error = await t.throwsAsync(() => applyState(moduleWith([{ changes }]), {}, host), {
    instanceOf: ModuleFailure,
  });
  t.is(error.message, 'package nginx: no such package');
  t.like(error.result, { rc: 7, stdout: 'one\n', stderr: 'no such package\n' });
});

test('a command that changes folder or exits leaves the next alone', async (t) => {
  const { host } = recorder();
  const changes = [
    { what: 'a', command: 'cd / && exit 0' },
    { what: 'b', command: 'pwd' },
  ];
  const result = await applyState(moduleWith([{ changes }]), {}, host);
  t.is(result.fields?.stdout, `${process.cwd()}\n`);
});

test('a command with standard input of its own goes over alone', async (t) => {
  const { host, scripts } = recorder();
  const changes: Change[] = [
    { what: 'a', command: 'echo 1' },
    { what: 'b', command: 'cat', stdin: 'secret\n' },
    { what: 'c', command: 'echo 2' },
  ];
  const result = await applyState(moduleWith([{ changes }]), {}, host);
  t.is(scripts.length, 3);
  t.false(scripts.some((script) => script.includes('secret')));
  t.is(result.fields?.stdout, '1\nsecret\n2\n');
});

test('check mode plans and changes nothing', async (t) => {
  const { host, scripts, sent } = recorder({ checkMode: true });
  const changes = [{ what: 'a', command: 'echo 1' }, send('/etc/x')];
  const result = await applyState(moduleWith([{ changes, again: true }]), {}, host);
  t.true(result.changed);
  t.deepEqual([scripts, sent], [[], []]);
});

test('files are sent between commands, in order', async (t) => {
  const { host, scripts, sent } = recorder();
  await applyState(
    moduleWith([{ changes: [{ what: 'a', command: 'true' }, send('/etc/x'), { what: 'b', command: 'true' }] }]),
    {},
    host,
  );
  t.is(scripts.length, 2);
  t.is(sent[0]?.destination, '/etc/x');
});

test('again asks for a further plan, until nothing is left', async (t) => {
  const { host } = recorder();
  const plans = [
    { changes: [{ what: 'cache', command: 'echo 1' }], again: true },
    { changes: [{ what: 'install', command: 'echo 2' }], again: true },
    { changes: [], again: true },
    { changes: [{ what: 'too much', command: 'echo 3' }] },
  ];
  const result = await applyState(moduleWith(plans), {}, host);
  t.is(result.fields?.stdout, '1\n2\n');
  t.is(result.diff?.length, 2);
});

test('a change without a diff of its own shows before and after', async (t) => {
  const { host } = recorder({ checkMode: true });
  const result = await applyState(
    moduleWith([{ changes: [{ what: 'mode', before: '0644', after: '0600' }] }]),
    {},
    host,
  );
  t.deepEqual(result.diff, [{ before: '0644\n', after: '0600\n', beforeHeader: 'mode', afterHeader: 'mode' }]);
});

/** A module whose file is written by others as often as `conflicts` says, and the plans that it made. */
function contended(
  conflicts: number,
  by: 'send' | 'command',
): { run: () => ReturnType<typeof applyState>; plans: () => number } {
  let plans = 0;
  const { host } = recorder();
  const busy = {
    ...host,
    send: () => (plans <= conflicts ? Promise.reject(new FileChanged('/f was changed')) : Promise.resolve()),
  };
  const module = stateModule({
    name: 'fake',
    summary: 'For this test.',
    args: {},
    probe: () => Promise.resolve(undefined),
    plan: (): Plan => {
      plans++;
      const command: Change = {
        what: 'content',
        guarded: true,
        command: plans <= conflicts ? `exit ${changedMeanwhile}` : ':',
      };
      return { changes: [by === 'send' ? send('/f') : command], result: { round: plans }, warnings: ['once'] };
    },
  });
  return { run: () => applyState(module, {}, busy), plans: () => plans };
}

for (const by of ['send', 'command'] as const) {
  test(`a file that was changed after it was read is read again (${by})`, async (t) => {
    const { run, plans } = contended(3, by);
    const result = await run();
    t.is(plans(), 4);
    t.true(result.changed);
    t.is(result.diff?.length, 1);
    t.is(result.fields?.round, 4);
    t.deepEqual(result.warnings, ['once']);
  });
}

test('a file that never rests is given up at last', async (t) => {
  const { run } = contended(1000, 'send');
  await t.throwsAsync(run(), { instanceOf: ModuleFailure, message: '/f was changed, 21 times' });
});

test('what was made before a conflict is told once', async (t) => {
  let plans = 0;
  const { host, scripts } = recorder();
  const busy = { ...host, send: () => (plans < 2 ? Promise.reject(new FileChanged('x')) : Promise.resolve()) };
  const module = stateModule({
    name: 'fake',
    summary: 'For this test.',
    args: {},
    probe: () => Promise.resolve(undefined),
    plan: (): Plan => ({
      changes: ++plans === 1 ? [{ what: 'folder', command: 'echo made' }, send('/f')] : [send('/f')],
    }),
  });
  const result = await applyState(module, {}, busy);
  t.deepEqual(scripts, ['echo made']);
  t.deepEqual(
    result.diff?.map(({ afterHeader }) => afterHeader),
    ['folder', 'content'],
  );
});
