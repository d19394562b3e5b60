import { milliseconds } from '../clock.ts';
import { interruption, isInterruption } from '../computing.ts';
import { KplayError } from '../errors.ts';
import type { Conditions } from '../language/tree.ts';
import type { ControllerEffects, ModuleResult } from '../module/contract.ts';
import { pythonText } from '../python/text.ts';
import type { TemplateContext } from '../template/templar.ts';
import type { Mapping } from '../value.ts';
import { isMapping, mapping } from '../value.ts';
import { wait } from '../wait.ts';
import { prepareArguments } from './arguments.ts';
import { applyEffects, changeInventory } from './effects.ts';
import { describe, failureFields, failureOutcome, faultOf } from './failure.ts';
import { booleanKeyword, firstFalse, hidesResults, numberKeyword, textKeyword } from './keywords.ts';
import type { Fault, TaskOutcome } from './outcome.ts';
import { reported, skipOutcome } from './outcome.ts';
import type { TaskRequest } from './request.ts';
import { resultFields } from './result.ts';
import type { ModuleRun } from './run-module.ts';
import { runModule } from './run-module.ts';

/** Ansible's number of retries for `until` without `retries`, and seconds between tries. */
const defaultRetries = 3;
const defaultDelay = 5;

/** One try's result, with what is not registered. */
interface Attempt {
  readonly result: Mapping;
  readonly module: ModuleResult | undefined;
  readonly fault?: Fault | undefined;
}

/** Runs a task once on a host, for one item where it loops. Throws what failed before its module ran. */
export async function executeItem(request: TaskRequest): Promise<TaskOutcome> {
  const { engine, task, host, loopVars } = request;
  const started = milliseconds();
  const plain = engine.store.context({ host, play: task.play, node: task.node, loopVars });
  const condition = firstFalse(engine, task.when, plain);
  // Skipped, too, an item may hold what nobody should see.
  if (condition !== undefined) return { ...skipOutcome(condition), noLog: hidesResults(engine, task, () => plain) };
  const delegate = textKeyword(engine, task.keywords.delegateTo, plain);
  if (delegate === '') return notDelegated(request, milliseconds() - started);
  const context =
    delegate === undefined
      ? plain
      : engine.store.context({ host, play: task.play, node: task.node, loopVars, delegate });
  const noLog = booleanKeyword(engine, 'no_log', task.keywords.noLog, context) ?? false;
  const prepared = prepareArguments(engine, task, context);
  // V8 gives every object that begins with a spread and gets more keys a hidden class of its own, unless the spread is of nothing.
  const target = { ...{}, ...request, context, delegate, args: prepared.args, noLog };
  const { result, module, fault } = await tryUntilGood(request, context, () => attempt(target), noLog);
  if (prepared.warnings.length > 0) result.warnings = [...warningsOf(result), ...prepared.warnings];
  const effects = module && effectsOf(module, result);
  // A group stands although failed_when holds, and only now is known whether it is new: what the task says of that counts, as in Ansible.
  if (effects && !module.failed && changeInventory(engine, effects, request.factHosts)) {
    result.changed = true;
    judged(request, { result, module });
  }
  if (effects && result.failed !== true) {
    applyEffects(engine, effects, {
      host,
      hosts: request.factHosts,
      delegate,
      delegateFacts: booleanKeyword(engine, 'delegate_facts', task.keywords.delegateFacts, context) ?? false,
      noLog,
      result,
    });
  }
  return {
    outcome: outcomeOf(result),
    ignored: ignored(request, context, result),
    result,
    diffs: module?.diff && showsDiff(request, context) ? module.diff : [],
    warnings: warningsOf(result),
    noLog,
    delegatedTo: delegate,
    quiet: module?.quiet,
    fault,
    duration: milliseconds() - started,
  };
}

/** The failure of a task that is to be done by a host without a name. */
function notDelegated(request: TaskRequest, duration: number): TaskOutcome {
  const { value, position } = request.task.keywords.delegateTo!;
  const written = pythonText(value);
  const message = `Empty hostname produced from delegate_to: "${written}"`;
  const outcome = failureOutcome(new KplayError({ code: 'argument', message, position }), request, duration);
  return { ...outcome, delegatedTo: written };
}

/** The warnings that a module gave; a field of that name may be anything, since modules also hand on what hosts say. */
function warningsOf(result: Mapping): string[] {
  const { warnings } = result;
  return Array.isArray(warnings) ? warnings.filter((warning) => typeof warning === 'string') : [];
}

/** What a module asks for; a module that works on the host (hostname) has new facts in its result. */
function effectsOf(module: ModuleResult, result: Mapping): ControllerEffects | undefined {
  if (module.effects || !isMapping(result.ansible_facts)) return module.effects;
  return { gatheredFacts: mapping(Object.entries(result.ansible_facts)) };
}

