import type { ErrorCode } from '../errors.ts';

/** What goes wrong inside a template, before its place in a file is known. Becomes a KplayError at the templar's border. */
export class TemplateFailure extends Error {
  readonly code: ErrorCode;
  readonly hint: string | undefined;
  /** Place inside the template's text, counting from 0. */
  line: number | undefined;
  column: number | undefined;
  /** Another file than the one being rendered: an included one. */
  file: string | undefined;

  constructor(message: string, code: ErrorCode = 'template', hint?: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'TemplateFailure';
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

/** Whether an error says that calls are too deep in each other: of a macro that calls itself, or of a value that holds itself. */
export function isTooDeep(error: unknown): boolean {
  return error instanceof RangeError && error.message.includes('call stack');
}

/** The failure of a template that would have no end. */
export function endless(cause: unknown, files = ''): TemplateFailure {
  const message = `recursive loop detected in template string${files === '' ? '' : `: ${files}`}`;
  return new TemplateFailure(message, 'template', undefined, cause);
}

/** The failure of using an undefined value. */
export function undefinedFailure(message: string): TemplateFailure {
  return new TemplateFailure(message, 'undefined');
}

/** The failure of something that kplay does not do. */
export function unsupported(message: string, hint?: string): TemplateFailure {
  return new TemplateFailure(message, 'unsupported', hint);
}
