import { maxItems } from '../../limits.ts';
import { checkItems } from '../../python/bounds.ts';
import { EvaluationError } from '../../python/evaluation-error.ts';
import { iterate } from '../../python/iterate.ts';
import type { V } from '../../python/object.ts';
import { equal, indexOf, sorted } from '../../python/operators.ts';
import { repr } from '../../python/text.ts';
import type { Value } from '../../value.ts';
import type { Run } from '../run.ts';
import { type Callee, fn, PyFunction } from './function.ts';
import { type Arguments, any, flag, integer, named, type Parameters } from './parameters.ts';

const own = (self: V): V[] => self as V[];

/** The list, which is about to be changed. */
function changing(self: V, run: Run): V[] {
  run.beforeChange(own(self));
  return own(self);
}

/** A method that changes the list and gives None. */
function change<P extends Parameters>(parameters: P, action: (list: V[], args: Arguments<P>) => void): Callee {
  return fn(parameters, (self, args, run) => {
    action(changing(self, run), args);
    return null;
  });
}

function position(self: V, value: V): number {
  const index = indexOf(own(self), value);
  if (index < 0) throw new EvaluationError(`ValueError: ${repr(value)} is not in list`);
  return index;
}

const shared: [string, Callee][] = [
  ['index', fn({ value: any() }, (self, { value }) => position(self, value))],
  ['count', fn({ value: any() }, (self, { value }) => own(self).filter((element) => equal(element, value)).length)],
];

/** Methods of tuple. */
export const tupleMethods: ReadonlyMap<string, Callee> = new Map(shared);

/** Methods of list. */
export const listMethods: ReadonlyMap<string, Callee> = new Map([
  ...shared,
  [
    'append',
    change({ value: any() }, (list, { value }) => {
      if (list.length >= maxItems()) checkItems(list.length + 1);
      list.push(value);
    }),
  ],
  [
    'extend',
    change({ values: any() }, (list, { values }) => {
      const added = [...iterate(values)];
      checkItems(list.length + added.length);
      for (const value of added) list.push(value);
    }),
  ],
  [
    'insert',
    change({ index: integer(), value: any() }, (list, { index, value }) => {
      list.splice(index, 0, value);
    }),
  ],
  [
    'pop',
    fn({ index: integer(-1) }, (self, { index }, run) => {
      const list = changing(self, run);
      const [value] = list.splice(index < 0 ? index + list.length : index, 1);
      if (value === undefined) throw new EvaluationError('IndexError: pop index out of range');
      return value;
    }),
  ],
  ['remove', change({ value: any() }, (list, { value }) => list.splice(position(list as Value[], value), 1))],
  ['reverse', change({}, (list) => list.reverse())],
  ['copy', fn({}, (self) => [...own(self)] as Value[])],
  ['clear', change({}, (list) => list.splice(0))],
  [
    'sort',
    fn({ key: named(any(null)), reverse: named(flag(false)) }, (self, { key, reverse }, run) => {
      const by = key instanceof PyFunction ? (value: V) => key.call([value], new Map(), run) : undefined;
      const list = sorted(own(self) as Value[], by, reverse);
      const changed = changing(self, run);
      changed.splice(0);
      for (const value of list) changed.push(value);
      return null;
    }),
  ],
]);
