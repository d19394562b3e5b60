import { milliseconds } from '../clock.ts';
import { interruption, letEventsIn } from '../computing.ts';
import type { Mapping, Value } from '../value.ts';
import { wait } from '../wait.ts';
import { executeItem } from './execute-item.ts';
import { failureOutcome } from './failure.ts';
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
    const outcome = await executeTurn(request, turn, variable);
    outcomes.push(outcome);
    if (outcome.outcome === 'unreachable' && !outcome.ignored) break;
    if (control && control.breakWhen.length > 0 && breaks(request, turn, outcome)) break;
  }
  return joinTurns(request, outcomes, milliseconds() - started);
}

async function executeTurn(request: TaskRequest, turn: Turn, variable: string): Promise<TaskOutcome> {
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
  engine.emit({ type: 'host-item', time: Date.now(), task: request.report, host, result: reported(labelled) });
  return labelled;
}

function labelOf(request: TaskRequest, loopVars: Mapping, item: Value): Value {
  const { engine, task, host } = request;
  return itemLabel(engine, task.node, engine.store.context({ host, play: task.play, node: task.node, loopVars }), item);
}

function breaks(request: TaskRequest, turn: Turn, outcome: TaskOutcome): boolean {
  const { engine, task, host } = request;
  const loopVars: Mapping = { ...request.loopVars, ...turn.variables };
  if (task.node.register) loopVars[task.node.register] = outcome.result;
  const context = engine.store.context({ host, play: task.play, node: task.node, loopVars });
  return firstFalse(engine, task.node.loopControl!.breakWhen, context) === undefined;
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
  const result: Mapping = { changed: false, skipped: true, skipped_reason: 'No items in the list', results: [] };
  return outcomeWithoutModule('skipped', result, duration);
}

function joinTurns(request: TaskRequest, outcomes: readonly TaskOutcome[], duration: number): TaskOutcome {
  const { engine, task, host } = request;
  const failed = outcomes.filter((outcome) => outcome.outcome === 'failed');
  const unreachable = outcomes.find((outcome) => outcome.outcome === 'unreachable');
  const skipped = outcomes.every((outcome) => outcome.outcome === 'skipped');
  const changed = outcomes.some((outcome) => outcome.result.changed === true);
  const result: Mapping = { results: outcomes.map((outcome) => outcome.result), changed };
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
