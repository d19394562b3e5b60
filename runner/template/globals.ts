import { entriesOf } from '../python/dict.ts';
import { EvaluationError } from '../python/evaluation-error.ts';
import { requireText } from '../python/kinds.ts';
import { now } from '../python/now.ts';
import { Namespace, PyObject, Range, type V } from '../python/object.ts';
import { truth } from '../python/operators.ts';
import { repr, str } from '../python/text.ts';
import { table } from '../table.ts';
import { Undefined } from '../value.ts';
import { runLookup } from './lookups/run.ts';
import { type Callee, fn, PyFunction, volatile } from './runtime/function.ts';
import { makeDict } from './runtime/methods-dict.ts';
import { type Arguments, any, flag, integer, more, optional, rest, text } from './runtime/parameters.ts';

const rangeParameters = { start: integer(), stop: optional(integer()), step: integer(1) };

function range(_self: V, { start, stop, step }: Arguments<typeof rangeParameters>): V {
  if (step === 0) throw new EvaluationError('range() arg 3 must not be zero');
  return stop === undefined ? new Range(0, start, step) : new Range(start, stop, step);
}

/** Jinja's `joiner`: nothing the first time, the separator after that. */
class Joiner extends PyFunction {
  override readonly typeName = 'Joiner';
  constructor(separator: string) {
    let used = false;
    super(
      'joiner',
      fn({}, () => {
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
          fn({}, () => this.#advance()),
        );
      case 'reset':
        return new PyFunction(
          'reset',
          fn({}, () => this.#reset()),
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

/** What `dict()` and `namespace()` take. */
const dictParameters = { source: optional(any()), kwargs: more };

function makeNamespace(_self: V, { source, kwargs }: Arguments<typeof dictParameters>): V {
  const namespace = new Namespace(repr);
  for (const [key, value] of entriesOf(makeDict(source, kwargs))) namespace.values.set(str(key), value);
  return namespace;
}

function undef(hint: V): V {
  const standard = 'Mandatory variable has not been overridden';
  return new Undefined(hint === null || hint instanceof Undefined || hint === '' ? standard : str(hint));
}

function lookup(wantList: boolean): Callee {
  return fn({ name: text(), terms: rest, options: more }, (_self, { name, terms, options }, run) =>
    runLookup(name, terms, options, wantList, run),
  );
}

function lipsum(): string {
  const sentence = 'Lorem ipsum dolor sit amet, consectetur adipiscing elit.';
  return `<p>${sentence}</p>`;
}

const functions: Readonly<Record<string, Callee>> = table<Callee>({
  range: fn(rangeParameters, range),
  dict: fn(dictParameters, (_self, { source, kwargs }) => makeDict(source, kwargs)),
  namespace: fn(dictParameters, makeNamespace),
  joiner: fn({ sep: text(', ') }, (_self, { sep }) => new Joiner(sep)),
  cycler: fn({ items: rest }, (_self, { items }) => new Cycler(items)),
  lipsum: fn({ n: any(5), html: any(true), min: any(20), max: any(100) }, lipsum),
  undef: fn({ hint: any(null) }, (_self, { hint }) => undef(hint)),
  lookup: lookup(false),
  query: lookup(true),
  q: lookup(true),
  ...volatile({
    now: fn({ utc: flag(false), fmt: any(null) }, (_self, { utc, fmt }) =>
      now(utc, truth(fmt) ? requireText(fmt, 'fmt') : null),
    ),
  }),
});

/** The functions that templates may call, by name. */
export const globals: ReadonlyMap<string, V> = new Map(
  Object.entries(functions).map(([name, callee]) => [name, new PyFunction(name, callee)]),
);
