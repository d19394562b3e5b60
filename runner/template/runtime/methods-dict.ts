import { dictOf, entriesOf, entryOf, keyOf, keysOf, nameIn, nameOfText, setEntry } from '../../python/dict.ts';
import { EvaluationError } from '../../python/evaluation-error.ts';
import { iterate } from '../../python/iterate.ts';
import { isDict, typeError } from '../../python/kinds.ts';
import { tuple, type V } from '../../python/object.ts';
import { repr } from '../../python/text.ts';
import { type Mapping, mapping, type Value } from '../../value.ts';
import type { Run } from '../run.ts';
import { type Callee, fn } from './function.ts';
import { type Arguments, any, more, optional, placed } from './parameters.ts';

/** A dict made of another one, or of pairs, and keywords, as by `dict()`. */
export function makeDict(source: V | undefined, keywords: ReadonlyMap<string, V>): Mapping {
  const result = mapping();
  if (source !== undefined) addTo(result, source);
  for (const [key, value] of keywords) result[nameOfText(key)] = value as Value;
  return result;
}

function addTo(target: Mapping, source: V): void {
  if (isDict(source)) {
    for (const [key, value] of entriesOf(source)) setEntry(target, key, value);
    return;
  }
  for (const pair of iterate(source)) {
    const [key, value] = iterate(pair);
    if (key === undefined || value === undefined) throw typeError('A dict is made of pairs of a key and a value.');
    setEntry(target, key, value as Value);
  }
}

const own = (self: V): Mapping => self as Mapping;

/** The dict, which is about to be changed. */
function changing(self: V, run: Run): Mapping {
  run.beforeChange(own(self));
  return own(self);
}

function pop(self: V, key: V, fallback: V | undefined, run: Run): V {
  const name = nameIn(own(self), key);
  if (name !== undefined) {
    const value = own(self)[name]!;
    delete changing(self, run)[name];
    return value;
  }
  if (fallback === undefined) throw new EvaluationError(`KeyError: ${repr(key)}`);
  return fallback;
}

/** A key, and what stands for its value where it is not there. */
const keyParameters = { key: placed(any()), default: placed(any(null)) };

function setDefault(self: V, { key, default: fallback }: Arguments<typeof keyParameters>, run: Run): V {
  if (nameIn(own(self), key) === undefined) setEntry(changing(self, run), key, fallback as Value);
  return entryOf(own(self), key)!;
}

/** Methods of dict. Views of a dict are lists, as in Ansible since 2.19. */
export const dictMethods: ReadonlyMap<string, Callee> = new Map([
  ['get', fn(keyParameters, (self, { key, default: fallback }) => entryOf(own(self), key) ?? fallback)],
  ['keys', fn({}, (self) => keysOf(own(self)) as Value[])],
  ['values', fn({}, (self) => Object.values(own(self)))],
  ['items', fn({}, (self) => entriesOf(own(self)).map(tuple))],
  [
    'update',
    fn({ other: optional(any()), kwargs: more }, (self, { other, kwargs }, run) => {
      const dict = changing(self, run);
      if (other !== undefined) addTo(dict, other);
      for (const [key, value] of kwargs) dict[nameOfText(key)] = value as Value;
      return null;
    }),
  ],
  [
    'pop',
    fn({ key: placed(any()), default: placed(optional(any())) }, (self, { key, default: fallback }, run) =>
      pop(self, key, fallback, run),
    ),
  ],
  ['setdefault', fn(keyParameters, setDefault)],
  ['copy', fn({}, (self) => makeDict(self, new Map()))],
  [
    'clear',
    fn({}, (self, _args, run) => {
      const dict = changing(self, run);
      for (const key of Object.keys(dict)) delete dict[key];
      return null;
    }),
  ],
  [
    'popitem',
    fn({}, (self, _args, run) => {
      const name = Object.keys(own(self)).at(-1);
      if (name === undefined) throw new EvaluationError("KeyError: 'popitem(): dictionary is empty'");
      const value = own(self)[name]!;
      delete changing(self, run)[name];
      return tuple([keyOf(name), value]);
    }),
  ],
  [
    'fromkeys',
    fn({ keys: any(), value: any(null) }, (_self, { keys, value }) =>
      dictOf(iterate(keys).map((key) => [key, value] as const)),
    ),
  ],
]);
