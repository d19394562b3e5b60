import { milliseconds } from '../clock.ts';
import { interruption, isInterruption, letEventsIn } from '../computing.ts';
import { KplayError } from '../errors.ts';
import type { Mapping, Value } from '../value.ts';
import { wait } from '../wait.ts';
import { executeItem } from './execute-item.ts';
import { describe, failureOutcome, faultOf, ignoresErrors } from './failure.ts';
import { booleanKeyword, firstFalse, hidesResults, numberKeyword } from './keywords.ts';
import type { Turn } from './loop.ts';
import { itemLabel, loopItems, loopTurns, loopVariable } from './loop.ts';
import type { TaskOutcome } from './outcome.ts';
import { outcomeWithoutModule, reported, skipOutcome } from './outcome.ts';
import type { TaskRequest } from './request.ts';

/** Runs one task on one host, its loop included. Every error is an outcome; nothing is thrown. */
export async function executeTask(request: TaskRequest): Promise<TaskOutcome> {
  const started = milliseconds();
  try {
    if (!request.task.node.loop) return await executeItem(request);
    return await executeLoop(request, started);
  } catch (error) {
    return failureOutcome(error, request, milliseconds() - started);
  }
}

async function executeLoop(request: TaskRequest, started: number): Promise<TaskOutcome> {
  const { engine, task, host } = request;
  const context = engine.store.context({ host, play: task.play, node: task.node, loopVars: request.loopVars });
  const control = task.node.loopControl;
  let turns: Turn[];
  try {
    turns = loopTurns(engine, loopItems(engine, task.node.loop!, context, task.node.action.value), control, context);
  } catch (error) {
    // A loop that cannot be worked out does not matter when the task is skipped anyway.
    const skipped = skippedByWhen(request);
    if (skipped !== undefined) return skipped;
    throw error;
  }
  if (turns.length === 0) return emptyLoop(milliseconds() - started);
  const variable = loopVariable(engine, control, context);
  const pause = numberKeyword(engine, 'pause', control?.pause, context) ?? 0;
  const outcomes: TaskOutcome[] = [];
  for (const [index, turn] of turns.entries()) {
    if (index > 0 && pause > 0) await wait(pause * 1000, request.signal);
    const pending = letEventsIn();
    if (pending !== undefined) await pending;
    const { outcome, isLast } = await executeTurn(request, turn, variable);
    outcomes.push(outcome);
    if (isLast) break;
  }
  return joinTurns(request, outcomes, milliseconds() - started);
}

/** An item's outcome, and whether the loop ends with it. */
interface TurnOutcome {
  readonly outcome: TaskOutcome;
  readonly isLast: boolean;
}

async function executeTurn(request: TaskRequest, turn: Turn, variable: string): Promise<TurnOutcome> {
  const { engine, host, signal } = request;
  const started = milliseconds();
  const loopVars = { ...request.loopVars, ...turn.variables };
  let outcome: TaskOutcome;
  try {
    outcome = await executeItem({ ...request, loopVars });
  } catch (error) {
    outcome = failureOutcome(error, request, milliseconds() - started);
  }
  if (signal.aborted) throw interruption();
  // `...{}`: see execute-item.ts.
  const result: Mapping = { ...{}, ...outcome.result, [variable]: turn.item, ansible_loop_var: variable };
  if (turn.variables.ansible_index_var !== undefined) {
    const name = String(turn.variables.ansible_index_var);
    result.ansible_index_var = name;
    result[name] = turn.variables[name]!;
  }
  const labelled = { ...{}, ...outcome, result, item: { label: labelOf(request, loopVars, turn.item) } };
  const judged = judgeBreak(request, loopVars, labelled);
  engine.emit({ type: 'host-item', time: Date.now(), task: request.report, host, result: reported(judged.outcome) });
  return judged;
}

