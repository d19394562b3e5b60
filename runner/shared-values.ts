import { types } from 'node:util';
import { countSteps } from './computing.ts';
import { KplayError } from './errors.ts';
import { maxItems } from './limits.ts';
import type { Position } from './position.ts';
import type { Mapping, Value } from './value.ts';

/*
 * A YAML document may name a list or dict once and mean it many times, and those that it stands in again: then a few lines
 * mean more values than anything can walk through, while there are only a few to look at.
 */

/** Containers that a walk sees before it remembers them; below that, remembering would cost more than looking twice. */
const before = 1000;

/**
 * What a walk through a value made of each list and dict, so that a shared one is looked at once. It begins to remember
 * when the walk has become long.
 */
export class WalkMemory<T> {
  #left = before;
  #known: Map<object, T> | undefined;

  /** What was made of a container; undefined when it is to be looked at. */
  recall(container: object): T | undefined {
    if (this.#left > 0) {
      this.#left--;
      return undefined;
    }
    countSteps();
    return this.#known?.get(container);
  }

  /** Takes note of what was made of a container. */
  note(container: object, result: T): T {
    if (this.#left === 0) {
      this.#known ??= new Map();
      this.#known.set(container, result);
    }
    return result;
  }
}

/** How many values are in a value, those that are shared counted as often as they are there; a lazy dict is one. */
function countValues(value: unknown, memory = new WalkMemory<number>()): number {
  if (typeof value !== 'object' || value === null || types.isProxy(value)) return 1;
  const known = memory.recall(value);
  if (known !== undefined) return known;
  let count = 1;
  for (const entry of Object.values(value)) count += countValues(entry, memory);
  return memory.note(value, count);
}

/** Whether two values are the same, entry by entry. */
export function sameValues(a: unknown, b: unknown, memory = new WalkMemory<object>()): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  if (memory.recall(a) === b) return true;
  const [own, other] = [Object.entries(a), Object.entries(b)];
  const entries = new Map<string, unknown>(other);
  const same =
    own.length === other.length &&
    own.every(([key, entry]) => entries.has(key) && sameValues(entry, entries.get(key), memory));
  if (same) memory.note(a, b);
  return same;
}

/** Values that are counted one by one, before any are remembered: a millisecond's work. */
const quicklyCounted = 100_000;

/** How many more values than are in `value` a walk may see that sees so many at most; below zero when that is too few. */
function leftAfter(value: unknown, atMost: number): number {
  let left = atMost - 1;
  if (typeof value !== 'object' || value === null || types.isProxy(value)) return left;
  for (const entry of Array.isArray(value) ? value : Object.values(value)) {
    if (left < 0) break;
    left = typeof entry === 'object' ? leftAfter(entry, left) : left - 1;
  }
  return left;
}

/** How many values are in a value that would be too long to write out; undefined for others. Most are short, and need no memory. */
function tooMany(value: unknown): number | undefined {
  if (typeof value !== 'object' || leftAfter(value, Math.min(quicklyCounted, maxItems())) >= 0) return undefined;
  const count = countValues(value);
  return count > maxItems() ? count : undefined;
}

/** The value, or what to show in its place when it would be too long to write out. */
export function showable(value: Value): Value {
  const count = tooMany(value);
  return count === undefined ? value : `(${count} values, too many to show)`;
}

/** The same for each entry of a dict. */
export function showableEntries(dict: Mapping): Mapping {
  if (tooMany(dict) === undefined) return dict;
  return Object.fromEntries(Object.entries(dict).map(([name, value]) => [name, showable(value)]));
}

/** An entry of a dict as it is to be shown. Those of a lazy dict have not been looked at before. */
export function shownEntry(dict: object, entry: Value): Value {
  return typeof entry === 'object' && types.isProxy(dict) ? showable(entry) : entry;
}

/** Throws a KplayError for a value that would be too long to write out, as it has to be for what it is given to. */
export function checkWritable(value: Value, what: string, position: Position): void {
  const count = tooMany(value);
  if (count === undefined) return;
  throw new KplayError({
    code: 'argument',
    message: `${what} holds ${count} values, which is too many to write out.`,
    hint: 'YAML aliases (*NAME) of lists that hold aliases multiply what they mean.',
    position,
  });
}
