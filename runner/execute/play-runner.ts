import { displayName } from '../language/display-name.ts';
import type { PlayNode, TaskNode } from '../language/tree.ts';
import { isMoreThan, splitIntoBatches } from '../strategy/batches.ts';
import type { Gate } from '../strategy/gate.ts';
import { FreeGate, LinearGate } from '../strategy/gate.ts';
import type { HostEnd, HostRunHooks } from '../strategy/host-run.ts';
import { HostRun } from '../strategy/host-run.ts';
import type { StartPoint } from '../strategy/play-plan.ts';
import { PlayPlan, rolesOf } from '../strategy/play-plan.ts';
import type { HostState, StepRunner } from '../strategy/step.ts';
import type { TagSelection } from '../strategy/tags.ts';
import type { Mapping } from '../value.ts';
import { connectionFor } from '../variables/connection-variables.ts';
import type { Engine } from './engine.ts';
import { gatherFactsTask } from './gather-facts.ts';
import { booleanKeyword, numberKeyword } from './keywords.ts';
import { forEachLimited } from './limited.ts';
import { EngineResolver } from './plan-resolver.ts';
import type { PlayContext } from './play-context.ts';
import { ordered, renderText, selectHosts, serialOf } from './play-hosts.ts';
import { askVariables } from './prompts.ts';
import type { RunState } from './run-state.ts';
import { createStepRunner } from './step-runner.ts';

/** What decides which hosts and tasks a run is for, beside the playbook. */
export interface PlayOptions {
  readonly limit: string | undefined;
  readonly forks: number;
  readonly selection: TagSelection;
  readonly startAtTask: string | undefined;
  readonly forceHandlers: boolean;
  readonly signal: AbortSignal;
  /** Aborted, with a KplayError, when what is reported cannot be written any more: then no further task begins. */
  readonly outputLost: AbortSignal;
  confirm(taskName: string): Promise<boolean>;
}

/** Runs one play on its hosts. Returns whether the playbook goes on after it. */
export async function runPlay(
  engine: Engine,
  play: PlayNode,
  state: RunState,
  start: StartPoint,
  options: PlayOptions,
): Promise<boolean> {
  const all = selectHosts(engine, play, options.limit);
  const name = play.keywords.name ? renderText(engine, play, play.keywords.name.value) : all.pattern;
  try {
    return await runBatches(engine, play, name, all, state, start, options);
  } finally {
    engine.emit({ type: 'play-end', time: Date.now() });
  }
}

async function runBatches(
  engine: Engine,
  play: PlayNode,
  name: string,
  { hosts: allHosts, divided }: { readonly hosts: readonly string[]; readonly divided: boolean },
  state: RunState,
  start: StartPoint,
  options: PlayOptions,
): Promise<boolean> {
  // Variables have the hosts in the inventory's order, whatever order the play takes them in.
  const hosts = ordered([...allHosts], play.order);
  const { strategy, position } = play;
  const announce = (batch: readonly string[]): void =>
    engine.emit({ type: 'play-start', time: Date.now(), name, strategy, hosts: batch, position });
  if (hosts.length === 0) {
    announce([]);
    engine.emit({ type: 'no-hosts-matched', time: Date.now() });
    return true;
  }
  const course: Course = { batch: hosts, endPlay: false, divided };
  engine.store.startPlay(play, {
    name,
    allHosts,
    hosts: () => state.remaining(allHosts),
    batch: () => state.remaining(course.batch),
    prompted: await askVariables(engine, play),
  });
  for (const role of rolesOf(play)) engine.store.exposeRole(role);
  const speaker = state.remaining(hosts)[0] ?? hosts[0]!;
  let goesOn = true;
  for (const batch of splitIntoBatches(hosts, serialOf(engine, play, speaker))) {
    course.batch = batch;
    const going = state.remaining(batch);
    announce(going);
    if (going.length === 0) {
      engine.emit({ type: 'no-hosts-remaining', time: Date.now(), tooManyFailed: false });
      continue;
    }
    const tooManyFailed = await runBatch(engine, play, { all: batch, going }, course, state, start, options);
    const allLost = going.length === batch.length && state.remaining(batch).length === 0;
    if (tooManyFailed || allLost) engine.emit({ type: 'no-hosts-remaining', time: Date.now(), tooManyFailed });
    if (allLost) return false;
    // Too many failures end the playbook, but further batches still have their turn.
    if (tooManyFailed) goesOn = false;
    if (course.endPlay) break;
  }
  return goesOn;
}

/**
 * The hosts of a batch. Those that an earlier play or batch lost keep their places in it, and count as its hosts for
 * `max_fail_percentage`, as in Ansible; nothing is run on them.
 */
interface Batch {
  readonly all: readonly string[];
  readonly going: readonly string[];
}

