import type { ErrorCode } from '../errors.ts';

/** What Python, Jinja2 or Ansible would raise while something is evaluated, before its place in a file is known. Becomes a KplayError at the templar's border. */
export class EvaluationError extends Error {
  readonly code: ErrorCode;
  readonly hint: string | undefined;
  /** Place inside the template's text, counting from 0. */
  line: number | undefined;
  column: number | undefined;
  /** Another file than the one being rendered: an included one. */
  file: string | undefined;

  constructor(message: string, code: ErrorCode = 'template', hint?: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'EvaluationError';
    this.code = code;
    this.hint = hint;
  }

  /** Notes the place unless a more precise one is known. */
  at(line: number, column: number): this {
    if (this.line === undefined) {
      this.line = line;
      this.column = column;
    }
    return this;
  }
}

/** The failure of using an undefined value. */
export function undefinedError(message: string): EvaluationError {
  return new EvaluationError(message, 'undefined');
}
