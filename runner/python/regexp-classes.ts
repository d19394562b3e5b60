import { EvaluationError } from './evaluation-error.ts';

/** A piece of a pattern: how long it is there, and what it is in JavaScript. */
export interface Piece {
  readonly length: number;
  readonly text: string;
}

/** What stands inside of a class for the letters that Python has; all of Unicode's, or ASCII's alone. */
interface Letters {
  readonly w: string;
  readonly d: string;
  readonly s: string;
}

const unicode: Letters = {
  w: '\\p{L}\\p{N}_',
  d: '\\p{Nd}',
  s: '\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000',
};
const ascii: Letters = { w: 'A-Za-z0-9_', d: '0-9', s: '\\t-\\r\\x20' };

/** The escape at the start of `rest`, outside of a class. Throws EvaluationError for one that Python does not know. */
export function translateEscape(rest: string, isAscii: boolean): Piece {
  const letter = rest[1] ?? '';
  if (letter === 'A') return { length: 2, text: '^' };
  if (letter === 'Z') return { length: 2, text: '$' };
  const inside = lettersOf(letter, isAscii);
  if (inside !== undefined) return { length: 2, text: /[A-Z]/.test(letter) ? `[^${inside}]` : `[${inside}]` };
  if (letter === 'b' || letter === 'B') return { length: 2, text: boundary(letter, isAscii) };
  const group = /^\\([1-9]\d?)/.exec(rest);
  if (group) return { length: group[0].length, text: `(?:${group[0]})` };
  return literalEscape(rest);
}

function lettersOf(letter: string, isAscii: boolean): string | undefined {
  return 'wWdDsS'.includes(letter) && letter !== ''
    ? (isAscii ? ascii : unicode)[letter.toLowerCase() as keyof Letters]
    : undefined;
}

/** A word's border. JavaScript's own knows ASCII's words only. */
function boundary(letter: string, isAscii: boolean): string {
  if (isAscii) return `\\${letter}`;
  const word = `[${unicode.w}]`;
  return letter === 'b'
    ? `(?:(?<=${word})(?!${word})|(?<!${word})(?=${word}))`
    : `(?:(?<=${word})(?=${word})|(?<!${word})(?!${word}))`;
}

/** The character class at the start of `rest`. Throws EvaluationError for one that has no end. */
export function translateClass(rest: string, isAscii: boolean): Piece {
  let at = 1;
  const isNegated = rest[at] === '^';
  if (isNegated) at++;
  const first = at;
  let inside = '';
  /** Classes such as `\W`, which cannot stand inside of another. */
  const outside: string[] = [];
  while (at < rest.length && (rest[at] !== ']' || at === first)) {
    const piece = classPart(rest, at, isAscii);
    if (piece.isWhole) outside.push(piece.text);
    else inside += piece.text;
    at += piece.length;
  }
  if (at >= rest.length) throw new EvaluationError('unterminated character set');
  return { length: at + 1, text: wholeClass(inside, outside, isNegated) };
}

function wholeClass(inside: string, outside: readonly string[], isNegated: boolean): string {
  const own = `[${isNegated ? '^' : ''}${inside}]`;
  if (outside.length === 0) return own;
  return isNegated ? `(?:(?!${outside.join('|')})${own})` : `(?:${[own, ...outside].join('|')})`;
}

function classPart(rest: string, at: number, isAscii: boolean): Piece & { readonly isWhole?: boolean } {
  const letter = rest[at + 1] ?? '';
  if (rest[at] !== '\\') {
    const character = String.fromCodePoint(rest.codePointAt(at)!);
    const text = /[\][]/.test(character) ? `\\${character}` : looseHyphen(character, rest, at);
    return { length: character.length, text };
  }
  const letters = lettersOf(letter, isAscii);
  if (letters === undefined) return letter === 'b' ? { length: 2, text: '\\b' } : literalEscape(rest.slice(at));
  return /[A-Z]/.test(letter) ? { length: 2, text: `[^${letters}]`, isWhole: true } : { length: 2, text: letters };
}

/** A hyphen next to a class such as `\w` is itself in Python; in JavaScript it has to be escaped there. */
function looseHyphen(character: string, rest: string, at: number): string {
  if (character !== '-') return character;
  const beside = /\\[dDsSwW]$/.test(rest.slice(0, at)) || /^-\\[dDsSwW]/.test(rest.slice(at));
  return beside ? '\\-' : '-';
}

const controls: Readonly<Record<string, string>> = {
  a: '\\x07',
  f: '\\f',
  n: '\\n',
  r: '\\r',
  t: '\\t',
  v: '\\v',
};

function literalEscape(rest: string): Piece {
  const hex = /^\\(?:x([0-9A-Fa-f]{2})|u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8}))/.exec(rest);
  if (hex) {
    const code = hex[1] ?? hex[2] ?? hex[3]!;
    return { length: hex[0].length, text: `\\u{${code.replace(/^0+(?=.)/, '')}}` };
  }
  const octal = /^\\(0[0-7]{0,2})/.exec(rest);
  if (octal) return { length: octal[0].length, text: `\\u{${Number.parseInt(octal[1]!, 8).toString(16)}}` };
  const character = rest.slice(1, 2);
  if (character === '') throw new EvaluationError('bad escape (end of pattern)');
  if (Object.hasOwn(controls, character)) return { length: 2, text: controls[character]! };
  if (/[A-Za-z0-9]/.test(character)) throw new EvaluationError(`bad escape \\${character}`);
  const literal = String.fromCodePoint(rest.codePointAt(1)!);
  return { length: 1 + literal.length, text: /[\^$\\.*+?()[\]{}|/-]/.test(literal) ? escaped(literal) : literal };
}

/** A hyphen may only be escaped inside a class; as a code point it is right anywhere. */
function escaped(literal: string): string {
  return literal === '-' ? '\\u{2d}' : `\\${literal}`;
}
