import { table } from '../table.ts';
import type { Value } from '../value.ts';
import { Float, mapping } from '../value.ts';
import { setEntry } from './dict.ts';

/**
 * Reads a value of an INI inventory as Ansible does: a Python literal (number, quoted text, True, False, None, list,
 * tuple, dict, set) where it is one, the text itself otherwise. Tuples and sets become lists, keys of dicts text.
 */
export function pythonLiteral(text: string): Value {
  const reader = new LiteralReader(text);
  const value = reader.document();
  return value === notLiteral ? text : (value as Value);
}

/** Says that a text is not a Python literal. */
const notLiteral = Symbol('not a literal');
type Parsed = Value | typeof notLiteral;

const integer = /0[xX](?:_?[0-9a-fA-F])+|0[oO](?:_?[0-7])+|0[bB](?:_?[01])+|0(?:_?0)*|[1-9](?:_?\d)*/y;
const float =
  /(?:\d(?:_?\d)*)?\.\d(?:_?\d)*(?:[eE][+-]?\d(?:_?\d)*)?|\d(?:_?\d)*\.?[eE][+-]?\d(?:_?\d)*|\d(?:_?\d)*\./y;
const word = /[A-Za-z_]\w*/y;
const stringStart = /([rR]|[uU]|[bB]|[bB][rR]|[rR][bB])?("""|'''|"|')/y;
const simpleEscapes: Readonly<Record<string, string>> = {
  '\\': '\\',
  "'": "'",
  '"': '"',
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
};
const constants: Readonly<Record<string, Value>> = table<Value>({ None: null, True: true, False: false });

class LiteralReader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  document(): Parsed {
    const items = this.#items(undefined);
    if (items === notLiteral || this.#at < this.#text.length) return notLiteral;
    if (items.values.length === 0) return notLiteral;
    return items.commas === 0 ? items.values[0]! : items.values;
  }

  #value(): Parsed {
    this.#space();
    const next = this.#text[this.#at];
    if (next === undefined) return notLiteral;
    if (next === '[') return this.#list();
    if (next === '(') return this.#tuple();
    if (next === '{') return this.#dictOrSet();
    if (next === '-' || next === '+') {
      this.#at++;
      this.#space();
      const number = this.#number();
      return number === notLiteral || next === '+' ? number : negated(number);
    }
    stringStart.lastIndex = this.#at;
    if (stringStart.test(this.#text)) return this.#strings();
    if (/[\d.]/.test(next)) return this.#number();
    const name = this.#match(word);
    return name !== undefined && Object.hasOwn(constants, name) ? constants[name]! : notLiteral;
  }

  #number(): Parsed {
    const fraction = this.#match(float);
    const digits = fraction ?? this.#match(integer);
    if (digits === undefined) return notLiteral;
    // `5L`, `1j` and `0644` are no numbers.
    if (/[\w.]/.test(this.#text[this.#at] ?? '')) return notLiteral;
    const plain = digits.replaceAll('_', '');
    if (fraction !== undefined) {
      const number = Number(plain);
      return Number.isInteger(number) ? new Float(number) : number;
    }
    const exact = BigInt(plain);
    return Number.isSafeInteger(Number(exact)) ? Number(exact) : exact;
  }

  #strings(): Parsed {
    let result = '';
    for (;;) {
      this.#space();
      stringStart.lastIndex = this.#at;
      const start = stringStart.exec(this.#text);
      if (!start) return result;
      this.#at = stringStart.lastIndex;
      const part = this.#stringBody(start[2]!, /[rR]/.test(start[1] ?? ''));
      if (part === undefined) return notLiteral;
      result += part;
    }
  }

  #stringBody(quote: string, raw: boolean): string | undefined {
    let result = '';
    while (this.#at < this.#text.length) {
      if (this.#text.startsWith(quote, this.#at)) {
        this.#at += quote.length;
        return result;
      }
      const character = this.#text[this.#at++]!;
      if (character !== '\\') result += character;
      else if (raw) result += character + (this.#text[this.#at++] ?? '');
      else {
        const escaped = this.#escape();
        if (escaped === undefined) return undefined;
        result += escaped;
      }
    }
    return undefined;
  }

  /** What follows a backslash; undefined when it is no valid escape. */
  #escape(): string | undefined {
    const letter = this.#text[this.#at];
    if (letter === undefined) return undefined;
    const octal = this.#match(/[0-7]{1,3}/y);
    if (octal !== undefined) return String.fromCodePoint(Number.parseInt(octal, 8));
    this.#at++;
    if (letter === '\n') return '';
    if (Object.hasOwn(simpleEscapes, letter)) return simpleEscapes[letter];
    const length = { x: 2, u: 4, U: 8 }[letter];
    if (length === undefined) return `\\${letter}`;
    const digits = this.#text.slice(this.#at, this.#at + length);
    if (digits.length < length || !/^[0-9a-fA-F]+$/.test(digits)) return undefined;
    const code = Number.parseInt(digits, 16);
    if (code > 0x10ffff) return undefined;
    this.#at += length;
    return String.fromCodePoint(code);
  }

  #list(): Parsed {
    this.#at++;
    const items = this.#items(']');
    return items === notLiteral ? notLiteral : items.values;
  }

  #tuple(): Parsed {
    this.#at++;
    const items = this.#items(')');
    if (items === notLiteral) return notLiteral;
    return items.values.length === 1 && items.commas === 0 ? items.values[0]! : items.values;
  }

  /** Values with commas between them, up to the closing character (or the end), which is taken too. */
  #items(close: string | undefined): { values: Value[]; commas: number } | typeof notLiteral {
    const values: Value[] = [];
    let commas = 0;
    for (;;) {
      if (this.#closes(close)) return { values, commas };
      const value = this.#value();
      if (value === notLiteral) return notLiteral;
      values.push(value as Value);
      if (this.#closes(close)) return { values, commas };
      if (this.#text[this.#at] !== ',') return notLiteral;
      this.#at++;
      commas++;
    }
  }

  #dictOrSet(): Parsed {
    this.#at++;
    const result = mapping();
    const set: Value[] = [];
    if (this.#closes('}')) return result;
    for (let first = true; ; first = false) {
      if (!first && this.#closes('}')) break;
      const key = this.#value();
      if (key === notLiteral) return notLiteral;
      this.#space();
      if (this.#text[this.#at] === ':' && (first || set.length === 0)) {
        this.#at++;
        const value = this.#value();
        if (value === notLiteral) return notLiteral;
        setEntry(result, key as Value, value as Value);
      } else if (Object.keys(result).length === 0) {
        set.push(key as Value);
      } else {
        return notLiteral;
      }
      if (this.#closes('}')) break;
      if (this.#text[this.#at] !== ',') return notLiteral;
      this.#at++;
    }
    return set.length > 0 ? set : result;
  }

  /** Takes the closing character if it is next. */
  #closes(close: string | undefined): boolean {
    this.#space();
    if (close === undefined) return this.#at >= this.#text.length;
    if (this.#text[this.#at] !== close) return false;
    this.#at++;
    return true;
  }

  /** Skips space and a comment. */
  #space(): void {
    this.#match(/[ \t\f]*(?:#.*)?/y);
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0];
    if (found !== undefined) this.#at += found.length;
    return found;
  }
}

function negated(number: Value): Parsed {
  if (number instanceof Float) return new Float(-number.value);
  return typeof number === 'number' || typeof number === 'bigint' ? -number : notLiteral;
}
