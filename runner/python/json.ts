import { countSteps } from '../computing.ts';
import {
  type Float,
  isTemporal,
  type Mapping,
  mapping,
  type Temporal,
  type Undefined,
  UnsafeText,
  type Value,
} from '../value.ts';
import { boundedText, repeatText } from './bounds.ts';
import { keyOf, keyText, nameOfText } from './dict.ts';
import { EvaluationError, undefinedError } from './evaluation-error.ts';
import { float, int, isNumeric, kindOf, typeError, typeName } from './kinds.ts';
import { jsonNumber } from './literal.ts';
import { type PyObject, Range, type V } from './object.ts';
import { compare } from './operators.ts';

/** How Python's json.dumps is asked to print. */
export interface JsonOptions {
  readonly indent?: number | string | null;
  readonly sortKeys?: boolean;
  readonly ensureAscii?: boolean;
  readonly itemSeparator?: string;
  readonly keySeparator?: string;
}

/** A value as Python's json.dumps prints it. Throws EvaluationError for undefined values. */
export function jsonText(value: V, options: JsonOptions = {}): string {
  const indent = options.indent ?? null;
  return write(value, '\n', {
    indent: indent === null ? null : typeof indent === 'number' ? repeatText(' ', Math.max(0, indent)) : indent,
    item: options.itemSeparator ?? (indent === null ? ', ' : ','),
    key: options.keySeparator ?? ': ',
    sort: options.sortKeys ?? false,
    ascii: options.ensureAscii ?? true,
  });
}

interface Style {
  readonly indent: string | null;
  readonly item: string;
  readonly key: string;
  readonly sort: boolean;
  readonly ascii: boolean;
}

function write(value: V, newline: string, style: Style): string {
  switch (kindOf(value)) {
    case 'none':
      return 'null';
    case 'bool':
    case 'int':
      return String(value);
    case 'float':
      return jsonNumber(value as number | Float);
    case 'str':
      return jsonString(value instanceof UnsafeText ? value.text : (value as string), style.ascii);
    case 'list':
    case 'tuple':
      return boundedText(writeList(value as V[], newline, style));
    case 'dict':
      return boundedText(writeDict(value as Mapping, newline, style));
    case 'undefined':
      throw undefinedError((value as Undefined).message);
    default:
      return writeObject(value as PyObject, newline, style);
  }
}

function writeObject(value: PyObject, newline: string, style: Style): string {
  if (value instanceof Range) return writeList(value.elements(), newline, style);
  if (isTemporal(value)) return jsonString(isoText(value), style.ascii);
  throw typeError(`Object of type ${typeName(value)} is not JSON serializable`);
}

/** A date as JSON has it. */
export function isoText(value: Temporal): string {
  return value.text().replace(' ', 'T');
}

function writeList(list: readonly V[], newline: string, style: Style): string {
  countSteps();
  if (list.length === 0) return '[]';
  const inner = style.indent === null ? newline : newline + style.indent;
  const between = style.indent === null ? style.item : style.item + inner;
  let text = style.indent === null ? '[' : `[${inner}`;
  for (let index = 0; index < list.length; index++) {
    if (index > 0) text += between;
    text += write(list[index]!, inner, style);
  }
  return `${text}${style.indent === null ? '' : newline}]`;
}

function writeDict(dict: Mapping, newline: string, style: Style): string {
  countSteps();
  const names = Object.keys(dict);
  if (names.length === 0) return '{}';
  if (style.sort) sortByText(names);
  const inner = style.indent === null ? newline : newline + style.indent;
  const between = style.indent === null ? style.item : style.item + inner;
  let text = style.indent === null ? '{' : `{${inner}`;
  for (let index = 0; index < names.length; index++) {
    const name = names[index]!;
    if (index > 0) text += between;
    text += keyAsJson(name, style.ascii) + style.key + write(dict[name]!, inner, style);
  }
  return `${text}${style.indent === null ? '' : newline}}`;
}

/** Keys as JSON, which are the same over and over: with escapes for what is not ASCII, and without. */
const writtenKeys = [new Map<string, string>(), new Map<string, string>()] as const;
const mostWrittenKeys = 10_000;

function keyAsJson(name: string, ascii: boolean): string {
  const known = writtenKeys[ascii ? 0 : 1];
  let text = known.get(name);
  if (text === undefined) {
    text = jsonString(jsonKey(name), ascii);
    if (known.size >= mostWrittenKeys) known.clear();
    known.set(name, text);
  }
  return text;
}

/** Orders the names of a dict's entries by their keys. Throws EvaluationError for keys that have no order. */
export function sortNames(names: string[]): string[] {
  const plain = names.every((name) => name.charCodeAt(0) !== 0);
  return plain ? names.sort() : names.sort((a, b) => compare(keyOf(a), keyOf(b)));
}

/** Orders names by what JSON shows of their keys. */
export function sortByText(names: string[]): string[] {
  if (names.every((name) => name.charCodeAt(0) !== 0)) return names.sort();
  const texts = new Map(names.map((name) => [name, shownKey(name)]));
  return names.sort((a, b) => (texts.get(a)! < texts.get(b)! ? -1 : 1));
}

/** A key as a string, as Python's json.dumps writes it. Throws EvaluationError for those that it refuses. */
export function jsonKey(name: string): string {
  const key = keyOf(name);
  if (typeof key === 'string') return key;
  if (key === null || typeof key === 'boolean') return String(key);
  if (isNumeric(key)) return jsonNumber(key as number | bigint | Float);
  throw typeError(`keys must be str, int, float, bool or None, not ${typeName(key)}`);
}

/** The same for what is only shown: keys that JSON does not know are their text. */
export function shownKey(name: string): string {
  const key = keyOf(name);
  return typeof key === 'object' && key !== null && !isNumeric(key) ? keyText(name) : jsonKey(name);
}

/** What JSON writes as it is. */
const plainCharacters = /^[ !#-[\]-~]*$/;

function jsonString(text: string, ascii: boolean): string {
  if (plainCharacters.test(text)) return `"${text}"`;
  const quoted = JSON.stringify(text);
  if (!ascii) return text.isWellFormed() ? quoted : quotedWithEscapes(text);
  return quoted.replace(/[\x7f-\uffff]/g, (c) =>
    c === '\x7f' ? c : `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** Bytes that are not UTF-8 stay as they are (python/bytes.ts); JSON.stringify spells their surrogates. */
function quotedWithEscapes(text: string): string {
  const parts = text.split(/(\p{Surrogate})/u);
  return `"${parts.map((part, index) => (index % 2 === 1 ? part : JSON.stringify(part).slice(1, -1))).join('')}"`;
}

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