/** What changes while a play runs. */
interface Course {
  batch: readonly string[];
  readonly divided: boolean;
  endPlay: boolean;
}

/** Runs a play on a batch. Returns whether more of its hosts failed than `max_fail_percentage` allows. */
async function runBatch(
  engine: Engine,
  play: PlayNode,
  batch: Batch,
  course: Course,
  state: RunState,
  start: StartPoint,
  options: PlayOptions,
): Promise<boolean> {
  const { all, going } = batch;
  const context = engine.store.context({ host: going[0]!, play });
  const resolver = new EngineResolver(engine, play, going, options.selection, options.startAtTask);
  const forceHandlers = booleanKeyword(engine, 'force_handlers', play.forceHandlers, context) ?? options.forceHandlers;
  const plan = new PlayPlan(play, gatherFactsTask(engine, play, context), forceHandlers, resolver, start);
  const mayFail = numberKeyword(engine, 'max_fail_percentage', play.maxFailPercentage, context, 'percentage');
  const tooMany = (failed: number): boolean => mayFail !== undefined && isMoreThan(failed, all.length, mayFail);
  const runStep = createStepRunner({
    engine,
    play,
    plan,
    state,
    batch: all,
    divided: course.divided,
    playHosts: () => state.remaining(all),
    forks: options.forks,
    tooManyFailed: (now) => tooMany(countFailed(state, going, now)),
    signal: options.signal,
    outputLost: options.outputLost,
    confirm: options.confirm,
  } satisfies PlayContext);
  const ended = new EndSwitch();
  const hooks = hooksFor(engine, play, course, state, ended);
  const gateOf = gateFor(play, ended.guard(runStep));
  const hosts = going.map((host) => new HostRun(host, plan, gateOf, hooks));
  gateOf.expect(hosts);
  const limit = play.strategy === 'host_pinned' ? options.forks : hosts.length;
  await forEachLimited(hosts, limit, async (host) => recordEnd(state, host.name, await host.run()));
  return tooMany(countFailed(state, going, new Set()));
}

/** How many of the hosts have failed, those of `now` included. */
function countFailed(state: RunState, hosts: readonly string[], now: ReadonlySet<string>): number {
  return hosts.filter((host) => state.failed.has(host) || now.has(host)).length;
}

function recordEnd(state: RunState, host: string, end: HostEnd): void {
  if (end === 'failed') state.failed.add(host);
  if (end === 'unreachable') state.unreachable.add(host);
}

/** end_play and end_batch: from then on no host of the batch takes another step. */
class EndSwitch {
  on = false;

  guard(run: StepRunner): StepRunner {
    return async (step, hosts) => {
      if (this.on) return { hosts: new Map(hosts.map((host) => [host.name, { kind: 'meta', action: 'end_host' }])) };
      return run(step, hosts);
    };
  }
}

interface ExpectingGate extends Gate {
  expect(hosts: readonly HostState[]): void;
}

function gateFor(play: PlayNode, run: StepRunner): ExpectingGate {
  let gate: Gate | undefined;
  return {
    expect(hosts) {
      gate = play.strategy === 'linear' ? new LinearGate(hosts, run) : new FreeGate(run);
    },
    arrive: (host, step) => gate!.arrive(host, step),
    leave: (host) => gate!.leave(host),
  };
}

function hooksFor(engine: Engine, play: PlayNode, course: Course, state: RunState, ended: EndSwitch): HostRunHooks {
  return {
    failed(host) {
      recordEnd(state, host, 'failed');
    },
    rescuing(host, failure) {
      const task: Mapping = { name: failure.node?.keywords.name?.value ?? '', action: actionOf(failure.node) };
      engine.store.setHostVariables(host, { ansible_failed_task: task, ansible_failed_result: failure.result });
    },
    async meta(host, action, node) {
      await runMetaAction(engine, play, host, action, node);
    },
    endBatch(wholePlay) {
      ended.on = true;
      if (wholePlay) course.endPlay = true;
    },
    notified(host, handler) {
      engine.emit({ type: 'handler-notified', time: Date.now(), handler: displayName(handler), host });
    },
  };
}

function actionOf(node: { readonly type: string; readonly action?: { readonly value: string } } | undefined): string {
  return node?.action?.value ?? '';
}

async function runMetaAction(
  engine: Engine,
  play: PlayNode,
  host: string,
  action: string,
  node: TaskNode,
): Promise<void> {
  if (action === 'clear_facts') return engine.store.clearFacts(host);
  if (action === 'reset_connection') {
    const { scope } = engine.store.context({ host, play, node });
    const { settings } = connectionFor(scope, {}, engine.connectionFlags);
    return (await engine.pool.connection(settings)).reset();
  }
  throw new Error(`meta ${action} at ${node.position.file}:${node.position.line} is not carried out by anybody`);
}
