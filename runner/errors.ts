import type { Position } from './position.ts';

/** Ansible's exit codes of `ansible-playbook`, which scripts rely on. */
export const ExitCode = {
  ok: 0,
  error: 1,
  hostFailed: 2,
  unreachable: 4,
  parse: 4,
  options: 5,
  /** Standard output cannot be written to; EX_IOERR of sysexits.h. Not one of Ansible's. */
  output: 74,
  interrupted: 99,
  crash: 250,
} as const;
export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode];

/** What kind of thing went wrong; decides the exit code and is the `code` of the JSON event. */
export type ErrorCode =
  | 'options'
  | 'yaml'
  | 'parse'
  | 'unknown-keyword'
  | 'unknown-module'
  | 'argument'
  | 'missing-file'
  | 'missing-role'
  | 'template'
  | 'undefined'
  | 'inventory'
  | 'variables'
  | 'unsupported'
  | 'connection'
  | 'output'
  | 'interrupted'
  | 'internal';

const exitCodes: Partial<Record<ErrorCode, ExitCode>> = {
  options: ExitCode.options,
  yaml: ExitCode.parse,
  parse: ExitCode.parse,
  'unknown-keyword': ExitCode.parse,
  'unknown-module': ExitCode.parse,
  argument: ExitCode.parse,
  'missing-file': ExitCode.error,
  'missing-role': ExitCode.error,
  unsupported: ExitCode.parse,
  template: ExitCode.parse,
  connection: ExitCode.unreachable,
  output: ExitCode.output,
  interrupted: ExitCode.interrupted,
  internal: ExitCode.crash,
};

/** One thing that is wrong, with its place where it has one, and what to do about it where that is known. */
export interface Problem {
  readonly code: ErrorCode;
  /** One sentence that says what is wrong. */
  readonly message: string;
  readonly position?: Position | undefined;
  /** One sentence that says what to do, e.g. the nearest known name. */
  readonly hint?: string | undefined;
}

/** Is told of something that is no error, and of its place where it has one. */
export type Warn = (text: string, position?: Position) => void;

/** An error about the user's input. Several problems found in one pass are one error. */
export class KplayError extends Error {
  readonly problems: readonly Problem[];

  constructor(problems: Problem | readonly Problem[], options?: ErrorOptions) {
    const list = Array.isArray(problems) ? (problems as readonly Problem[]) : [problems as Problem];
    super(list.map((problem) => problem.message).join('\n'), options);
    this.name = 'KplayError';
    this.problems = list;
  }

  /** The exit code of the first problem. */
  get exitCode(): ExitCode {
    const code = this.problems[0]?.code;
    return (code && exitCodes[code]) ?? ExitCode.error;
  }
}

/** An error of the operating system about this machine's files, processes or network: no defect, and its message says what and where. */
export function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && typeof (error as NodeJS.ErrnoException).syscall === 'string';
}

/** The exit code of a command that ended with an error; what nobody foresaw is a crash. */
export function exitCodeFor(error: unknown): ExitCode {
  if (error instanceof KplayError) return error.exitCode;
  return isSystemError(error) ? ExitCode.error : ExitCode.crash;
}

/** What is said of an error that nobody foresaw; the stack trace is for those who look for it. */
export function defectSentence(error: unknown): string {
  const words = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return `kplay: internal error: ${words}. This is a defect of kplay, please report it; -vvv shows where it happened.`;
}

/** The known name nearest to a mistyped one (edit distance at most a third of its length), or undefined. */
function nearestName(name: string, known: Iterable<string>): string | undefined {
  let best: string | undefined;
  let bestDistance = Math.max(1, Math.floor(name.length / 3)) + 1;
  for (const candidate of known) {
    if (Math.abs(candidate.length - name.length) >= bestDistance) continue;
    const distance = editDistance(name, candidate);
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

/** `Did you mean "x"?`, or undefined when nothing is near. */
export function didYouMean(name: string, known: Iterable<string>): string | undefined {
  const nearest = nearestName(name, known);
  return nearest === undefined ? undefined : `Did you mean "${nearest}"?`;
}

/** The number of letters to insert, delete or replace, or of neighbours to swap. */
function editDistance(a: string, b: string): number {
  let beforePrevious: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const current = [i];
    for (let j = 1; j <= b.length; j++) {
      const substitution = previous[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      let distance = Math.min(substitution, previous[j]! + 1, current[j - 1]! + 1);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        distance = Math.min(distance, beforePrevious[j - 2]! + 1);
      }
      current.push(distance);
    }
    beforePrevious = previous;
    previous = current;
  }
  return previous[b.length]!;
}
