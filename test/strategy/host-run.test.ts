import test from 'ava';
import type { BlockNode, PlayNode, TaskNode, TaskTreeNode } from '../../runner/language/tree.ts';
import { FreeGate, LinearGate } from '../../runner/strategy/gate.ts';
import { HostRun } from '../../runner/strategy/host-run.ts';
import { PlayPlan } from '../../runner/strategy/play-plan.ts';
import type { HostState, Step, StepResult, StepResults } from '../../runner/strategy/step.ts';

const position = { file: 'play.yml', line: 1, column: 1 };
const keywords = { tags: [], when: [] };

function task(name: string, more: Partial<TaskNode> = {}): TaskNode {
  return {
    type: 'task',
    position,
    keywords: { ...keywords, name: { value: name, position } },
    module: 'command',
    action: { value: 'command', position },
    args: {},
    notify: [],
    ...more,
  };
}

function block(block: TaskTreeNode[], rescue: TaskTreeNode[] = [], always: TaskTreeNode[] = []): BlockNode {
  return { type: 'block', position, keywords, block, rescue, always, notify: [] };
}

/** What every host does at a task, by the task's name: what is not said is ok. */
type Script = Record<string, Record<string, StepResult['kind'] | 'changed'>>;

interface Setup {
  tasks: TaskTreeNode[];
  handlers?: TaskNode[];
  hosts?: string[];
  script?: Script;
  free?: boolean;
  failEveryoneAt?: string;
  forceHandlers?: boolean;
}

/** Runs a play whose tasks do what the script says; returns the steps in order and how hosts ended. */
async function run(setup: Setup): Promise<{ steps: string[]; ends: Record<string, string>; rescued: string[] }> {
  const names = setup.hosts ?? ['a', 'b'];
  const steps: string[] = [];
  const rescued: string[] = [];
  const take = async (step: Step, hosts: readonly HostState[]): Promise<StepResults> => {
    const name = step.node.keywords.name!.value;
    steps.push(`${name}: ${hosts.map((host) => host.name).join(' ')}`);
    const results = new Map(hosts.map((host) => [host.name, resultFor(setup.script?.[name]?.[host.name], step)]));
    return { hosts: results, failEveryone: name === setup.failEveryoneAt ? 'all must fail' : undefined };
  };
  const play = {
    preTasks: [],
    roles: [],
    tasks: setup.tasks,
    postTasks: [],
    handlers: setup.handlers ?? [],
  } as unknown as PlayNode;
  const plan = new PlayPlan(
    play,
    undefined,
    setup.forceHandlers ?? false,
    {
      isSelected: () => true,
      isStart: () => true,
      notifications: ({ node }) => node.notify.map((notify) => notify.value),
      handlersOf: (name, _host, handlers) => handlers.filter(({ node }) => node.keywords.name?.value === name),
    },
    { found: true },
  );
  const hooks = {
    failed: () => undefined,
    rescuing: (host: string) => void rescued.push(host),
    meta: () => Promise.resolve(),
    endBatch: () => undefined,
    notified: () => undefined,
  };
  let linear: LinearGate | undefined;
  const gate = setup.free
    ? new FreeGate(take)
    : {
        arrive: (host: HostState, step: Step) => linear!.arrive(host, step),
        leave: (host: HostState) => linear!.leave(host),
      };
  const hosts = names.map((name) => new HostRun(name, plan, gate, hooks));
  linear = new LinearGate(hosts, take);
  const ends = await Promise.all(hosts.map(async (host) => [host.name, await host.run()] as const));
  return { steps, ends: Object.fromEntries(ends), rescued };
}

function resultFor(kind: StepResult['kind'] | 'changed' | undefined, step: Step): StepResult {
  const { node } = step;
  if (node.type === 'task' && node.module === 'meta') return { kind: 'meta', action: String(node.args._raw) };
  if (kind === 'failed') return { kind: 'failed', result: { msg: 'no' }, ran: true };
  if (kind === 'unreachable') return { kind: 'unreachable', message: 'gone' };
  return { kind: 'done', changed: kind === 'changed', ran: true };
}

const notify = (name: string): Partial<TaskNode> => ({ notify: [{ value: name, position }] });

