import { types } from 'node:util';
import { isDict, typeError } from '../../python/kinds.ts';
import { Tuple, tuple, type V } from '../../python/object.ts';
import { type Mapping, mapping, type Value } from '../../value.ts';

/** What a list or dict holds: its elements, or its entries. */
type Contents = readonly V[] | readonly (readonly [string, Value])[];

/**
 * What one evaluation of a template changes in lists and dicts (`append`, `update`, `pop` …). They may be variables, which
 * others see as well: so the evaluation changes the thing itself, as Python does, and everything is put back when it ends.
 * What it gives is a copy where it was changed.
 */
export class Changes {
  readonly #others = new Map<V[] | Mapping, Contents>();

  /** Remembers what a list or dict holds before it is changed for the first time. Throws EvaluationError for a lazy dict. */
  note(container: V[] | Mapping): void {
    if (this.#others.has(container)) return;
    if (types.isProxy(container)) throw typeError('What holds the variables of hosts cannot be changed by a template.');
    this.#others.set(container, contentsOf(container));
  }

  /** Exchanges what was there before and what the evaluation made of it: puts everything back, and again the other way. */
  exchange(): void {
    for (const [container, other] of this.#others) {
      this.#others.set(container, contentsOf(container));
      fill(container, other);
    }
  }

  /** A value without the lists and dicts that were changed: each of them, and what they stand in, is a copy. */
  copied(value: Value, known = new Map<Value, Value>()): Value {
    if (!isContainer(value)) return value;
    const before = known.get(value);
    if (before !== undefined) return before;
    known.set(value, value);
    const copy = Array.isArray(value) ? this.#copiedList(value, known) : this.#copiedDict(value, known);
    known.set(value, copy);
    return copy;
  }

  #copiedList(list: Value[], known: Map<Value, Value>): Value[] {
    const elements = list.map((element) => this.copied(element, known));
    if (!this.#others.has(list) && elements.every((element, index) => element === list[index])) return list;
    return list instanceof Tuple ? tuple(elements) : elements;
  }

  #copiedDict(dict: Mapping, known: Map<Value, Value>): Mapping {
    const entries = Object.entries(dict).map(([key, value]) => [key, this.copied(value, known)] as const);
    if (!this.#others.has(dict) && entries.every(([key, value]) => value === dict[key])) return dict;
    return mapping(entries);
  }
}

function isContainer(value: Value): value is Value[] | Mapping {
  if (typeof value !== 'object' || value === null || types.isProxy(value)) return false;
  return Array.isArray(value) || isDict(value);
}

function contentsOf(container: V[] | Mapping): Contents {
  return Array.isArray(container) ? [...container] : Object.entries(container);
}

function fill(container: V[] | Mapping, contents: Contents): void {
  if (Array.isArray(container)) {
    container.length = 0;
    for (const element of contents as readonly V[]) container.push(element);
    return;
  }
  for (const key of Object.keys(container)) delete container[key];
  for (const [key, value] of contents as readonly (readonly [string, Value])[]) container[key] = value;
}