function showsDiff(request: TaskRequest, context: TemplateContext): boolean {
  return booleanKeyword(request.engine, 'diff', request.task.keywords.diff, context) ?? request.engine.diffMode;
}

function outcomeOf(result: Mapping): TaskOutcome['outcome'] {
  if (result.unreachable === true) return 'unreachable';
  if (result.failed === true) return 'failed';
  if (result.skipped === true) return 'skipped';
  return result.changed === true ? 'changed' : 'ok';
}

function ignored(request: TaskRequest, context: TemplateContext, result: Mapping): boolean {
  const name = result.unreachable === true ? 'ignoreUnreachable' : result.failed === true ? 'ignoreErrors' : undefined;
  return name !== undefined && (booleanKeyword(request.engine, name, request.task.keywords[name], context) ?? false);
}

async function attempt(target: ModuleRun): Promise<Attempt> {
  try {
    const module = await runModule(target);
    return { module, result: resultFields(module) };
  } catch (error) {
    const fields = failureFields(error, target.engine.verbosity);
    return { module: undefined, result: resultFields({ fields }), fault: faultOf(error) };
  }
}

/** Tries until `until` holds, or until not failed where only `retries` is given; then judges changed and failed. */
async function tryUntilGood(
  request: TaskRequest,
  context: TemplateContext,
  run: () => Promise<Attempt>,
  noLog: boolean,
): Promise<Attempt> {
  const { engine, task, host } = request;
  const { until, retries, delay } = task.node;
  if (!until && !retries) {
    return judged(request, await run());
  }
  const tries = 1 + Math.max(0, numberKeyword(engine, 'retries', retries, context) ?? defaultRetries);
  const seconds = numberKeyword(engine, 'delay', delay, context) ?? defaultDelay;
  for (let count = 1; ; count++) {
    const attempted = await run();
    if (request.signal.aborted) throw interruption();
    attempted.result.attempts = count;
    const current = judged(request, attempted);
    const good = current.result.unreachable === true || isGood(request, current.result);
    if (good || count >= tries) {
      current.result.attempts = good ? count : tries - 1;
      if (!good && current.result.failed_when_result === undefined) current.result.failed = true;
      return current;
    }
    engine.emit({
      type: 'host-retry',
      time: Date.now(),
      task: request.report,
      host,
      attempt: count,
      retriesLeft: tries - 1 - count,
      result: reported({
        outcome: outcomeOf(current.result),
        ignored: false,
        result: current.result,
        diffs: [],
        warnings: [],
        noLog,
        fault: current.fault,
        duration: 0,
      }),
    });
    await wait(seconds * 1000, request.signal);
  }
}

function isGood(request: TaskRequest, result: Mapping): boolean {
  const { until } = request.task.node;
  if (!until) return result.failed !== true;
  return firstFalse(request.engine, until, contextWith(request, result)) === undefined;
}

function contextWith(request: TaskRequest, result: Mapping): TemplateContext {
  const { engine, task, host } = request;
  const loopVars: Mapping = { ...request.loopVars };
  if (task.node.register) loopVars[task.node.register] = result;
  return engine.store.context({ host, play: task.play, node: task.node, loopVars });
}

/** Applies changed_when and failed_when to the result of a try, in place. It stays what it was where one of them fails itself. */
function judged(request: TaskRequest, attempt: Attempt): Attempt {
  const { result } = attempt;
  let name: 'changed_when' | 'failed_when' = 'changed_when';
  try {
    judge(request, result, () => {
      name = 'failed_when';
    });
    return attempt;
  } catch (error) {
    if (!(error instanceof KplayError) || isInterruption(error)) throw error;
    result[`${name}_result`] = describe(error);
    if (result.failed !== true) result.msg = `A '${name}' expression failed: ${describe(error)}`;
    result.failed = true;
    return { ...attempt, fault: faultOf(error) };
  }
}

function judge(request: TaskRequest, result: Mapping, changedIsJudged: () => void): void {
  const { changedWhen, failedWhen } = request.task.node;
  if ((!changedWhen && !failedWhen) || result.unreachable === true || result.skipped === true) return;
  // `changed_when: false` needs no variables.
  let context: TemplateContext | undefined;
  const holds = (conditions: Conditions): boolean => {
    if (conditions.every(({ value }) => typeof value === 'boolean')) return conditions.every(({ value }) => value);
    context ??= contextWith(request, result);
    return firstFalse(request.engine, conditions, context) === undefined;
  };
  if (changedWhen) {
    result.changed = holds(changedWhen);
    result.changed_when_result = result.changed;
  }
  changedIsJudged();
  if (failedWhen) {
    const failed = holds(failedWhen);
    // Else nothing tells why a command that did its work is a failure.
    if (failed && result.failed !== true && !result.msg) result.msg = "A 'failed_when' expression evaluated to 'True'.";
    result.failed = failed;
    result.failed_when_result = failed;
  }
}
