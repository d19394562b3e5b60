/** A piece of a pattern: how long it is there, and what it is in JavaScript. */
export interface Piece {
  readonly length: number;
  readonly text: string;
}

const word = '\\p{L}\\p{N}_';

/** Python's classes hold all of Unicode's letters and digits, unless the flag `a` (or a bytes pattern) says ASCII. */
const unicode: Readonly<Record<string, string>> = {
  w: `[${word}]`,
  W: `[^${word}]`,
  d: '\\p{Nd}',
  D: '\\P{Nd}',
  b: `(?:(?<=[${word}])(?![${word}])|(?<![${word}])(?=[${word}]))`,
  B: `(?:(?<=[${word}])(?=[${word}])|(?<![${word}])(?![${word}]))`,
};
const unicodeInClass: Readonly<Record<string, string>> = { w: word, d: '\\p{Nd}', D: '\\P{Nd}' };

/** The escape at the start of `rest`, outside of a class. */
export function translateEscape(rest: string, ascii: boolean): Piece {
  if (rest.startsWith('\\A')) return { length: 2, text: '(?<![\\s\\S])' };
  if (rest.startsWith('\\Z')) return { length: 2, text: '(?![\\s\\S])' };
  if (/^\\[bBdDsSwW]/.test(rest)) {
    return { length: 2, text: (ascii ? undefined : unicode[rest[1]!]) ?? rest.slice(0, 2) };
  }
  const group = /^\\([1-9]\d?)/.exec(rest);
  if (group) return { length: group[0].length, text: `(?:${group[0]})` };
  return literalEscape(rest);
}

/** The character class at the start of `rest`. */
export function translateClass(rest: string, ascii: boolean): Piece {
  let at = 1;
  let text = '[';
  if (rest[at] === '^') {
    text += '^';
    at++;
  }
  const first = at;
  while (at < rest.length && (rest[at] !== ']' || at === first)) {
    const part = rest.slice(at);
    if (part.startsWith('\\')) {
      const piece = classEscape(part, ascii);
      text += piece.text;
      at += piece.length;
    } else {
      const character = String.fromCodePoint(part.codePointAt(0)!);
      text += /[\][]/.test(character) ? `\\${character}` : looseHyphen(character, rest, at);
      at += character.length;
    }
  }
  if (at >= rest.length) throw new Error('unterminated character set');
  return { length: at + 1, text: `${text}]` };
}

/** A hyphen next to a class such as `\w` is itself in Python; with JavaScript's flag u it has to be escaped. */
function looseHyphen(character: string, rest: string, at: number): string {
  if (character !== '-') return character;
  const beside = /\\[dDsSwW]$/.test(rest.slice(0, at)) || /^-\\[dDsSwW]/.test(rest.slice(at));
  return beside ? '\\-' : '-';
}

function classEscape(part: string, ascii: boolean): Piece {
  if (/^\\[dDsSwWb]/.test(part)) {
    return { length: 2, text: (ascii ? undefined : unicodeInClass[part[1]!]) ?? part.slice(0, 2) };
  }
  return literalEscape(part);
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
  if (character === '') throw new Error('bad escape (end of pattern)');
  if (character in controls) return { length: 2, text: controls[character]! };
  if (/[A-Za-z0-9]/.test(character)) throw new Error(`bad escape \\${character}`);
  const literal = String.fromCodePoint(rest.codePointAt(1)!);
  return { length: 1 + literal.length, text: /[\^$\\.*+?()[\]{}|/-]/.test(literal) ? escaped(literal) : literal };
}

/** A hyphen may only be escaped inside a class; as a code point it is right anywhere. */
function escaped(literal: string): string {
  return literal === '-' ? '\\u{2d}' : `\\${literal}`;
}
