import { EvaluationError } from './evaluation-error.ts';
import { translatePattern } from './regexp-translation.ts';

/** Patterns that are remembered. */
const capacity = 2000;
const cache = new Map<string, RegExp>();

/**
 * A regular expression in Python's syntax as one of JavaScript (global). A pattern for Python's texts; with the flag a for its bytes.
 * Throws EvaluationError for what is wrong, and for what JavaScript cannot do.
 * @param flags letters of Python's flags: i, m, s, x, a
 */
export function pythonRegExp(pattern: string, flags = ''): RegExp {
  const key = `${flags}/${pattern}`;
  let result = cache.get(key);
  if (!result) {
    result = compile(pattern, flags);
    if (cache.size >= capacity) cache.clear();
    cache.set(key, result);
  }
  result.lastIndex = 0;
  return result;
}

function compile(pattern: string, flags: string): RegExp {
  const inline = /^\(\?([aiLmsux]+)\)/.exec(pattern);
  const letters = new Set([...flags.toLowerCase(), ...(inline?.[1] ?? '')]);
  const body = pattern.slice(inline?.[0].length ?? 0);
  try {
    return new RegExp(translatePattern(body, letters), `gu${letters.has('i') ? 'i' : ''}`);
  } catch (error) {
    throw new EvaluationError(`Invalid regular expression "${pattern}": ${(error as Error).message}`);
  }
}

/** A match at the very start of a text, as re.match. */
export function matchAtStart(expression: RegExp, text: string): RegExpExecArray | null {
  return new RegExp(expression.source, expression.flags.replace('g', 'y')).exec(text);
}

const replacementEscapes: Readonly<Record<string, string>> = {
  n: '\n',
  t: '\t',
  r: '\r',
  a: '\x07',
  b: '\b',
  f: '\f',
  v: '\v',
  '\\': '\\',
};

/** The text that a replacement such as `\1-\g<name>` gives for a match, as Match.expand. Throws EvaluationError for a group that is not there. */
export function expandReplacement(replacement: string, match: RegExpExecArray): string {
  if (!replacement.includes('\\')) return replacement;
  return replacement.replace(
    /\\(?:g<([^>]*)>|([1-9]\d?)|(0[0-7]{0,2})|([\s\S]))/g,
    (all: string, name?: string, number?: string, octal?: string, letter = '') => {
      if (name !== undefined || number !== undefined) return groupOf(match, (name ?? number)!);
      if (octal !== undefined) return String.fromCharCode(Number.parseInt(octal, 8));
      if (Object.hasOwn(replacementEscapes, letter)) return replacementEscapes[letter]!;
      if (/[A-Za-z]/.test(letter)) throw new EvaluationError(`bad escape ${all}`);
      return all;
    },
  );
}

function groupOf(match: RegExpExecArray, name: string): string {
  if (/^\d+$/.test(name)) {
    if (Number(name) < match.length) return match[Number(name)] ?? '';
    throw new EvaluationError(`invalid group reference ${name}`);
  }
  if (match.groups !== undefined && Object.hasOwn(match.groups, name)) return match.groups[name] ?? '';
  throw new EvaluationError(`unknown group name '${name}'`);
}
