import { defectSentence, exitCodeFor, isSystemError, KplayError } from '../errors.ts';
import { formatProblem } from '../language/snippet.ts';
import { printable } from '../printable.ts';
import type { SecretRegister } from '../secrets/register.ts';

/**
 * Prints an error that ended a command, every problem with its place, without the secrets of a run; returns the exit code.
 * `verbosity` is that of the command line: from 3 on the stack trace of a defect is shown.
 */
export function reportError(error: unknown, verbosity: number, secrets?: SecretRegister): number {
  const shown = (text: string): string => secrets?.maskText(text) ?? text;
  if (error instanceof KplayError) {
    process.stderr.write(`${shown(error.problems.map(formatProblem).join('\n\n'))}\n`);
    if (error.problems.length > 1)
      process.stderr.write(`\n${error.problems.length} problems found; no host was contacted for them.\n`);
    return exitCodeFor(error);
  }
  process.stderr.write(`${printable(shown(sentenceOf(error)))}\n`);
  if (verbosity >= 3 && error instanceof Error) process.stderr.write(`${printable(shown(error.stack ?? ''))}\n`);
  return exitCodeFor(error);
}

function sentenceOf(error: unknown): string {
  return isSystemError(error) ? `kplay: ${error.message}` : defectSentence(error);
}

/** How often `-v` stands on a command line, for errors that come before or beside the reading of its options. */
export function verbosityIn(words: readonly string[]): number {
  const flags = words.filter((word) => /^-[a-zA-Z]+$/.test(word)).join('');
  return words.filter((word) => word === '--verbose').length + flags.replace(/[^v]/g, '').length;
}