test('linear: all hosts take a task before any takes the next', async (t) => {
  const { steps } = await run({ tasks: [task('one'), task('two')] });
  t.deepEqual(steps, ['one: a b', 'two: a b']);
});

test('free: hosts do not wait for each other', async (t) => {
  const { steps } = await run({ tasks: [task('one'), task('two')], free: true });
  t.deepEqual(steps, ['one: a', 'one: b', 'two: a', 'two: b']);
});

test('a host that failed takes no further task, the others go on', async (t) => {
  const { steps, ends } = await run({ tasks: [task('one'), task('two')], script: { one: { a: 'failed' } } });
  t.deepEqual(steps, ['one: a b', 'two: b']);
  t.deepEqual(ends, { a: 'failed', b: 'ok' });
});

test('rescue and always run for the host that failed, in step with the others', async (t) => {
  const { steps, ends, rescued } = await run({
    tasks: [block([task('one'), task('two')], [task('mend')], [task('clean')]), task('after')],
    script: { one: { a: 'failed' } },
  });
  t.deepEqual(steps, ['one: a b', 'two: b', 'mend: a', 'clean: a b', 'after: a b']);
  t.deepEqual(ends, { a: 'ok', b: 'ok' });
  t.deepEqual(rescued, ['a']);
});

test('a failure in rescue fails the host after always', async (t) => {
  const { steps, ends } = await run({
    hosts: ['a'],
    tasks: [block([task('one')], [task('mend')], [task('clean')]), task('after')],
    script: { one: { a: 'failed' }, mend: { a: 'failed' } },
  });
  t.deepEqual(steps, ['one: a', 'mend: a', 'clean: a']);
  t.deepEqual(ends, { a: 'failed' });
});

test('an unreachable host enters neither rescue nor always', async (t) => {
  const { steps, ends } = await run({
    hosts: ['a'],
    tasks: [block([task('one')], [task('mend')], [task('clean')])],
    script: { one: { a: 'unreachable' } },
  });
  t.deepEqual(steps, ['one: a']);
  t.deepEqual(ends, { a: 'unreachable' });
});

test('handlers run once, in the order they are defined, only for hosts that changed something', async (t) => {
  const { steps } = await run({
    tasks: [task('one', notify('second')), task('two', notify('first')), task('three', notify('second'))],
    handlers: [task('first'), task('second')],
    script: { one: { a: 'changed' }, two: { a: 'changed', b: 'changed' }, three: { a: 'changed' } },
  });
  t.deepEqual(steps.slice(3), ['first: a b', 'second: a']);
});

test('meta: flush_handlers runs handlers there and then', async (t) => {
  const { steps } = await run({
    hosts: ['a'],
    tasks: [
      task('one', notify('restart')),
      task('flush', { module: 'meta', args: { _raw: 'flush_handlers' } }),
      task('two'),
    ],
    handlers: [task('restart')],
    script: { one: { a: 'changed' } },
  });
  t.deepEqual(steps, ['one: a', 'flush: a', 'restart: a', 'two: a']);
});

test('a host that failed runs its handlers only with force_handlers', async (t) => {
  const setup: Setup = {
    hosts: ['a'],
    tasks: [task('one', notify('restart')), task('two')],
    handlers: [task('restart')],
    script: { one: { a: 'changed' }, two: { a: 'failed' } },
  };
  t.deepEqual((await run(setup)).steps, ['one: a', 'two: a']);
  t.deepEqual((await run({ ...setup, forceHandlers: true })).steps, ['one: a', 'two: a', 'restart: a']);
});

test('a step that fails everyone goes through every host’s rescue', async (t) => {
  const { steps, ends } = await run({
    tasks: [block([task('one'), task('two')], [task('mend')])],
    script: { one: { a: 'failed' } },
    failEveryoneAt: 'one',
  });
  t.deepEqual(steps, ['one: a b', 'mend: a b']);
  t.deepEqual(ends, { a: 'ok', b: 'ok' });
});

test('meta: end_host ends the host without failing it', async (t) => {
  const { steps, ends } = await run({
    hosts: ['a'],
    tasks: [block([task('end', { module: 'meta', args: { _raw: 'end_host' } })], [task('mend')]), task('after')],
  });
  t.deepEqual(steps, ['end: a']);
  t.deepEqual(ends, { a: 'ended' });
});
