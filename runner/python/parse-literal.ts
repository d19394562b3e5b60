import { Float, mapping, type Value } from '../value.ts';
import { setEntry } from './dict.ts';
import { float as asFloat, int } from './kinds.ts';
import { Tuple, tuple, type V } from './object.ts';

/** The words that a reader takes for values. */
type Words = ReadonlyMap<string, V>;

const pythonWords: Words = new Map<string, V>([
  ['None', null],
  ['True', true],
  ['False', false],
]);
const jsonWords: Words = new Map<string, V>([...pythonWords, ['null', null], ['true', true], ['false', false]]);

/**
 * Reads a Python literal (and JSON's true, false, null), as Ansible up to 2.18 does with text that looks like a list or dict.
 * Undefined when it is none.
 */
export function parseLiteral(text: string): Value | undefined {
  return read(text, jsonWords, false) as Value | undefined;
}

/**
 * Reads a value of an INI inventory as Ansible does: a Python literal (number, quoted text, True, False, None, list,
 * tuple, dict, set) where it is one, the text itself otherwise. Tuples and sets become lists.
 */
export function inventoryLiteral(text: string): Value {
  const value = read(text, pythonWords, true);
  return value === undefined ? text : asLists(value);
}

function asLists(value: V): Value {
  return Array.isArray(value) ? Array.from(value, asLists) : (value as Value);
}

function read(text: string, words: Words, sets: boolean): V | undefined {
  try {
    return new LiteralReader(text, words, sets).document();
  } catch (error) {
    if (error === notLiteral) return undefined;
    throw error;
  }
}

const notLiteral = new Error('not a literal');
/** Python's own reader gives up on what is deeper. */
const deepest = 200;

const integer = /0[xX](?:_?[0-9a-fA-F])+|0[oO](?:_?[0-7])+|0[bB](?:_?[01])+|0(?:_?0)*|[1-9](?:_?\d)*/y;
const fraction =
  /(?:\d(?:_?\d)*)?\.\d(?:_?\d)*(?:[eE][+-]?\d(?:_?\d)*)?|\d(?:_?\d)*\.?[eE][+-]?\d(?:_?\d)*|\d(?:_?\d)*\./y;
