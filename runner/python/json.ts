import { countSteps } from '../computing.ts';
import { printableJson } from '../printable.ts';
import { shownEntry } from '../shared-values.ts';
import {
  Float,
  isTemporal,
  type Mapping,
  type Temporal,
  type Undefined,
  type UnsafeText,
  type Value,
} from '../value.ts';
import { boundedText, repeatText } from './bounds.ts';
import { keyOf, keyText } from './dict.ts';
import { undefinedError } from './evaluation-error.ts';
import { isNumeric, kindOf, typeError, typeName } from './kinds.ts';
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

/** The same for what is to be looked at. */
export interface ShownJsonOptions extends Omit<JsonOptions, 'ensureAscii'> {
  /** Whether programs read it: infinity and NaN, which JSON does not know, are null. */
  readonly strict?: boolean;
}

/** A value as Python's json.dumps prints it. Throws EvaluationError for undefined values. */
export function jsonText(value: V, options: JsonOptions = {}): string {
  const writer = new JsonWriter({
    ...layoutOf(options),
    escapes: (options.ensureAscii ?? true) ? 'ascii' : 'few',
    strict: false,
  });
  writer.write(value, '\n');
  return writer.text;
}

/**
 * A value as JSON to look at, laid out as json.dumps does it: keys that JSON does not know are their text, what a lazy dict holds is made showable,
 * what would steer a terminal is an escape, entries that are not there are left out, and no length is too long.
 */
export function shownJson(value: V, options: ShownJsonOptions = {}): string {
  const writer = new JsonWriter({ ...layoutOf(options), escapes: 'shown', strict: options.strict ?? false });
  writer.write(value, '\n');
  return writer.text;
}

/** What is written as an escape: all beyond ASCII; what JSON asks for; and what a terminal acts on. */
type Escapes = 'ascii' | 'few' | 'shown';

interface Style {
  readonly indent: string | null;
  readonly item: string;
  readonly key: string;
  readonly sort: boolean;
  readonly escapes: Escapes;
  readonly strict: boolean;
}

function layoutOf(options: JsonOptions): Omit<Style, 'escapes' | 'strict'> {
  const indent = options.indent ?? null;
  return {
    indent: indent === null ? null : typeof indent === 'number' ? repeatText(' ', Math.max(0, indent)) : indent,
    item: options.itemSeparator ?? (indent === null ? ', ' : ','),
    key: options.keySeparator ?? ': ',
    sort: options.sortKeys ?? false,
  };
}

/** Writes values behind one another into one text. */
class JsonWriter {
  text = '';
  readonly #style: Style;
  readonly #keys: Map<string, string>;

  constructor(style: Style) {
    this.#style = style;
    this.#keys = keysWritten(style);
  }

  /** Writes a value whose inner lines begin as `newline` does. */
  write(value: V, newline: string): void {
    if (typeof value === 'string') {
      this.text += jsonString(value, this.#style.escapes);
      return;
    }
    switch (kindOf(value)) {
      case 'none':
        this.text += 'null';
        return;
      case 'bool':
      case 'int':
        this.text += String(value);
        return;
      case 'float':
        this.text += this.#float(value as number | Float);
        return;
      case 'str':
        this.text += jsonString((value as UnsafeText).text, this.#style.escapes);
        return;
      case 'list':
      case 'tuple':
        return this.#list(value as V[], newline);
      case 'dict':
        return this.#dict(value as Mapping, newline);
      case 'undefined':
        throw undefinedError((value as Undefined).message);
      default:
        return this.#object(value as PyObject, newline);
    }
  }

  #float(value: number | Float): string {
    const isKnown = Number.isFinite(value instanceof Float ? value.value : value);
    return this.#style.strict && !isKnown ? 'null' : jsonNumber(value);
  }

  #object(value: PyObject, newline: string): void {
    if (value instanceof Range) return this.#list(value.elements(), newline);
    if (!isTemporal(value)) throw typeError(`Object of type ${typeName(value)} is not JSON serializable`);
    this.text += jsonString(isoText(value), this.#style.escapes);
  }

  #list(list: readonly V[], newline: string): void {
    countSteps();
    if (list.length === 0) {
      this.text += '[]';
      return;
    }
    const { indent, item } = this.#style;
    const inner = indent === null ? newline : newline + indent;
    const between = indent === null ? item : item + inner;
    this.text += indent === null ? '[' : `[${inner}`;
    for (let index = 0; index < list.length; index++) {
      if (index > 0) this.text += between;
      this.write(list[index]!, inner);
    }
    this.#close(']', newline);
  }