function labelOf(request: TaskRequest, loopVars: Mapping, item: Value): Value {
  const { engine, task, host } = request;
  return itemLabel(engine, task.node, engine.store.context({ host, play: task.play, node: task.node, loopVars }), item);
}

/** Applies break_when to an item's outcome, in place. Where it fails itself the item has failed and is the last, as in ansible-core 2.21. */
function judgeBreak(request: TaskRequest, loopVars: Mapping, outcome: TaskOutcome): TurnOutcome {
  const { engine, task, host } = request;
  const { result } = outcome;
  const conditions = task.node.loopControl?.breakWhen ?? [];
  const isLost = outcome.outcome === 'unreachable' && !outcome.ignored;
  if (conditions.length === 0) return { outcome, isLast: isLost };
  const registered = task.node.register ? { [task.node.register]: result } : {};
  const context = engine.store.context({
    host,
    play: task.play,
    node: task.node,
    loopVars: { ...loopVars, ...registered },
  });
  try {
    const isLast = firstFalse(engine, conditions, context) === undefined;
    result.break_when_result = isLast;
    return { outcome, isLast: isLast || isLost };
  } catch (error) {
    if (!(error instanceof KplayError) || isInterruption(error)) throw error;
    const words = describe(error);
    result.break_when_result = words;
    if (outcome.outcome === 'unreachable') return { outcome, isLast: true };
    if (result.failed !== true) result.msg = `A 'break_when' expression failed: ${words}`;
    result.failed = true;
    const ignored = ignoresErrors({ ...request, loopVars }, false);
    return { outcome: { ...outcome, outcome: 'failed', ignored, fault: faultOf(error) }, isLast: true };
  }
}

function skippedByWhen(request: TaskRequest): TaskOutcome | undefined {
  const { engine, task, host } = request;
  const context = engine.store.context({ host, play: task.play, node: task.node, loopVars: request.loopVars });
  try {
    const condition = firstFalse(engine, task.when, context);
    return condition === undefined
      ? undefined
      : { ...skipOutcome(condition), noLog: hidesResults(engine, task, () => context) };
  } catch {
    return undefined;
  }
}

function emptyLoop(duration: number): TaskOutcome {
  const reason = 'No items in the list';
  const result: Mapping = { changed: false, failed: false, skipped: true, skip_reason: reason, skipped_reason: reason };
  result.results = [];
  return outcomeWithoutModule('skipped', result, duration);
}

function joinTurns(request: TaskRequest, outcomes: readonly TaskOutcome[], duration: number): TaskOutcome {
  const { engine, task, host } = request;
  const failed = outcomes.filter((outcome) => outcome.outcome === 'failed');
  const unreachable = outcomes.find((outcome) => outcome.outcome === 'unreachable');
  const skipped = outcomes.every((outcome) => outcome.outcome === 'skipped');
  const changed = outcomes.some((outcome) => outcome.result.changed === true);
  const result: Mapping = { results: outcomes.map((outcome) => outcome.result), changed, failed: false };
  if (unreachable) Object.assign(result, { unreachable: true, msg: unreachable.result.msg ?? '' });
  else if (failed.length > 0) Object.assign(result, { failed: true, msg: 'One or more items failed' });
  else if (skipped) Object.assign(result, { skipped: true, msg: 'All items skipped' });
  else result.msg = 'All items completed';
  const ignored = failed.length > 0 && failed.every((outcome) => outcome.ignored);
  const context = engine.store.context({ host, play: task.play, node: task.node, loopVars: request.loopVars });
  const noLog =
    outcomes.some((outcome) => outcome.noLog) ||
    booleanKeyword(engine, 'no_log', task.keywords.noLog, context) === true;
  return {
    outcome: unreachable
      ? 'unreachable'
      : failed.length > 0
        ? 'failed'
        : skipped
          ? 'skipped'
          : changed
            ? 'changed'
            : 'ok',
    ignored: unreachable ? unreachable.ignored : ignored,
    result,
    diffs: [],
    warnings: [],
    noLog,
    duration,
  };
}
