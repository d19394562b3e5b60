import { countSteps } from '../../computing.ts';
import { typeError } from '../../python/kinds.ts';
import { PyObject, type V } from '../../python/object.ts';
import type { Value } from '../../value.ts';
import type { Run } from '../run.ts';

/** Arguments by name. */
export type Keywords = ReadonlyMap<string, V>;

export const noKeywords: Keywords = new Map();

/** The arguments of a call in the order of the parameters; undefined where none was given. */
export type Bound = readonly (V | undefined)[];

/** What a filter, test, method or function does. `self` is what it is applied to (null for a function). */
export type Body = (self: V, args: Bound, run: Run) => V;

/** A filter, test, method or function of Python, Jinja2 or Ansible. */
export interface Callee {
  /** Whether it reads the outside world (files, the time, chance): what it gives may be another value later in the run. */
  readonly volatile?: boolean | undefined;
  call(name: string, self: V, positional: readonly V[], keywords: Keywords, run: Run): V;
}

/**
 * A callee with declared parameters: names separated by blanks; `*rest` takes all further positional arguments as a
 * list, `**more` all further keywords as a Map in the last place.
 */
export function fn(parameters: string, body: Body): Callee {
  return new DeclaredCallee(parameters, body);
}

/** The same callees, said to read the outside world. */
export function volatile<T extends Readonly<Record<string, Callee>>>(callees: T): T {
  const marked = Object.entries(callees).map(([name, callee]) => [name, new VolatileCallee(callee)]);
  return Object.fromEntries(marked) as T;
}

class VolatileCallee implements Callee {
  readonly volatile = true;
  readonly #callee: Callee;

  constructor(callee: Callee) {
    this.#callee = callee;
  }

  call(name: string, self: V, positional: readonly V[], keywords: Keywords, run: Run): V {
    return this.#callee.call(name, self, positional, keywords, run);
  }
}

class DeclaredCallee implements Callee {
  readonly #names: string[];
  readonly #rest: boolean;
  readonly #more: boolean;
  readonly #body: Body;

  constructor(parameters: string, body: Body) {
    const names = parameters === '' ? [] : parameters.split(' ');
    this.#more = names.at(-1)?.startsWith('**') ?? false;
    if (this.#more) names.pop();
    this.#rest = names.at(-1)?.startsWith('*') ?? false;
    if (this.#rest) names.pop();
    this.#names = names;
    this.#body = body;
  }

  call(name: string, self: V, positional: readonly V[], keywords: Keywords, run: Run): V {
    // What most of them do takes as long as what they are applied to is.
    countSteps(typeof self === 'string' || Array.isArray(self) ? 1 + self.length / 32 : 1);
    if (keywords.size === 0 && !this.#rest && !this.#more && positional.length <= this.#names.length) {
      return this.#body(self, positional, run);
    }
    return this.#body(self, this.#bind(name, positional, keywords), run);
  }

  #bind(name: string, positional: readonly V[], keywords: Keywords): (V | undefined)[] {
    const count = this.#names.length;
    const bound: (V | undefined)[] = new Array(count).fill(undefined);
    for (let index = 0; index < Math.min(count, positional.length); index++) bound[index] = positional[index];
    if (this.#rest) bound.push(positional.slice(count) as Value[]);
    else if (positional.length > count) {
      throw typeError(`${name}() takes at most ${count} arguments (${positional.length} given)`);
    }
    const more: [string, V][] = [];
    for (const [key, value] of keywords) {
      const index = this.#names.indexOf(key);
      if (index >= 0) bound[index] = value;
      else if (this.#more) more.push([key, value]);
      else throw typeError(`${name}() got an unexpected keyword argument '${key}'`);
    }
    if (this.#more) bound.push(new KeywordBag(more));
    return bound;
  }
}

/** The keywords that no parameter takes. */
export class KeywordBag extends PyObject {
  readonly typeName = 'dict';
  readonly entries: ReadonlyMap<string, V>;
  constructor(entries: Iterable<[string, V]>) {
    super();
    this.entries = new Map(entries);
  }
  repr(): string {
    return '{}';
  }
}

/** The keywords in the last place of a call's arguments. */
export function keywordsOf(value: V | undefined): ReadonlyMap<string, V> {
  return value instanceof KeywordBag ? value.entries : noKeywords;
}

/** A function as a value: a global one, a macro, or a method bound to its object. */
export class PyFunction extends PyObject {
  readonly typeName: string = 'function';
  /** Whether it is called with what is undefined. That is the result of all others, so that `default` after them sees it. */
  readonly takesUndefined: boolean = false;
  readonly name: string;
  readonly callee: Callee;
  readonly self: V;

  constructor(name: string, callee: Callee, self: V = null) {
    super();
    this.name = name;
    this.callee = callee;
    this.self = self;
  }
  repr(): string {
    return `<function ${this.name}>`;
  }
  override attribute(name: string): V | undefined {
    return name === 'name' || name === '__name__' ? this.name : undefined;
  }
  call(positional: readonly V[], keywords: Keywords, run: Run): V {
    return this.callee.call(this.name, this.self, positional, keywords, run);
  }
}
