import { entriesOf } from '../python/dict.ts';
import { EvaluationError } from '../python/evaluation-error.ts';
import { requireInt } from '../python/kinds.ts';
import { now } from '../python/now.ts';
import { Namespace, PyObject, Range, type V } from '../python/object.ts';
import { truth } from '../python/operators.ts';
import { repr, str } from '../python/text.ts';
import { table } from '../table.ts';
import { Undefined, type Value } from '../value.ts';
import { runLookup } from './lookups/run.ts';
import type { Run } from './run.ts';
import { type Bound, type Callee, fn, keywordsOf, PyFunction, volatile } from './runtime/function.ts';
import { makeDict } from './runtime/methods-dict.ts';

function range(_self: V, [first, second, step = 1]: Bound): V {
  const by = requireInt(step, 'The step of range()');
  if (by === 0) throw new EvaluationError('range() arg 3 must not be zero');
  if (second === undefined) return new Range(0, requireInt(first, 'The end of range()'), by);
  return new Range(requireInt(first, 'The start of range()'), requireInt(second, 'The end of range()'), by);
}

/** Jinja's `joiner`: nothing the first time, the separator after that. */
class Joiner extends PyFunction {
  override readonly typeName = 'Joiner';
  constructor(separator: string) {
    let used = false;
    super(
      'joiner',
      fn('', () => {
        if (used) return separator;
        used = true;
        return '';
      }),
    );
  }
}

/** Jinja's `cycler`. */
class Cycler extends PyObject {
  readonly typeName = 'Cycler';
  readonly #items: readonly V[];
  #position = 0;
  constructor(items: readonly V[]) {
    super();
    this.#items = items;
  }
  repr(): string {
    return '<Cycler>';
  }
  override attribute(name: string): V | undefined {
    switch (name) {
      case 'current':
        return this.#items[this.#position];
      case 'next':
        return new PyFunction(
          'next',
          fn('', () => this.#advance()),
        );
      case 'reset':
        return new PyFunction(
          'reset',
          fn('', () => this.#reset()),
        );
    }
    return undefined;
  }
  #advance(): V {
    const item = this.#items[this.#position]!;
    this.#position = (this.#position + 1) % this.#items.length;
    return item;
  }
  #reset(): V {
    this.#position = 0;
    return null;
  }
}

function makeNamespace(_self: V, [source, keywords]: Bound): V {
  const namespace = new Namespace(repr);
  for (const [key, value] of entriesOf(makeDict(source, keywordsOf(keywords)))) namespace.values.set(str(key), value);
  return namespace;
}

function undef(_self: V, [hint = null]: Bound): V {
  const standard = 'Mandatory variable has not been overridden';
  return new Undefined(hint === null || hint instanceof Undefined || hint === '' ? standard : str(hint));
}

function lookup(wantList: boolean) {
  return (_self: V, [name = '', terms = [], keywords]: Bound, run: Run): V =>
    runLookup(str(name), terms as V[], keywordsOf(keywords), wantList, run);
}

function lipsum(): string {
  const sentence = 'Lorem ipsum dolor sit amet, consectetur adipiscing elit.';
  return `<p>${sentence}</p>`;
}

const functions: Readonly<Record<string, Callee>> = table<Callee>({
  range: fn('start stop step', range),
  dict: fn('source **keywords', (_self, [source, keywords]) => makeDict(source, keywordsOf(keywords))),
  namespace: fn('source **keywords', makeNamespace),
  joiner: fn('sep', (_self, [separator = ', ']) => new Joiner(str(separator))),
  cycler: fn('*items', (_self, [items]) => new Cycler(items as Value[])),
  lipsum: fn('n html min max', lipsum),
  undef: fn('hint', undef),
  lookup: fn('name *terms **options', lookup(false)),
  query: fn('name *terms **options', lookup(true)),
  q: fn('name *terms **options', lookup(true)),
  ...volatile({
    now: fn('utc fmt', (_self, [utc = false, format = null]) => now(truth(utc), format === null ? null : str(format))),
  }),
});

/** The functions that templates may call, by name. */
export const globals: ReadonlyMap<string, V> = new Map(
  Object.entries(functions).map(([name, callee]) => [name, new PyFunction(name, callee)]),
);
