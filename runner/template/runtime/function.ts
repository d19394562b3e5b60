import { countSteps } from '../../computing.ts';
import { PyObject, type V } from '../../python/object.ts';
import type { Run } from '../run.ts';
import { type Arguments, type Keywords, type Parameters, Signature } from './parameters.ts';

/** What a filter, test, method or function does. `self` is what it is applied to (null for a function). */
export type Body<P> = (self: V, args: Arguments<P>, run: Run) => V;

/** A filter, test, method or function of Python, Jinja2 or Ansible. */
export interface Callee {
  /** Whether it reads the outside world (files, the time, chance): what it gives may be another value later in the run. */
  readonly volatile?: boolean | undefined;
  call(name: string, self: V, positional: readonly V[], keywords: Keywords, run: Run): V;
}

/** A callee with declared parameters: what they are called, their types, what stands for them where they are not given. */
export function fn<P extends Parameters>(parameters: P, body: Body<P>): Callee {
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

class DeclaredCallee<P extends Parameters> implements Callee {
  readonly #signature: Signature<P>;
  readonly #body: Body<P>;

  constructor(parameters: P, body: Body<P>) {
    this.#signature = new Signature(parameters);
    this.#body = body;
  }

  call(name: string, self: V, positional: readonly V[], keywords: Keywords, run: Run): V {
    // What most of them do takes as long as what they are applied to is.
    countSteps(typeof self === 'string' || Array.isArray(self) ? 1 + self.length / 32 : 1);
    return this.#body(self, this.#signature.bind(name, positional, keywords), run);
  }
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
