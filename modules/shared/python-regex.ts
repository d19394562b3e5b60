import { beforeMatch } from '../../runner/computing.ts';
import { ModuleFailure } from '../../runner/module/contract.ts';
import { EvaluationError } from '../../runner/python/evaluation-error.ts';
import { expandReplacement, pythonRegExp } from '../../runner/python/regexp.ts';

/**
 * A regular expression of Python's `re` (see {@link pythonRegExp}). Throws {@link ModuleFailure} for what is wrong, and for what
 * JavaScript cannot do.
 * @param flags letters of Python's flags: i, m, s, x, and a, which a bytes pattern is too
 */
export function pythonRegex(pattern: string, flags = ''): RegExp {
  const expression = orFailure(() => pythonRegExp(pattern, flags));
  beforeMatch(expression, '');
  return expression;
}

/** The same expression, whose matches tell the places of their groups. */
export function withPlaces(regex: RegExp): RegExp {
  return new RegExp(regex.source, `${regex.flags}d`);
}

/** The first match, as re.search. */
export function pythonSearch(regex: RegExp, text: string): RegExpExecArray | null {
  regex.lastIndex = 0;
  return regex.exec(text);
}

/** A replacement text with `\1`, `\g<1>`, `\g<name>` and `\n` filled in from a match, as Match.expand. Throws {@link ModuleFailure}. */
export function expandTemplate(template: string, match: RegExpExecArray): string {
  return orFailure(() => expandReplacement(template, match));
}

/** Replaces all matches, as re.subn: the new text and how often. */
export function pythonReplace(regex: RegExp, replacement: string, text: string): { text: string; count: number } {
  let count = 0;
  let result = '';
  let end = 0;
  regex.lastIndex = 0;
  for (const match of text.matchAll(regex)) {
    count++;
    result += text.slice(end, match.index) + expandTemplate(replacement, match);
    end = match.index + match[0].length;
  }
  return { text: result + text.slice(end), count };
}

function orFailure<T>(action: () => T): T {
  try {
    return action();
  } catch (error) {
    throw error instanceof EvaluationError ? new ModuleFailure(error.message) : error;
  }
}
