import type { Mapping, Value } from '../value.ts';
import { mapping } from '../value.ts';
import { nameOfText } from './dict.ts';
import { EvaluationError } from './evaluation-error.ts';
import { float, int } from './kinds.ts';

const token =
  /\s*(?:([{}[\],:])|("(?:[^"\\]|\\.)*")|(-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?)|(true|false|null|NaN|-?Infinity))/y;

/** Reads JSON as Python does: ints and floats apart, big ints whole. Throws EvaluationError. */
export function parseJson(text: string): Value {
  // JSON.parse is the fast way; only numbers such as 1.0 or 12345678901234567890, and keys that it would move, need the reader below.
  if (!/\d(?:\.\d*0(?!\d)|[eE])|\d{16}|NaN|Infinity|"\d+"\s*:/.test(text)) return parseQuickly(text);
  return new JsonReader(text).read();
}

function parseQuickly(text: string): Value {
  try {
    return withoutPrototypes(JSON.parse(text) as Value);
  } catch (error) {
    throw new EvaluationError(`Invalid JSON: ${(error as Error).message}`);
  }
}

function withoutPrototypes(value: Value): Value {
  if (Array.isArray(value)) {
    for (let index = 0; index < value.length; index++) value[index] = withoutPrototypes(value[index]!);
    return value;
  }
  if (typeof value !== 'object' || value === null) return value;
  const result = mapping();
  for (const [key, item] of Object.entries(value as Mapping)) result[nameOfText(key)] = withoutPrototypes(item);
  return result;
}

class JsonReader {
  readonly #text: string;
  #index = 0;

  constructor(text: string) {
    this.#text = text;
  }

  read(): Value {
    const value = this.#value(this.#next());
    if (this.#text.slice(this.#index).trim() !== '') this.#fail();
    return value;
  }

  #next(): RegExpExecArray {
    token.lastIndex = this.#index;
    const match = token.exec(this.#text);
    if (!match) this.#fail();
    this.#index = token.lastIndex;
    return match;
  }

  #fail(): never {
    throw new EvaluationError(`Invalid JSON at character ${this.#index}`);
  }

  #value([, mark, text, number, word]: RegExpExecArray): Value {
    if (text !== undefined) return parseQuickly(text);
    if (number !== undefined) return /[.eE]/.test(number) ? float(Number(number)) : int(BigInt(number));
    if (word !== undefined) return this.#word(word);
    if (mark === '[') return this.#list();
    if (mark === '{') return this.#dict();
    return this.#fail();
  }

  #word(word: string): Value {
    const values: Record<string, Value> = { true: true, false: false, null: null, NaN: Number.NaN };
    return Object.hasOwn(values, word) ? values[word]! : word.startsWith('-') ? -Infinity : Infinity;
  }

  #list(): Value {
    const result: Value[] = [];
    let next = this.#next();
    if (next[1] === ']') return result;
    for (;;) {
      result.push(this.#value(next));
      next = this.#next();
      if (next[1] === ']') return result;
      if (next[1] !== ',') this.#fail();
      next = this.#next();
    }
  }

  #dict(): Value {
    const result = mapping();
    let next = this.#next();
    if (next[1] === '}') return result;
    for (;;) {
      if (next[2] === undefined || this.#next()[1] !== ':') this.#fail();
      result[nameOfText(parseQuickly(next[2]) as string)] = this.#value(this.#next());
      next = this.#next();
      if (next[1] === '}') return result;
      if (next[1] !== ',') this.#fail();
      next = this.#next();
    }
  }
}
