import { countSteps } from '../computing.ts';
import { Undefined, type Value } from '../value.ts';
import { checkItems } from './bounds.ts';

/**
 * A value that only lives inside a template: a function, a range, a date. Outside, it is its text
 * (or a list, where Ansible unrolls it).
 */
export abstract class PyObject {
  /** Python's name of the type, as `type_debug` and errors print it. */
  abstract readonly typeName: string;
  abstract repr(): string;
  text(): string {
    return this.repr();
  }
  /** A Python attribute, or undefined when there is none. */
  attribute(_name: string): V | undefined {
    return undefined;
  }
  /** A subscript, or undefined when there is none. */
  item(_key: V): V | undefined {
    return undefined;
  }
  /** The elements, or undefined when the object is no iterable. */
  elements(): V[] | undefined {
    return undefined;
  }
  truth(): boolean {
    return true;
  }
  equals(other: V): boolean {
    return other === this;
  }
  /** Negative, zero or positive; undefined when the two have no order. */
  compare(_other: V): number | undefined {
    return undefined;
  }
  /** `this op other`; undefined when that is not possible. */
  arithmetic(_operator: '+' | '-', _other: V): V | undefined {
    return undefined;
  }
}

/** Any value an expression can have. */
export type V = Value | PyObject;

/** A Python tuple: a list that prints with parentheses and equals tuples only. */
export class Tuple extends Array<Value> {
  static override get [Symbol.species](): ArrayConstructor {
    return Array;
  }
}

/** A tuple of the given elements. */
export function tuple(elements: readonly V[]): Tuple {
  const result = new Tuple();
  for (const element of elements) result.push(element as Value);
  return result;
}

/** Python's `range(start, stop, step)`. */
export class Range extends PyObject {
  readonly typeName = 'range';
  readonly start: number;
  readonly stop: number;
  readonly step: number;

  constructor(start: number, stop: number, step: number) {
    super();
    this.start = start;
    this.stop = stop;
    this.step = step;
  }
  get length(): number {
    return Math.max(0, Math.ceil((this.stop - this.start) / this.step));
  }
  repr(): string {
    return this.step === 1 ? `range(${this.start}, ${this.stop})` : `range(${this.start}, ${this.stop}, ${this.step})`;
  }
  override elements(): number[] {
    checkItems(this.length);
    countSteps(this.length / 16);
    const { length, start, step } = this;
    const elements = new Array<number>(length);
    for (let index = 0; index < length; index++) elements[index] = start + index * step;
    return elements;
  }
  override item(key: V): V | undefined {
    if (typeof key !== 'number') return undefined;
    const index = key < 0 ? key + this.length : key;
    return index >= 0 && index < this.length ? this.start + index * this.step : undefined;
  }
  override truth(): boolean {
    return this.length > 0;
  }
}

/** Jinja's `namespace()`: attributes that `{% set ns.x = … %}` may change from inside a loop. */
export class Namespace extends PyObject {
  readonly typeName = 'Namespace';
  readonly values = new Map<string, V>();
  readonly #repr: (value: V) => string;

  constructor(repr: (value: V) => string) {
    super();
    this.#repr = repr;
  }
  repr(): string {
    const entries = Array.from(this.values, ([name, value]) => `${this.#repr(name)}: ${this.#repr(value)}`);
    return `<Namespace {${entries.join(', ')}}>`;
  }
  override attribute(name: string): V | undefined {
    return this.values.get(name);
  }
  override item(key: V): V | undefined {
    return typeof key === 'string' ? this.values.get(key) : undefined;
  }
}

/** What `'x' if false` gives: it prints as nothing, is false and empty, while every other undefined value fails. */
export class Nothing extends Undefined {}
