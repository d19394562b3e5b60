import { interruption, isInterruption, letEventsIn } from '../computing.ts';
import { KplayError } from '../errors.ts';
import type { ReportedTask } from '../events.ts';
import type { TaskNode } from '../language/tree.ts';
import type { HostState, Step, StepResult, StepResults, StepRunner } from '../strategy/step.ts';
import type { Mapping } from '../value.ts';
import type { CompiledTask } from './compiled-task.ts';
import { compileTask } from './compiled-task.ts';
import { executeTask } from './execute-task.ts';
import { failureFields, faultOf } from './failure.ts';
import { orGiveUp } from './give-up.ts';
import { runInclude } from './include-step.ts';
import { booleanKeyword, firstFalse, hidesResults, numberKeyword } from './keywords.ts';
import { forEachLimited } from './limited.ts';
import type { TaskOutcome } from './outcome.ts';
import { outcomeWithoutModule, reported } from './outcome.ts';
import type { PlayContext } from './play-context.ts';
import { reportedTask } from './reported-task.ts';
import { refuseOnce } from './shard-check.ts';

type Task = CompiledTask & { readonly node: TaskNode };

/** Makes the function that takes steps for a batch of a play: it runs tasks, counts and reports what they came to. */
export function createStepRunner(context: PlayContext): StepRunner {
  return async (step, hosts) => {
    const pending = letEventsIn();
    if (pending !== undefined) await pending;
    if (context.signal.aborted) throw interruption();
    if (context.outputLost.aborted) throw context.outputLost.reason;
    if (step.node.type === 'include') return runInclude(context, step, hosts);
    if (step.node.module === 'meta') return runMeta(context, step.node, step, hosts);
    let task: Task;
    try {
      const module = await context.engine.catalog.load(step.node.module);
      task = compileTask(step.node, context.play, module) as Task;
    } catch (error) {
      return failStep(context, step.node, step, hosts, error);
    }
    return new TaskStep(context, task, step, hosts).run();
  };
}

/** One task's turn for the hosts that are at it. */
class TaskStep {
  readonly #context: PlayContext;
  readonly #task: Task;
  readonly #step: Step;
  readonly #hosts: readonly HostState[];
  readonly #results = new Map<string, StepResult>();

  constructor(context: PlayContext, task: Task, step: Step, hosts: readonly HostState[]) {
    this.#context = context;
    this.#task = task;
    this.#step = step;
    this.#hosts = hosts;
  }

