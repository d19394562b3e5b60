import { countSteps } from '../../computing.ts';
import { iterate } from '../../python/iterate.ts';
import { PyObject, type V } from '../../python/object.ts';
import { equal, truth } from '../../python/operators.ts';
import { Undefined, type Value } from '../../value.ts';
import { fn, PyFunction } from '../runtime/function.ts';
import { any, rest } from '../runtime/parameters.ts';
import type { LoopNode } from '../syntax/nodes.ts';
import type { Compiler } from './compiler.ts';
import { type Eval, type Exec, Frame, type Signal } from './frame.ts';
import { keepsNoScope } from './names.ts';
import { compileTarget, type Store } from './target.ts';

/** Jinja's `loop`. */
class LoopState extends PyObject {
  readonly typeName = 'LoopContext';
  readonly #elements: readonly V[];
  readonly #depth: number;
  readonly #recurse: ((values: V, depth: number) => V) | undefined;
  index0 = 0;
  #changed: readonly V[] | undefined;

  constructor(elements: readonly V[], depth: number, recurse?: (values: V, depth: number) => V) {
    super();
    this.#elements = elements;
    this.#depth = depth;
    this.#recurse = recurse;
  }
  repr(): string {
    return `<LoopContext ${this.index0 + 1}/${this.#elements.length}>`;
  }
  override elements(): V[] {
    return [...this.#elements];
  }
  override attribute(name: string): V | undefined {
    const count = this.#elements.length;
    switch (name) {
      case 'index':
        return this.index0 + 1;
      case 'index0':
        return this.index0;
      case 'revindex':
        return count - this.index0;
      case 'revindex0':
        return count - this.index0 - 1;
      case 'first':
        return this.index0 === 0;
      case 'last':
        return this.index0 === count - 1;
      case 'length':
        return count;
      case 'depth':
        return this.#depth + 1;
      case 'depth0':
        return this.#depth;
      case 'previtem':
        return this.#elements[this.index0 - 1] ?? new Undefined('there is no previous item');
      case 'nextitem':
        return this.#elements[this.index0 + 1] ?? new Undefined('there is no next item');
      case 'cycle':
        return new PyFunction(
          'cycle',
          fn({ values: rest }, (_self, { values }) => this.#cycle(values)),
        );
      case 'changed':
        return new PyFunction(
          'changed',
          fn({ values: rest }, (_self, { values }) => this.#hasChanged(values)),
        );
    }
    return undefined;
  }
  #cycle(values: readonly V[]): V {
    return values[this.index0 % values.length] ?? null;
  }
  #hasChanged(values: readonly V[]): boolean {
    const last = this.#changed;
    if (last && equal(last as Value[], values as Value[])) return false;
    this.#changed = values;
    return true;
  }
  /** `loop(children)` of a recursive loop. */
  asFunction(): V {
    const recurse = this.#recurse;
    return recurse ? new RecursiveLoop(this, (values) => recurse(values, this.#depth + 1)) : this;
  }
}

/** A loop that can be called, and has the attributes of a loop. */
class RecursiveLoop extends PyFunction {
  readonly #state: LoopState;
  constructor(state: LoopState, recurse: (values: V) => V) {
    super(
      'loop',
      fn({ iterable: any() }, (_self, { iterable }) => recurse(iterable)),
    );
    this.#state = state;
  }
  override attribute(name: string): V | undefined {
    return this.#state.attribute(name);
  }
}

/** Compiles `{% for %}`. */
export function compileLoop(node: LoopNode, compiler: Compiler, statements: (node: LoopNode['body']) => Exec): Exec {
  const loop = new CompiledLoop(
    compileTarget(node.target, compiler),
    node.test ? compiler.expression(node.test) : undefined,
    statements(node.body),
    node.else_ ? statements(node.else_) : undefined,
    node.recursive,
    keepsNoScope(node.body),
  );
  const iterable = compiler.expression(node.iterable);
  return (frame, out) => loop.run(iterable(frame), frame, out, 0);
}

class CompiledLoop {
  readonly #store: Store;
  readonly #test: Eval | undefined;
  readonly #body: Exec;
  readonly #otherwise: Exec | undefined;
  readonly #recursive: boolean;
  /** Whether one frame does for all rounds. */
  readonly #oneFrame: boolean;

  constructor(
    store: Store,
    test: Eval | undefined,
    body: Exec,
    otherwise: Exec | undefined,
    recursive: boolean,
    oneFrame: boolean,
  ) {
    this.#oneFrame = oneFrame;
    this.#store = store;
    this.#test = test;
    this.#body = body;
    this.#otherwise = otherwise;
    this.#recursive = recursive;
  }

  run(values: V, outer: Frame, out: V[], depth: number): Signal {
    const elements = this.#select(iterate(values), outer);
    if (elements.length === 0) return this.#otherwise ? this.#otherwise(outer.child(), out) : 0;
    const recurse = (more: V, level: number): V => {
      const inner: V[] = [];
      this.run(more, outer, inner, level);
      return outer.run.concat(inner);
    };
    const state = new LoopState(elements, depth, this.#recursive ? recurse : undefined);
    const loop = state.asFunction();
    let frame = outer.child();
    frame.set('loop', loop);
    for (let index = 0; index < elements.length; index++) {
      countSteps();
      state.index0 = index;
      if (index > 0 && !this.#oneFrame) {
        frame = outer.child();
        frame.set('loop', loop);
      }
      this.#store(frame, elements[index]!);
      if (this.#body(frame, out) === 1) break;
    }
    return 0;
  }

  #select(elements: readonly V[], outer: Frame): readonly V[] {
    const test = this.#test;
    if (!test) return elements;
    return elements.filter((element) => {
      countSteps();
      const frame = new Frame(outer.run, outer, outer.template);
      this.#store(frame, element);
      return truth(test(frame));
    });
  }
}
