import { EvaluationError } from './evaluation-error.ts';

/** Flags of Python's `re` that filters take. */
export interface RegExpFlags {
  readonly ignoreCase?: boolean;
  readonly multiline?: boolean;
  readonly dotAll?: boolean;
}

const cache = new Map<string, RegExp>();

/** A regular expression in Python's syntax as one of JavaScript (global). Throws EvaluationError for a wrong one. */
export function pythonRegExp(pattern: string, flags: RegExpFlags = {}, suffix = ''): RegExp {
  const key = `${flags.ignoreCase ? 'i' : ''}${flags.multiline ? 'm' : ''}${flags.dotAll ? 's' : ''}${suffix}/${pattern}`;
  let result = cache.get(key);
  if (!result) {
    result = translate(pattern, flags, suffix);
    if (cache.size > 2000) cache.clear();
    cache.set(key, result);
  }
  result.lastIndex = 0;
  return result;
}

function translate(pattern: string, flags: RegExpFlags, suffix: string): RegExp {
  let { ignoreCase = false, multiline = false, dotAll = false } = flags;
  let verbose = false;
  const inline = /^\(\?([aiLmsux]+)\)/.exec(pattern);
  if (inline) {
    const letters = inline[1]!;
    ignoreCase ||= letters.includes('i');
    multiline ||= letters.includes('m');
    dotAll ||= letters.includes('s');
    verbose = letters.includes('x');
  }
  const body = translateBody(pattern.slice(inline?.[0].length ?? 0), multiline, verbose);
  const source = suffix === '' ? body : `(?:${body})${suffix}`;
  try {
    return new RegExp(source, `gu${ignoreCase ? 'i' : ''}${multiline ? 'm' : ''}${dotAll ? 's' : ''}`);
  } catch (error) {
    throw new EvaluationError(`Invalid regular expression "${pattern}": ${(error as Error).message}`);
  }
}

const classes: Readonly<Record<string, string>> = {
  d: '\\p{Nd}',
  D: '\\P{Nd}',
  w: '\\p{L}\\p{N}_',
  s: '\\s',
  S: '\\S',
};

function translateBody(pattern: string, multiline: boolean, verbose: boolean): string {
  let result = '';
  for (let index = 0; index < pattern.length; ) {
    const rest = pattern.slice(index);
    const [source, used] =
      rest[0] === '\\'
        ? escapeSequence(rest)
        : rest[0] === '['
          ? characterClass(rest)
          : rest[0] === '('
            ? group(rest)
            : single(rest, multiline, verbose);
    result += source;
    index += used;
  }
  return result;
}

