import { Float, isTemporal, type Mapping, mapping, Undefined, UnsafeText, type Value } from '../value.ts';
import { DateTime, Day } from './datetime.ts';
import { undefinedError } from './evaluation-error.ts';
import { float, isNumeric, typeError, typeName } from './kinds.ts';
import { numberText } from './literal.ts';
import { Tuple, tuple, type V } from './object.ts';

/*
 * A dict of Python takes any hashable key and keeps the order of its entries. An object of JavaScript takes strings, and moves those that
 * are whole numbers to the front. So the entries of a Mapping stand under names that are made of their keys: a string is its own name, but
 * for one that looks like a number; that one, and every other key, has a name that begins with U+0000 and a letter for its type.
 */

const mark = '\0';
/** What JavaScript takes for a place in a list. */
const placeLike = /^(?:0|[1-9]\d{0,9})$/;

/** The name that a string key has in a {@link Mapping}. */
export function nameOfText(text: string): string {
  // Most begin with a letter.
  const first = text.charCodeAt(0);
  if (first > 57 || (first < 48 && first !== 0)) return text;
  return first === 0 || placeLike.test(text) ? `${mark}s${text}` : text;
}

/** The name that a key has in a {@link Mapping}. Throws EvaluationError for a list, a dict and what is undefined. */
export function nameOf(key: V): string {
  if (typeof key === 'string') return nameOfText(key);
  if (typeof key === 'number' || typeof key === 'bigint') return `${mark}${isWhole(key) ? 'i' : 'f'}${key}`;
  if (typeof key === 'boolean') return `${mark}b${Number(key)}`;
  if (key === null) return `${mark}n`;
  return nameOfObject(key);
}

function isWhole(key: number | bigint): boolean {
  return typeof key === 'bigint' || Number.isInteger(key);
}

function nameOfObject(key: V & object): string {
  if (key instanceof Float) return `${mark}f${key.value}`;
  if (key instanceof UnsafeText) return nameOfText(key.text);
  if (key instanceof Undefined) throw undefinedError(key.message);
  if (key instanceof Tuple) return `${mark}t${JSON.stringify(key.map((element) => nameOf(element)))}`;
  if (key instanceof Day) return `${mark}D${key.days}`;
  if (key instanceof DateTime) return `${mark}d${JSON.stringify([key.wall, key.micros, key.offset ?? null])}`;
  throw typeError(`unhashable type: '${typeName(key)}'`);
}

/** Whether a value can be a key. */
export function isHashable(value: V): boolean {
  if (value instanceof Tuple) return value.every(isHashable);
  return (
    typeof value !== 'object' ||
    value === null ||
    value instanceof Float ||
    value instanceof UnsafeText ||
    isTemporal(value)
  );
}

/** The key that a name in a {@link Mapping} was made of. */
export function keyOf(name: string): V {
  if (name.charCodeAt(0) !== 0) return name;
  const rest = name.slice(2);
  switch (name[1]) {
    case 'i':
      return Number.isSafeInteger(Number(rest)) ? Number(rest) : BigInt(rest);
    case 'f':
      return float(Number(rest));
    case 'b':
      return rest === '1';
    case 'n':
      return null;
    case 't':
      return tuple((JSON.parse(rest) as string[]).map(keyOf));
    case 'D':
      return new Day(Number(rest));
    case 'd': {
      const [wall, micros, offset] = JSON.parse(rest) as [number, number, number | null];
      return new DateTime(wall, micros, offset ?? undefined);
    }
    default:
      return rest;
  }
}

/** The key of a name as a string, as Python's str() prints it. */
export function keyText(name: string): string {
  const key = keyOf(name);
  if (typeof key === 'string') return key;
  if (key === null) return 'None';
  if (typeof key === 'boolean') return key ? 'True' : 'False';
  if (isNumeric(key)) return numberText(key as number | bigint | Float);
  return Array.isArray(key)
    ? `(${key.map((element) => keyText(nameOf(element))).join(', ')})`
    : (key as DateTime).text();
}

/** The keys of a dict, in their order. */
export function keysOf(dict: Mapping): V[] {
  return Object.keys(dict).map(keyOf);
}

/** The entries of a dict, in their order. */
export function entriesOf(dict: Mapping): [V, Value][] {
  return Object.keys(dict).map((name) => [keyOf(name), dict[name]!]);
}

/** The name under which a dict has the entry of a key; undefined where it has none. `1`, `1.0` and True are one key. */
export function nameIn(dict: Mapping, key: V): string | undefined {
  const name = nameOf(key);
  if (Object.hasOwn(dict, name)) return name;
  if (!isNumeric(key)) return undefined;
  return equalNames(Number(key instanceof Float ? key.value : key)).find((other) => Object.hasOwn(dict, other));
}

function equalNames(number: number): string[] {
  if (!Number.isInteger(number)) return [];
  const names = [`${mark}i${number}`, `${mark}f${number}`];
  return number === 0 || number === 1 ? [...names, `${mark}b${number}`] : names;
}

/** The value that a dict has for a key; undefined where it has none. */
export function entryOf(dict: Mapping, key: V): Value | undefined {
  const name = nameIn(dict, key);
  return name === undefined ? undefined : dict[name];
}

/** Sets the entry of a key. One that is there keeps its place and its key. Throws EvaluationError for what cannot be a key. */
export function setEntry(dict: Mapping, key: V, value: Value): void {
  dict[nameIn(dict, key) ?? nameOf(key)] = value;
}

/** A dict of keys and values, in their order. Throws EvaluationError for what cannot be a key. */
export function dictOf(entries: Iterable<readonly [V, V]>): Mapping {
  const dict = mapping();
  for (const [key, value] of entries) setEntry(dict, key, value as Value);
  return dict;
}