  async run(): Promise<StepResults> {
    const { engine, signal, outputLost } = this.#context;
    const first = this.#hosts[0]!;
    const report = reportedTask(this.#context, this.#task, first.name, this.#step);
    if (!(await this.#context.confirm(report.name)))
      return { hosts: this.#all({ kind: 'done', changed: false, ran: false }) };
    engine.emit({ type: 'task-start', time: Date.now(), task: report, hosts: this.#hosts.map((host) => host.name) });
    const once = this.#runsOnce(first);
    const acting = once ? [first] : this.#hosts;
    const turns = forEachLimited(acting, this.#limit(first), async (host) => {
      if (signal.aborted || outputLost.aborted) return;
      const outcome = await this.#runOn(host, report, once);
      if (signal.aborted) return;
      this.#record(host, report, outcome);
    });
    await orGiveUp(turns, signal);
    if (signal.aborted) throw this.#interruption(report, acting);
    // Hosts whose turn did not come have no result.
    if (outputLost.aborted && this.#results.size < acting.length) throw outputLost.reason;
    engine.emit({ type: 'task-end', time: Date.now(), task: report });
    return this.#conclude(once);
  }

  /** Says what was cut off where, since its hosts have no result to show. */
  #interruption(report: ReportedTask, acting: readonly HostState[]): KplayError {
    const cut = acting.filter((host) => !this.#results.has(host.name)).map((host) => host.name);
    const message = `interrupted: [${report.name}] was stopped on ${cut.join(', ') || 'no host'}`;
    this.#context.engine.emit({ type: 'message', time: Date.now(), level: 'warning', text: message });
    return new KplayError({ code: 'interrupted', message });
  }

  #runOn(host: HostState, report: ReportedTask, once: boolean): Promise<TaskOutcome> {
    const { engine, signal } = this.#context;
    engine.emit({ type: 'host-start', time: Date.now(), task: report, host: host.name });
    return executeTask({
      engine,
      task: this.#task,
      report,
      host: host.name,
      loopVars: this.#step.loopVars,
      playHosts: this.#context.playHosts,
      factHosts: once ? this.#context.batch : [host.name],
      signal,
    }).then((outcome) => {
      this.#register(once ? this.#context.batch : [host.name], outcome);
      return outcome;
    });
  }

  #register(hosts: readonly string[], outcome: TaskOutcome): void {
    const { register } = this.#task.node;
    if (register === undefined) return;
    for (const host of hosts) this.#context.engine.store.setHostVariables(host, { [register]: outcome.result });
  }

  #record(host: HostState, report: ReportedTask, outcome: TaskOutcome): void {
    const { engine, state } = this.#context;
    state.count(host.name, outcome, host.rescuable);
    this.#results.set(host.name, resultOf(outcome));
    engine.emit({
      type: 'host-result',
      time: Date.now(),
      task: report,
      host: host.name,
      result: reported(outcome),
      looped: this.#task.node.loop !== undefined && hasItems(outcome.result),
    });
  }

  #conclude(once: boolean): StepResults {
    const lost = [...this.#results.values()].find(({ kind }) => kind === 'failed' || kind === 'unreachable');
    if (once) {
      if (lost === undefined) return { hosts: this.#all(this.#results.get(this.#hosts[0]!.name)!) };
      const why =
        lost.kind === 'failed'
          ? 'a task that runs once for all hosts failed'
          : 'the host of a task that runs once for all is unreachable';
      return { hosts: this.#results, failEveryone: why };
    }
    if (lost && this.#anyErrorsFatal()) {
      return {
        hosts: this.#results,
        failEveryone: `another host ${lost.kind === 'failed' ? 'failed' : 'is unreachable'}, and any_errors_fatal is set`,
      };
    }
    return { hosts: this.#results, abort: lost !== undefined && this.#tooManyFailed() };
  }

  /** Everyone gets what the one host got. */
  #all(result: StepResult): Map<string, StepResult> {
    return new Map(this.#hosts.map((host) => [host.name, result]));
  }

  #runsOnce(host: HostState): boolean {
    if (this.#context.play.strategy !== 'linear') return false;
    const module = this.#task.module;
    if (module?.kind === 'controller' && module.oncePerBatch) return true;
    const { runOnce } = this.#task.keywords;
    if (runOnce === undefined) return false;
    const once = this.#keyword('run_once', (name) =>
      booleanKeyword(this.#context.engine, name, runOnce, this.#scope(host)),
    );
    if (once && this.#context.divided) refuseOnce(runOnce.position);
    return once ?? false;
  }

  #limit(host: HostState): number {
    const { engine, forks } = this.#context;
    const written = this.#task.keywords.throttle;
    if (written === undefined) return forks;
    const throttle = this.#keyword('throttle', (name) => numberKeyword(engine, name, written, this.#scope(host)));
    return throttle && throttle > 0 ? Math.min(forks, throttle) : forks;
  }

  #anyErrorsFatal(): boolean {
    const { engine } = this.#context;
    return (
      this.#keyword('any_errors_fatal', (name) =>
        booleanKeyword(engine, name, this.#task.keywords.anyErrorsFatal, this.#scope(this.#hosts[0]!)),
      ) ?? false
    );
  }

  #tooManyFailed(): boolean {
    // What a rescue catches is no failure.
    const now = this.#hosts.filter(({ name, rescuable }) => !rescuable && this.#results.get(name)?.kind === 'failed');
    return this.#context.tooManyFailed(new Set(now.map(({ name }) => name)));
  }

  /** A keyword of the whole step; what cannot be rendered for the first host is reported by its own task's outcome. */
  #keyword<T>(name: string, read: (name: string) => T): T | undefined {
    try {
      return read(name);
    } catch (error) {
      if (isInterruption(error)) throw error;
      return undefined;
    }
  }

  #scope(host: HostState): ReturnType<PlayContext['engine']['store']['context']> {
    const { engine, play } = this.#context;
    return engine.store.context({ host: host.name, play, node: this.#task.node, loopVars: this.#step.loopVars });
  }
}

/** Whether a loop has come to items, whose results were told one by one. */
function hasItems({ results }: Mapping): boolean {
  return Array.isArray(results) && results.length > 0;
}

const skipped: StepResult = { kind: 'done', changed: false, ran: false };

function resultOf(outcome: TaskOutcome): StepResult {
  if (outcome.outcome === 'failed' && !outcome.ignored) return { kind: 'failed', result: outcome.result, ran: true };
  if (outcome.outcome === 'unreachable' && !outcome.ignored) {
    return { kind: 'unreachable', message: String(outcome.result.msg ?? '') };
  }
  const { result } = outcome;
  return { kind: 'done', changed: result.changed === true, ran: outcome.outcome !== 'skipped', result };
}

/** meta actions whose condition is asked of the first host only, as the linear strategy of Ansible does. */
const decidedOnce = new Set(['clear_facts', 'end_play', 'end_batch']);

function runMeta(context: PlayContext, node: TaskNode, step: Step, hosts: readonly HostState[]): StepResults {
  const { engine, play } = context;
  const results = new Map<string, StepResult>();
  const action = String(node.args._raw ?? node.args.free_form ?? '');
  const first = hosts[0]!;
  for (const host of hosts) {
    if (host !== first && decidedOnce.has(action)) {
      const decided = results.get(first.name)!;
      results.set(host.name, decided.kind === 'failed' ? skipped : decided);
      continue;
    }
    const scope = engine.store.context({ host: host.name, play, node, loopVars: step.loopVars });
    try {
      const condition = firstFalse(engine, compileTask(node, play).when, scope);
      results.set(host.name, condition === undefined ? { kind: 'meta', action } : skipped);
    } catch (error) {
      const failed = failStep(context, node, step, [host], error);
      results.set(host.name, failed.hosts.get(host.name)!);
    }
  }
  return { hosts: results };
}

/** A step that an error ended before its task could be run: the task has failed on its hosts. */
function failStep(
  context: PlayContext,
  node: TaskNode,
  step: Step,
  hosts: readonly HostState[],
  error: unknown,
): StepResults {
  const { engine, play, state } = context;
  const fields = failureFields(error, engine.verbosity);
  const compiled = compileTask(node, play);
  const noLog = (host: string): boolean =>
    hidesResults(engine, compiled, () => engine.store.context({ host, play, node, loopVars: step.loopVars }));
  const task = reportedTask(context, compiled, hosts[0]!.name, step);
  engine.emit({ type: 'task-start', time: Date.now(), task, hosts: hosts.map((host) => host.name) });
  for (const { name, rescuable } of hosts) {
    const outcome = { ...outcomeWithoutModule('failed', fields), noLog: noLog(name), fault: faultOf(error) };
    state.count(name, outcome, rescuable);
    engine.emit({ type: 'host-result', time: Date.now(), task, host: name, result: reported(outcome), looped: false });
  }
  return { hosts: new Map(hosts.map((host) => [host.name, { kind: 'failed', result: fields, ran: true }])) };
}
