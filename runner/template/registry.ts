import { type Mapping, mapping, type Value } from '../value.ts';
import { filters } from './filters/all.ts';
import { globals } from './globals.ts';
import { lookups, volatileLookups } from './lookups/all.ts';
import type { Registry } from './run.ts';
import { type Callee, fn } from './runtime/function.ts';
import { more, rest } from './runtime/parameters.ts';
import { tests } from './tests/all.ts';

type Extra = (value: Value, args: readonly Value[], keywords: Mapping) => Value;

/** Everything that templates know by name. Filters of one's own go before those that are built in. */
export function createRegistry(extraFilters: Readonly<Record<string, Extra>>): Registry {
  const extra = new Map<string, Callee>(
    Object.entries(extraFilters).map(([name, filter]) => [
      name,
      fn({ args: rest, kwargs: more }, (value, { args, kwargs }) =>
        filter(value as Value, args as Value[], mapping(kwargs as Iterable<[string, Value]>)),
      ),
    ]),
  );
  return {
    filter: (name) => extra.get(name) ?? filters.get(name),
    test: (name) => tests.get(name),
    global: (name) => globals.get(name),
    lookups,
    volatileLookups,
    filterNames: () => [...extra.keys(), ...filters.keys()],
    testNames: () => tests.keys(),
  };
}
