import { maxItems } from '../../limits.ts';
import { checkItems } from '../../python/bounds.ts';
import { EvaluationError } from '../../python/evaluation-error.ts';
import { iterate } from '../../python/iterate.ts';
import { requireInt } from '../../python/kinds.ts';
import type { V } from '../../python/object.ts';
import { equal, indexOf, sorted, truth } from '../../python/operators.ts';
import { repr } from '../../python/text.ts';
import type { Value } from '../../value.ts';
import type { Run } from '../run.ts';
import { type Bound, type Callee, fn, PyFunction } from './function.ts';

const own = (self: V): V[] => self as V[];

/** The list, which is about to be changed. */
function changing(self: V, run: Run): V[] {
  run.beforeChange(own(self));
  return own(self);
}

/** A method that changes the list and gives None. */
function change(parameters: string, action: (list: V[], args: Bound) => void): Callee {
  return fn(parameters, (self, args, run) => {
    action(changing(self, run), args);
    return null;
  });
}

function position(self: V, value: V | undefined): number {
  const index = indexOf(own(self), value ?? null);
  if (index < 0) throw new EvaluationError(`ValueError: ${repr(value ?? null)} is not in list`);
  return index;
}

const shared: [string, Callee][] = [
  ['index', fn('value', (self, [value]) => position(self, value))],
  ['count', fn('value', (self, [value = null]) => own(self).filter((element) => equal(element, value)).length)],
];

/** Methods of tuple. */
export const tupleMethods: ReadonlyMap<string, Callee> = new Map(shared);

/** Methods of list. */
export const listMethods: ReadonlyMap<string, Callee> = new Map([
  ...shared,
  [
    'append',
    change('value', (list, [value = null]) => {
      if (list.length >= maxItems()) checkItems(list.length + 1);
      list.push(value);
    }),
  ],
  [
    'extend',
    change('values', (list, [values = []]) => {
      const added = [...iterate(values)];
      checkItems(list.length + added.length);
      for (const value of added) list.push(value);
    }),
  ],
  [
    'insert',
    change('index value', (list, [index, value = null]) => {
      list.splice(requireInt(index, 'The index of insert()'), 0, value);
    }),
  ],
  [
    'pop',
    fn('index', (self, [index = -1], run) => {
      const list = changing(self, run);
      const at = requireInt(index, 'The index of pop()');
      const [value] = list.splice(at < 0 ? at + list.length : at, 1);
      if (value === undefined) throw new EvaluationError('IndexError: pop index out of range');
      return value;
    }),
  ],
  ['remove', change('value', (list, [value]) => list.splice(position(list as Value[], value), 1))],
  ['reverse', change('', (list) => list.reverse())],
  ['copy', fn('', (self) => [...own(self)] as Value[])],
  ['clear', change('', (list) => list.splice(0))],
  [
    'sort',
    fn('key reverse', (self, [key = null, reverse = false], run) => {
      const by = key instanceof PyFunction ? (value: V) => key.call([value], new Map(), run) : undefined;
      const list = sorted(own(self) as Value[], by, truth(reverse));
      const changed = changing(self, run);
      changed.splice(0);
      for (const value of list) changed.push(value);
      return null;
    }),
  ],
]);
