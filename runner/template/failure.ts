import { EvaluationError } from '../python/evaluation-error.ts';

/** Whether an error says that calls are too deep in each other: of a macro that calls itself, or of a value that holds itself. */
export function isTooDeep(error: unknown): boolean {
  return error instanceof RangeError && error.message.includes('call stack');
}

/** The failure of a template that would have no end. */
export function endless(cause: unknown, files = ''): EvaluationError {
  const message = `recursive loop detected in template string${files === '' ? '' : `: ${files}`}`;
  return new EvaluationError(message, 'template', undefined, cause);
}

/** The failure of something that kplay does not do. */
export function unsupported(message: string, hint?: string): EvaluationError {
  return new EvaluationError(message, 'unsupported', hint);
}
