import { BecomeError } from '../connection/become.ts';
import { CommandTimeout, RequestError, TransferError, Unreachable } from '../connection/connection.ts';
import { defectSentence, isSystemError, KplayError } from '../errors.ts';
import { ModuleFailure } from '../module/contract.ts';
import type { Position } from '../position.ts';
import { EncodeError } from '../python/bytes.ts';
import { hideNamed } from '../secrets/named.ts';
import type { Mapping } from '../value.ts';
import type { CompiledTask } from './compiled-task.ts';
import { booleanKeyword, hidesResults } from './keywords.ts';
import type { Fault, TaskOutcome } from './outcome.ts';
import { placeText } from './outcome.ts';
import type { TaskRequest } from './request.ts';

/**
 * Result fields of an error that ended a task, whatever the error is: no failure of one host ends the run. What nobody
 * foresaw is told as a defect of kplay, with its stack trace from -vvv on.
 */
export function failureFields(error: unknown, verbosity: number): Mapping {
  if (error instanceof ModuleFailure) return { changed: false, ...error.result, failed: true, msg: error.message };
  if (error instanceof Unreachable) return { unreachable: true, changed: false, msg: error.message };
  if (error instanceof CommandTimeout) {
    return {
      failed: true,
      changed: false,
      msg: `Timed out: ${error.message}`,
      stdout: error.stdout,
      stderr: error.stderr,
    };
  }
  const named = [BecomeError, TransferError, RequestError, EncodeError].some((kind) => error instanceof kind);
  if (named && error instanceof Error) {
    return { failed: true, changed: false, msg: error.message };
  }
  if (error instanceof KplayError) return { failed: true, changed: false, msg: describe(error) };
  if (isSystemError(error)) return { failed: true, changed: false, msg: `on this machine: ${error.message}` };
  const stack = verbosity >= 3 && error instanceof Error ? error.stack : undefined;
  const fields: Mapping = { failed: true, changed: false, msg: defectSentence(error) };
  return stack === undefined ? fields : { ...fields, exception: stack };
}

/** The outcome of a task that an error ended before it had a result. */
export function failureOutcome(error: unknown, request: TaskRequest, duration: number): TaskOutcome {
  const fields = failureFields(error, request.engine.verbosity);
  const unreachable = fields.unreachable === true;
  const { engine, task, host, loopVars } = request;
  return {
    outcome: unreachable ? 'unreachable' : 'failed',
    ignored: ignoresErrors(request, unreachable),
    result: fields,
    diffs: [],
    warnings: [],
    noLog: hidesResults(engine, task, () => engine.store.context({ host, play: task.play, node: task.node, loopVars })),
    fault: faultOf(error),
    duration,
  };
}

/** The words of an error, with its place. */
export function describe(error: KplayError): string {
  return error.problems
    .map((problem) =>
      [problem.message, problem.hint, place(problem.position)].filter((part) => part !== undefined).join('\n'),
    )
    .map(hideNamed)
    .join('\n');
}

function place(position: Position | undefined): string | undefined {
  return position && `at ${placeText(position)}`;
}

/** What sort of error it is, and its place: what may be seen of it with no_log. */
export function faultOf(error: unknown): Fault {
  if (error instanceof KplayError) {
    const problem = error.problems[0];
    return { kind: problem?.code ?? 'internal', position: problem?.position };
  }
  return { kind: faultKinds.find(([kind]) => error instanceof kind)?.[1] ?? 'internal' };
}

const faultKinds = [
  [ModuleFailure, 'module'],
  [Unreachable, 'connection'],
  [CommandTimeout, 'timeout'],
  [BecomeError, 'become'],
  [TransferError, 'transfer'],
  [RequestError, 'request'],
  [EncodeError, 'encoding'],
] as const;

/** An error of a task with no_log that ends the run: kinds and places, without what the words quote. */
export function withoutWords(error: KplayError): KplayError {
  const problems = error.problems.map(({ code, position }) => ({
    code,
    position,
    message: `There is an error here (${code}). Its words are hidden, since no_log is set.`,
  }));
  return new KplayError(problems);
}

/** Whose keywords are asked. */
type Asking = Pick<TaskRequest, 'engine' | 'host' | 'loopVars'> & { readonly task: CompiledTask };

/** Whether a task goes on after it failed, or after its host was unreachable. */
export function ignoresErrors(request: Asking, unreachable: boolean): boolean {
  return flag(request, unreachable ? 'ignoreUnreachable' : 'ignoreErrors');
}

/** A keyword read while something else has failed already: what cannot be rendered counts as not set. */
function flag(request: Asking, name: 'ignoreErrors' | 'ignoreUnreachable'): boolean {
  const { engine, task, host, loopVars } = request;
  try {
    const context = engine.store.context({ host, play: task.play, node: task.node, loopVars });
    return booleanKeyword(engine, name, task.keywords[name], context) ?? false;
  } catch {
    return false;
  }
}
