import { ExitCode, KplayError } from '../errors.ts';
import { formatProblem } from '../language/snippet.ts';

/** Prints an error that ended a command, every problem with its place; returns the exit code. */
export function reportError(error: unknown): number {
  if (error instanceof KplayError) {
    process.stderr.write(`${error.problems.map(formatProblem).join('\n\n')}\n`);
    if (error.problems.length > 1)
      process.stderr.write(`\n${error.problems.length} problems found; no host was contacted for them.\n`);
    return error.exitCode;
  }
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  process.stderr.write(`kplay: internal error, please report this:\n${text}\n`);
  return ExitCode.crash;
}
