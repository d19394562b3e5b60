import { defined, isNumeric, requireInt, requireText, toNumber, typeError, typeName } from '../../python/kinds.ts';
import type { V } from '../../python/object.ts';
import { truth } from '../../python/operators.ts';
import { str } from '../../python/text.ts';
import { booleanWord } from '../../python/truth-words.ts';

/** Arguments by name. */
export type Keywords = ReadonlyMap<string, V>;

export const noKeywords: Keywords = new Map();

/** A parameter of a filter, test, function or lookup; in TypeScript its value is a `T`. */
export interface Parameter<T> {
  /** How it is given: by place or name, by one of them only, or as all that no other parameter takes. */
  readonly given: 'anyhow' | 'by place' | 'by name' | 'rest' | 'more';
  /** What the body gets for what was given. Throws EvaluationError for a value of another type. */
  readonly read: (value: V, name: string) => T;
  /** What it gets where nothing was given. Throws EvaluationError where something has to be. */
  readonly otherwise: (name: string, callee: string) => T;
}

/** Parameters by name, in the order of their places. */
export type Parameters = Readonly<Record<string, Parameter<unknown>>>;

/** What a body gets for its parameters. */
export type Arguments<P> = { readonly [Name in keyof P]: P[Name] extends Parameter<infer T> ? T : never };

function parameter<T>(read: Parameter<T>['read'], standard: T | undefined): Parameter<T> {
  return { given: 'anyhow', read, otherwise: standard === undefined ? missing : () => standard };
}

function missing(name: string, callee: string): never {
  throw typeError(`${callee}() missing the required argument '${name}'`);
}

/** Any value. Without `standard` it has to be given, as with all that follow. */
export function any(standard?: V): Parameter<V> {
  return parameter((value) => value, standard);
}

/** A whole number. */
export function integer(standard?: number): Parameter<number> {
  return parameter(requireInt, standard);
}

/** A number, whole or not. */
export function number(standard?: number): Parameter<number> {
  return parameter((value, name) => {
    if (isNumeric(value)) return toNumber(value);
    throw typeError(`${name} has to be a number, not ${typeName(defined(value))}.`);
  }, standard);
}

/** Whether a value counts as true. */
export function flag(standard?: boolean): Parameter<boolean> {
  return parameter((value) => truth(value), standard);
}

/** A bool, or a word for one: what an option of a lookup is. */
export function bool(standard?: boolean): Parameter<boolean> {
  return parameter((value) => (typeof value === 'string' ? (booleanWord(value) ?? false) : truth(value)), standard);
}

/** The text of any value. */
export function text(standard?: string): Parameter<string> {
  return parameter((value) => str(value), standard);
}

/** A value that is text. */
export function string(standard?: string): Parameter<string> {
  return parameter(requireText, standard);
}

/** The same, or None. */
export function orNone<T>({ read }: Parameter<T>, standard: T | null = null): Parameter<T | null> {
  return {
    given: 'anyhow',
    read: (value, name) => (value === null ? null : read(value, name)),
    otherwise: () => standard,
  };
}

/** The same; undefined where nothing was given. */
export function optional<T>({ read }: Parameter<T>): Parameter<T | undefined> {
  return { given: 'anyhow', read, otherwise: () => undefined };
}

/** The same, given by name only. */
export function named<T>(one: Parameter<T>): Parameter<T> {
  return { ...one, given: 'by name' };
}

/** The same, given by its place only. */
export function placed<T>(one: Parameter<T>): Parameter<T> {
  return { ...one, given: 'by place' };
}

/** All further arguments that have no name: Python's `*args`. */
export const rest: Parameter<readonly V[]> = {
  given: 'rest',
  read: (value) => value as readonly V[],
  otherwise: () => [],
};

/** All further arguments with names: Python's `**kwargs`. */
export const more: Parameter<Keywords> = { given: 'more', read: () => noKeywords, otherwise: () => noKeywords };

/** How parameters are given whose name nobody can use. */
const namelessWays: ReadonlySet<string> = new Set(['by place', 'rest', 'more']);

interface Place {
  readonly name: string;
  readonly parameter: Parameter<unknown>;
}

/** Parameters, ready to take what a call gives. */
export class Signature<P extends Parameters> {
  readonly #all: readonly Place[];
  /** Those that are given by their place, in its order. */
  readonly #places: readonly Place[];
  readonly #takesRest: boolean;
  readonly #takesMore: boolean;

  constructor(parameters: P) {
    this.#all = Object.entries(parameters).map(([name, one]) => ({ name, parameter: one }));
    this.#places = this.#all.filter(({ parameter: { given } }) => given === 'anyhow' || given === 'by place');
    this.#takesRest = this.#all.some((place) => place.parameter.given === 'rest');
    this.#takesMore = this.#all.some((place) => place.parameter.given === 'more');
  }

  /** The arguments by the parameters' names. Throws EvaluationError for what is too much, unknown, missing or of another type. */
  bind(callee: string, positional: readonly V[], keywords: Keywords): Arguments<P> {
    if (positional.length > this.#places.length && !this.#takesRest) {
      throw typeError(`${callee}() takes at most ${this.#places.length} arguments (${positional.length} given)`);
    }
    if (keywords.size > 0) this.#checkNames(callee, positional.length, keywords);
    const bound: Record<string, unknown> = {};
    let index = 0;
    for (const { name, parameter } of this.#all) {
      if (parameter.given === 'rest') bound[name] = positional.slice(this.#places.length);
      else if (parameter.given === 'more') bound[name] = this.#further(keywords);
      else {
        const hasPlace = parameter.given !== 'by name' && index < positional.length;
        const value = hasPlace ? positional[index++] : keywords.get(name);
        bound[name] = value === undefined ? parameter.otherwise(name, callee) : parameter.read(value, name);
      }
    }
    return bound as Arguments<P>;
  }

  has(name: string): boolean {
    return this.#all.some((place) => place.name === name);
  }

  /** The same for options, which have names only; those that are unknown are nobody's, as Ansible's lookups have it. */
  bindNames(options: Keywords): Arguments<P> {
    const bound: Record<string, unknown> = {};
    for (const { name, parameter } of this.#all) {
      const value = options.get(name);
      bound[name] = value === undefined ? parameter.otherwise(name, 'lookup') : parameter.read(value, name);
    }
    return bound as Arguments<P>;
  }

  #checkNames(callee: string, count: number, keywords: Keywords): void {
    for (const name of keywords.keys()) {
      const place = this.#all.find((one) => one.name === name && !namelessWays.has(one.parameter.given));
      if (place === undefined) {
        if (this.#takesMore) continue;
        throw typeError(`${callee}() got an unexpected keyword argument '${name}'`);
      }
      if (this.#places.indexOf(place) >= 0 && this.#places.indexOf(place) < count)
        throw typeError(`${callee}() got multiple values for argument '${name}'`);
    }
  }

  #further(keywords: Keywords): Keywords {
    if (keywords.size === 0) return noKeywords;
    const known = new Set(this.#all.map(({ name }) => name));
    return new Map([...keywords].filter(([name]) => !known.has(name)));
  }
}