const word = /[A-Za-z_]\w*/y;
const stringStart = /([rR]|[uU]|[bB]|[bB][rR]|[rR][bB])?("""|'''|"|')/y;
const simpleEscapes: ReadonlyMap<string, string> = new Map([
  ['\\', '\\'],
  ["'", "'"],
  ['"', '"'],
  ['a', '\x07'],
  ['b', '\b'],
  ['f', '\f'],
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
  ['v', '\v'],
]);

class LiteralReader {
  readonly #text: string;
  readonly #words: Words;
  readonly #sets: boolean;
  #at = 0;
  /** Brackets that are open; lines end nothing inside of them. */
  #depth = 0;

  constructor(text: string, words: Words, sets: boolean) {
    this.#text = text;
    this.#words = words;
    this.#sets = sets;
  }

  document(): V {
    const { values, commas } = this.#items(undefined);
    this.#match(/(?:\s|#[^\n]*)*/y);
    if (this.#at < this.#text.length || values.length === 0) throw notLiteral;
    return commas === 0 ? values[0]! : tuple(values);
  }

  #value(): V {
    this.#space();
    const next = this.#text[this.#at];
    if (next === undefined) throw notLiteral;
    if ('[({'.includes(next)) return this.#container(next);
    if (next === '-' || next === '+') return this.#signed();
    stringStart.lastIndex = this.#at;
    if (stringStart.test(this.#text)) return this.#strings();
    if (/[\d.]/.test(next)) return this.#number();
    const name = this.#match(word);
    const known = name === undefined ? undefined : this.#words.get(name);
    if (known === undefined) throw notLiteral;
    return known;
  }

  #container(opening: string): V {
    if (++this.#depth > deepest) throw notLiteral;
    this.#at++;
    const value =
      opening === '[' ? (this.#items(']').values as Value[]) : opening === '(' ? this.#tuple() : this.#dict();
    this.#depth--;
    return value;
  }

  #signed(): V {
    const sign = this.#text[this.#at++];
    this.#space();
    const number = this.#number();
    if (sign === '+') return number;
    if (number instanceof Float) return new Float(-number.value);
    return typeof number === 'bigint' ? int(-number) : -(number as number);
  }

  #number(): V {
    const decimal = this.#match(fraction);
    const digits = decimal ?? this.#match(integer);
    // `5L`, `1j` and `0644` are no numbers.
    if (digits === undefined || /[\w.]/.test(this.#text[this.#at] ?? '')) throw notLiteral;
    const plain = digits.replaceAll('_', '');
    return decimal === undefined ? int(BigInt(plain)) : asFloat(Number(plain));
  }

  #strings(): V {
    let result = '';
    for (;;) {
      this.#space();
      stringStart.lastIndex = this.#at;
      const start = stringStart.exec(this.#text);
      if (!start) return result;
      this.#at = stringStart.lastIndex;
      result += this.#stringBody(start[2]!, /[rR]/.test(start[1] ?? ''));
    }
  }

  #stringBody(quote: string, raw: boolean): string {
    let result = '';
    while (this.#at < this.#text.length) {
      if (this.#text.startsWith(quote, this.#at)) {
        this.#at += quote.length;
        return result;
      }
      const character = this.#text[this.#at++]!;
      if (character === '\n' && quote.length === 1) throw notLiteral;
      if (character !== '\\') result += character;
      else if (raw) result += character + (this.#text[this.#at++] ?? '');
      else result += this.#escape();
    }
    throw notLiteral;
  }

  /** What follows a backslash. */
  #escape(): string {
    const letter = this.#text[this.#at];
    if (letter === undefined) throw notLiteral;
    const octal = this.#match(/[0-7]{1,3}/y);
    if (octal !== undefined) return String.fromCodePoint(Number.parseInt(octal, 8));
    this.#at++;
    if (letter === '\n') return '';
    const simple = simpleEscapes.get(letter);
    if (simple !== undefined) return simple;
    const length = letter === 'x' ? 2 : letter === 'u' ? 4 : letter === 'U' ? 8 : undefined;
    if (length === undefined) return `\\${letter}`;
    const digits = this.#text.slice(this.#at, this.#at + length);
    const code = Number.parseInt(digits, 16);
    if (digits.length < length || !/^[0-9a-fA-F]+$/.test(digits) || code > 0x10ffff) throw notLiteral;
    this.#at += length;
    return String.fromCodePoint(code);
  }

  #tuple(): V {
    const { values, commas } = this.#items(')');
    return values.length === 1 && commas === 0 ? values[0]! : tuple(values);
  }

  /** Values with commas between them, up to the closing character (or the end), which is taken too. */
  #items(close: string | undefined): { values: V[]; commas: number } {
    const values: V[] = [];
    let commas = 0;
    for (;;) {
      if (this.#closes(close)) return { values, commas };
      values.push(this.#value());
      if (this.#closes(close)) return { values, commas };
      if (this.#text[this.#at] !== ',') throw notLiteral;
      this.#at++;
      commas++;
    }
  }

  #dict(): V {
    const result = mapping();
    const set: V[] = [];
    for (let first = true; !this.#closes('}'); first = false) {
      if (!first) this.#comma();
      if (!first && this.#closes('}')) break;
      const key = this.#value();
      this.#space();
      const isEntry = this.#text[this.#at] === ':';
      if (isEntry && set.length > 0) throw notLiteral;
      if (!isEntry && (!this.#sets || Object.keys(result).length > 0)) throw notLiteral;
      if (isEntry) this.#entry(result, key);
      else set.push(key);
    }
    return set.length > 0 ? (set as Value[]) : result;
  }

  #comma(): void {
    if (this.#text[this.#at] !== ',') throw notLiteral;
    this.#at++;
  }

  #entry(dict: ReturnType<typeof mapping>, key: V): void {
    this.#at++;
    if (typeof key === 'object' && key !== null && !(key instanceof Tuple) && !(key instanceof Float)) throw notLiteral;
    setEntry(dict, key, this.#value() as Value);
  }

  /** Takes the closing character if it is next. */
  #closes(close: string | undefined): boolean {
    this.#space();
    if (close === undefined) return this.#at >= this.#text.length || this.#text[this.#at] === '\n';
    if (this.#text[this.#at] !== close) return false;
    this.#at++;
    return true;
  }

  /** Skips space and comments; between brackets also the ends of lines. */
  #space(): void {
    this.#match(this.#depth > 0 ? /(?:\s|#[^\n]*|\\\n)*/y : /(?:[ \t\f]|\\\n)*(?:#.*)?/y);
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0];
    if (found !== undefined) this.#at += found.length;
    return found;
  }
}