function single(rest: string, multiline: boolean, verbose: boolean): [string, number] {
  const character = String.fromCodePoint(rest.codePointAt(0)!);
  if (verbose && /\s/.test(character)) return ['', 1];
  if (verbose && character === '#') return ['', /^#[^\n]*/.exec(rest)![0].length];
  if (character === '$') return [multiline ? '$' : '(?=\\n?$(?![\\s\\S]))', 1];
  const repeat = character === '{' ? /^\{(\d*)(,?)(\d*)\}/.exec(rest) : null;
  if (repeat && (repeat[1] !== '' || repeat[3] !== '')) {
    return [`{${repeat[1] || '0'}${repeat[2]}${repeat[3]}}`, repeat[0].length];
  }
  if (character === '{' || character === '}' || character === ']') return [`\\${character}`, 1];
  // Possessive and atomic repeats do not exist in JavaScript; greedy ones match the same texts nearly always.
  if (/^[*+?]\+/.test(rest)) return [character, 2];
  return [character, character.length];
}

function escapeSequence(rest: string): [string, number] {
  const letter = rest[1] ?? '';
  switch (letter) {
    case 'A':
      return ['(?<![\\s\\S])', 2];
    case 'Z':
      return ['(?![\\s\\S])', 2];
    case 'w':
      return ['[\\p{L}\\p{N}_]', 2];
    case 'W':
      return ['[^\\p{L}\\p{N}_]', 2];
    case 'd':
    case 'D':
    case 's':
    case 'S':
      return [classes[letter]!, 2];
    case 'a':
      return ['\\x07', 2];
  }
  if (/[bBnrtfv]/.test(letter)) return [`\\${letter}`, 2];
  const code = /^\\(?:x[\da-fA-F]{2}|u[\da-fA-F]{4}|[1-9]\d?)/.exec(rest);
  if (code) return [code[0], code[0].length];
  if (letter === '0') return ['\\x00', 2];
  return [literal(letter), 1 + letter.length];
}

function literal(character: string): string {
  return /[\^$\\.*+?()[\]{}|/]/.test(character) ? `\\${character}` : character === '-' ? '\\x2d' : character;
}

function characterClass(rest: string): [string, number] {
  let index = 1;
  let result = '[';
  if (rest[index] === '^') {
    result += '^';
    index++;
  }
  for (let first = true; index < rest.length; first = false) {
    const character = rest[index]!;
    if (character === ']' && !first) return [`${result}]`, index + 1];
    if (character === '\\') {
      const [source, used] = classEscape(rest.slice(index));
      result += source;
      index += used;
    } else {
      result += character === '-' ? '-' : /[[\](){}/|^]/.test(character) ? `\\${character}` : character;
      index++;
    }
  }
  throw new EvaluationError(`Invalid regular expression: unterminated character set in "${rest}"`);
}

function classEscape(rest: string): [string, number] {
  const letter = rest[1] ?? '';
  if (letter === 'w' || letter === 'd' || letter === 'D' || letter === 's' || letter === 'S')
    return [classes[letter]!, 2];
  if (letter === 'W') return ['\\W', 2];
  return escapeSequence(rest);
}

function group(rest: string): [string, number] {
  const named = /^\(\?P<(\w+)>/.exec(rest);
  if (named) return [`(?<${named[1]}>`, named[0].length];
  const reference = /^\(\?P=(\w+)\)/.exec(rest);
  if (reference) return [`\\k<${reference[1]}>`, reference[0].length];
  const comment = /^\(\?#[^)]*\)/.exec(rest);
  if (comment) return ['', comment[0].length];
  const flagged = /^\(\?([aiLmsux]+)\)/.exec(rest);
  if (flagged) throw new EvaluationError('Invalid regular expression: global flags not at the start of the expression');
  const scoped = /^\(\?[aimsux-]+:/.exec(rest);
  if (scoped) return ['(?:', scoped[0].length];
  const opening = /^\(\?(?:[:=!>]|<[=!])/.exec(rest)?.[0];
  if (opening) return [opening === '(?>' ? '(?:' : opening, opening.length];
  return ['(', 1];
}

/** The text that a Python replacement such as `\\1-\\g<name>` gives for a match. */
export function expandReplacement(replacement: string, match: RegExpExecArray): string {
  if (!replacement.includes('\\')) return replacement;
  return replacement.replace(/\\(?:(\d{1,2})|g<(\w+)>|([\s\S]))/g, (all, digits, name, other) => {
    const reference = digits ?? (name !== undefined && /^\d+$/.test(name) ? name : undefined);
    if (reference !== undefined) return numbered(match, Number(reference));
    if (name !== undefined) return match.groups && name in match.groups ? (match.groups[name] ?? '') : fail(name);
    return replacementEscapes[other] ?? unknownEscape(all, other);
  });
}

const replacementEscapes: Readonly<Record<string, string>> = {
  n: '\n',
  t: '\t',
  r: '\r',
  '\\': '\\',
  f: '\f',
  v: '\v',
};

function unknownEscape(all: string, letter: string): string {
  if (/[A-Za-z]/.test(letter)) throw new EvaluationError(`bad escape ${all}`);
  return all;
}

function numbered(match: RegExpExecArray, index: number): string {
  if (index >= match.length) throw new EvaluationError(`invalid group reference ${index}`);
  return match[index] ?? '';
}

function fail(name: string): never {
  throw new EvaluationError(`unknown group name '${name}'`);
}