  #dict(dict: Mapping, newline: string): void {
    countSteps();
    const { indent, item, sort, escapes } = this.#style;
    const isShown = escapes === 'shown';
    const names = isShown ? presentNames(dict) : Object.keys(dict);
    if (names.length === 0) {
      this.text += '{}';
      return;
    }
    if (sort) sortByText(names);
    const inner = indent === null ? newline : newline + indent;
    const between = indent === null ? item : item + inner;
    this.text += indent === null ? '{' : `{${inner}`;
    for (let index = 0; index < names.length; index++) {
      const name = names[index]!;
      if (index > 0) this.text += between;
      this.text += this.#keys.get(name) ?? this.#newKey(name);
      this.write(isShown ? shownEntry(dict, dict[name]! as Value) : dict[name]!, inner);
    }
    this.#close('}', newline);
  }

  #newKey(name: string): string {
    const { escapes } = this.#style;
    const text = jsonString(escapes === 'shown' ? shownKey(name) : jsonKey(name), escapes) + this.#style.key;
    this.#keys.set(name, text);
    return text;
  }

  #close(bracket: string, newline: string): void {
    if (this.#style.indent !== null) this.text += newline;
    this.text += bracket;
    if (this.#style.escapes !== 'shown') boundedText(this.text);
  }
}

/** The names of a dict's entries that hold something: events have optional ones. */
function presentNames(dict: Mapping): string[] {
  return Object.keys(dict).filter((name) => dict[name] !== undefined);
}

/** A date as JSON has it. */
function isoText(value: Temporal): string {
  return value.text().replace(' ', 'T');
}

/** Keys as JSON with what stands behind them, which are the same over and over, by how they are written. */
const writtenKeys = new Map<string, Map<string, string>>();
const mostWrittenKeys = 10_000;
const mostWays = 10;

function keysWritten({ escapes, key }: Style): Map<string, string> {
  const way = `${escapes}${key}`;
  let known = writtenKeys.get(way);
  if (known === undefined || known.size >= mostWrittenKeys) {
    if (writtenKeys.size >= mostWays) writtenKeys.clear();
    known = new Map();
    writtenKeys.set(way, known);
  }
  return known;
}

/** Orders the names of a dict's entries by their keys. Throws EvaluationError for keys that have no order. */
export function sortNames(names: string[]): string[] {
  const plain = names.every((name) => name.charCodeAt(0) !== 0);
  return plain ? names.sort() : names.sort((a, b) => compare(keyOf(a), keyOf(b)));
}

/** Orders names by what JSON shows of their keys. */
function sortByText(names: string[]): string[] {
  if (names.every((name) => name.charCodeAt(0) !== 0)) return names.sort();
  const texts = new Map(names.map((name) => [name, shownKey(name)]));
  return names.sort((a, b) => (texts.get(a)! < texts.get(b)! ? -1 : 1));
}

/** A key as a string, as Python's json.dumps writes it. Throws EvaluationError for those that it refuses. */
function jsonKey(name: string): string {
  const key = keyOf(name);
  if (typeof key === 'string') return key;
  if (key === null || typeof key === 'boolean') return String(key);
  if (isNumeric(key)) return jsonNumber(key as number | bigint | Float);
  throw typeError(`keys must be str, int, float, bool or None, not ${typeName(key)}`);
}

/** The same for what is only shown: keys that JSON does not know are their text. */
function shownKey(name: string): string {
  const key = keyOf(name);
  return typeof key === 'object' && key !== null && !isNumeric(key) ? keyText(name) : jsonKey(name);
}

/** What JSON writes as it is. */
const plainCharacters = /^[ !#-[\]-~]*$/;

function jsonString(text: string, escapes: Escapes): string {
  if (plainCharacters.test(text)) return `"${text}"`;
  const quoted = JSON.stringify(text);
  if (escapes === 'shown') return printableJson(quoted);
  if (escapes === 'few') return text.isWellFormed() ? quoted : quotedWithEscapes(text);
  return quoted.replace(/[\x7f-\uffff]/g, (c) =>
    c === '\x7f' ? c : `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** Bytes that are not UTF-8 stay as they are (python/bytes.ts); JSON.stringify spells their surrogates. */
function quotedWithEscapes(text: string): string {
  const parts = text.split(/(\p{Surrogate})/u);
  return `"${parts.map((part, index) => (index % 2 === 1 ? part : JSON.stringify(part).slice(1, -1))).join('')}"`;
}
