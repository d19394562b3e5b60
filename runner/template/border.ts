import { KplayError } from '../errors.ts';
import type { Position } from '../position.ts';
import { EvaluationError } from '../python/evaluation-error.ts';
import { endless, isTooDeep } from './failure.ts';

/** Where a template stands: at a place in a YAML file, or in a file of its own. */
export interface Origin {
  readonly position?: Position | undefined;
  readonly file?: string | undefined;
}

/** Runs what evaluates a template; its failures become KplayErrors with a place. */
export function atBorder<T>(origin: Origin, action: () => T): T {
  try {
    return action();
  } catch (error) {
    if (error instanceof KplayError) throw error;
    throw toKplayError(asFailure(error), origin);
  }
}

function asFailure(error: unknown): EvaluationError {
  if (error instanceof EvaluationError) return error;
  if (isTooDeep(error)) return endless(error);
  const message = error instanceof Error ? error.message : String(error);
  const isOurs = error instanceof TypeError || error instanceof ReferenceError;
  return new EvaluationError(message, isOurs ? 'internal' : 'template', undefined, error);
}

function toKplayError(failure: EvaluationError, origin: Origin): KplayError {
  const problem = {
    code: failure.code,
    message: failure.message,
    position: place(failure, origin),
    hint: failure.hint,
  };
  return new KplayError(problem, { cause: failure });
}

function place(failure: EvaluationError, { position, file }: Origin): Position | undefined {
  const { line, column = 0 } = failure;
  const inFile = failure.file ?? file;
  if (inFile !== undefined) {
    return { file: inFile, line: (line ?? 0) + 1, column: line === undefined ? 1 : column + 1 };
  }
  if (!position || !line) return position;
  return { file: position.file, line: position.line + line, column: position.column };
}
