import { Float, mapping, type Value } from '../value.ts';
import { setEntry } from './dict.ts';
import { float, int } from './kinds.ts';
import { Tuple, tuple, type V } from './object.ts';
import { unescapeText } from './unescape.ts';

const constants: ReadonlyMap<string, Value> = new Map([
  ['True', true],
  ['False', false],
  ['None', null],
  ['true', true],
  ['false', false],
  ['null', null],
]);

/**
 * Reads a Python literal (and JSON's true, false, null), as Ansible does with text that looks like a list or dict.
 * Undefined when it is none.
 */
export function parseLiteral(text: string): Value | undefined {
  try {
    return new LiteralReader(text).read() as Value;
  } catch (error) {
    if (error === notLiteral) return undefined;
    throw error;
  }
}

const notLiteral = new Error('not a literal');

const blank = /(?:\s|#[^\n]*|\\\n)*/y;
const number =
  /(?:0[xX][\da-fA-F_]+|0[oO][0-7_]+|0[bB][01_]+|(?:\d[\d_]*)?\.\d[\d_]*(?:[eE][+-]?\d+)?|\d[\d_]*\.?(?:[eE][+-]?\d+)?)/y;
const word = /[A-Za-z]\w*/y;
const tripleQuoted = /([rRuU]?)('''|""")((?:[^\\]|\\[\s\S])*?)\2/y;
const quotedText = /([rRuU]?)(?:'((?:[^'\\\n]|\\[\s\S])*)'|"((?:[^"\\\n]|\\[\s\S])*)")/y;

class LiteralReader {
  readonly #text: string;
  #index = 0;
  #depth = 0;

  constructor(text: string) {
    this.#text = text;
  }

  read(): V {
    const value = this.#value();
    this.#skip();
    if (this.#index < this.#text.length) throw notLiteral;
    return value;
  }

  #match(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.#index;
    const match = pattern.exec(this.#text);
    if (match) this.#index += match[0].length;
    return match;
  }

  #skip(): void {
    this.#match(blank);
  }

  #take(character: string): boolean {
    this.#skip();
    if (this.#text[this.#index] !== character) return false;
    this.#index++;
    return true;
  }

  #value(): V {
    this.#skip();
    if (++this.#depth > 200) throw notLiteral;
    const value = this.#scalar() ?? this.#container();
    this.#depth--;
    return value;
  }

  #container(): V {
    if (this.#take('[')) return this.#elements(']').values as Value[];
    if (this.#take('{')) return this.#dict();
    if (this.#take('(')) {
      const { values, comma } = this.#elements(')');
      return values.length === 1 && !comma ? values[0]! : tuple(values);
    }
    const word = this.#word();
    if (word === undefined) throw notLiteral;
    return word;
  }

  #word(): V | undefined {
    const match = this.#match(word);
    return match ? constants.get(match[0]) : undefined;
  }

  #scalar(): V | undefined {
    const character = this.#text[this.#index] ?? '';
    if (character === '-' || character === '+') return this.#signed();
    if (/[\d.]/.test(character)) return this.#number(1);
    if (/['"rRuU]/.test(character)) return this.#texts();
    return undefined;
  }

  #signed(): V {
    let sign = 1;
    for (;;) {
      if (this.#take('-')) sign = -sign;
      else if (!this.#take('+')) break;
    }
    this.#skip();
    return this.#number(sign);
  }

  #number(sign: number): V {
    const match = this.#match(number);
    if (!match) throw notLiteral;
    const text = match[0].replaceAll('_', '');
    if (/^0\d/.test(text) && !/[.eE]/.test(text) && !/^0+$/.test(text)) throw notLiteral;
    if (/^0[xXoObB]/.test(text) || /^\d+$/.test(text)) return int(BigInt(text) * BigInt(sign));
    return float(Number(text) * sign);
  }

  #texts(): V | undefined {
    let result: string | undefined;
    for (;;) {
      const start = this.#index;
      if (result !== undefined) this.#skip();
      const triple = this.#match(tripleQuoted);
      const match = triple ?? this.#match(quotedText);
      if (!match) {
        this.#index = start;
        return result;
      }
      const body = triple ? match[3]! : (match[2] ?? match[3] ?? '');
      result = (result ?? '') + (/^[rR]/.test(match[1]!) ? body : unescapeText(body));
    }
  }

  #elements(end: string): { values: V[]; comma: boolean } {
    const values: V[] = [];
    let comma = false;
    while (!this.#take(end)) {
      if (values.length > 0 && !comma) throw notLiteral;
      values.push(this.#value());
      comma = this.#take(',');
    }
    return { values, comma };
  }

  #dict(): V {
    const result = mapping();
    let first = true;
    let comma = false;
    while (!this.#take('}')) {
      if (!first && !comma) throw notLiteral;
      first = false;
      const key = this.#value();
      if (typeof key === 'object' && key !== null && !(key instanceof Tuple) && !(key instanceof Float))
        throw notLiteral;
      if (!this.#take(':')) throw notLiteral;
      setEntry(result, key, this.#value() as Value);
      comma = this.#take(',');
    }
    return result;
  }
}
