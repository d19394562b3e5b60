/**
 * The values that playbooks, inventories, facts and templates are made of.
 *
 * They are plain JavaScript data, so that modules and filters need no wrappers, with three additions for what
 * Python distinguishes and JavaScript does not: {@link Float}, {@link UnsafeText} and {@link Undefined}.
 */
export type Value =
  | null
  | boolean
  | number
  | bigint
  | string
  | Float
  | UnsafeText
  | Temporal
  | Undefined
  | Value[]
  | Mapping;

/** A date, or a date with a time of day, as YAML files have them; runner/python/datetime.ts says what it is. */
export interface Temporal {
  readonly isTemporal: true;
  /** As Python's str() prints it. */
  text(): string;
}

/** A dict with text keys, in insertion order. Created with {@link mapping} so that `__proto__` and `constructor` are ordinary keys. */
export interface Mapping {
  [key: string]: Value;
}

/**
 * A Python float whose value is a whole number (`1.0`). Every other float is a plain JavaScript number; a plain
 * whole JavaScript number is a Python int. `1.20` in a YAML file is a float and prints as `1.2`, as in Ansible.
 */
export class Float {
  readonly value: number;
  constructor(value: number) {
    this.value = value;
  }
}

/** Text marked `!unsafe` in a YAML file: it is never templated, although the file it stands in is trusted. */
export class UnsafeText {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

/** What an undefined variable or attribute evaluates to inside a template; using it for anything but a test raises `message`. */
export class Undefined {
  readonly message: string;
  constructor(message: string) {
    this.message = message;
  }
}

/**
 * Makes the objects of dicts. They inherit from an object without entries, so that every name can be a key. Objects without any
 * prototype would be in V8's slow form from their first entry on.
 */
const Dict = function Dict() {} as unknown as { new (): Mapping; prototype: object };
Dict.prototype = Object.freeze(Object.create(null) as object);

/** A new {@link Mapping}, which inherits nothing. */
export function mapping(entries?: Iterable<readonly [string, Value]>): Mapping {
  const result = new Dict();
  if (entries) for (const [key, value] of entries) result[key] = value;
  return result;
}

/** A number, or a text that is one, as a number; undefined for everything else: lists, dicts, empty text, `nan`, what has no end. */
export function numberIn(value: Value): number | undefined {
  if (value instanceof Float) return numberIn(value.value);
  if (typeof value === 'object' || typeof value === 'undefined' || (typeof value === 'string' && value.trim() === ''))
    return undefined;
  const number = Number(value);
  return Number.isFinite(number) ? number : undefined;
}

/** Whether a value is a date. */
export function isTemporal(value: unknown): value is Temporal {
  return typeof value === 'object' && value !== null && 'isTemporal' in value;
}

/** Whether a value is a dict (and not a list, nor an object of some class). */
export function isMapping(value: unknown): value is Mapping {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Dict.prototype || prototype === Object.prototype || prototype === null;
}
