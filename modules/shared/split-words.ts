import { ModuleFailure } from '../../runner/module/contract.ts';
import { ShellWordsError, shellWords } from '../../runner/python/shlex.ts';

/** Splits a command line into words as Python's shlex does. Throws {@link ModuleFailure} for an open quote. */
export function splitWords(line: string): string[] {
  try {
    return shellWords(line).map((word) => word.text);
  } catch (error) {
    throw error instanceof ShellWordsError ? new ModuleFailure(error.message) : error;
  }
}
