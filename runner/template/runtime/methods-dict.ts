import { EvaluationError } from '../../python/evaluation-error.ts';
import { iterate } from '../../python/iterate.ts';
import { isDict, typeError } from '../../python/kinds.ts';
import { tuple, type V } from '../../python/object.ts';
import { repr, str } from '../../python/text.ts';
import { type Mapping, mapping, type Value } from '../../value.ts';
import type { Run } from '../run.ts';
import { type Bound, type Callee, fn, keywordsOf } from './function.ts';

/** A dict made of another one, or of pairs, and keywords, as by `dict()`. */
export function makeDict(source: V | undefined, keywords: ReadonlyMap<string, V>): Mapping {
  const result = mapping();
  if (source !== undefined) addTo(result, source);
  for (const [key, value] of keywords) result[key] = value as Value;
  return result;
}

function addTo(target: Mapping, source: V): void {
  if (isDict(source)) {
    for (const key of Object.keys(source)) target[key] = source[key]!;
    return;
  }
  for (const pair of iterate(source)) {
    const [key, value] = iterate(pair);
    if (key === undefined || value === undefined) throw typeError('A dict is made of pairs of a key and a value.');
    target[str(key)] = value as Value;
  }
}

const own = (self: V): Mapping => self as Mapping;
const has = (self: V, key: V | undefined): boolean => key !== undefined && Object.hasOwn(own(self), str(key));

/** The dict, which is about to be changed. */
function changing(self: V, run: Run): Mapping {
  run.beforeChange(own(self));
  return own(self);
}

function pop(self: V, [key, fallback]: Bound, run: Run): V {
  if (has(self, key)) {
    const name = str(key!);
    const value = own(self)[name]!;
    delete changing(self, run)[name];
    return value;
  }
  if (fallback === undefined) throw new EvaluationError(`KeyError: ${repr(key ?? null)}`);
  return fallback;
}

function setDefault(self: V, [key, fallback = null]: Bound, run: Run): V {
  if (!has(self, key)) changing(self, run)[str(key!)] = fallback as Value;
  return own(self)[str(key!)]!;
}

/** Methods of dict. Views of a dict are lists, as in Ansible since 2.19. */
export const dictMethods: ReadonlyMap<string, Callee> = new Map([
  ['get', fn('key default', (self, [key, fallback = null]) => (has(self, key) ? own(self)[str(key!)]! : fallback))],
  ['keys', fn('', (self) => Object.keys(own(self)))],
  ['values', fn('', (self) => Object.values(own(self)))],
  ['items', fn('', (self) => Object.keys(own(self)).map((key) => tuple([key, own(self)[key]!])))],
  [
    'update',
    fn('other **keywords', (self, [other, keywords], run) => {
      const dict = changing(self, run);
      if (other !== undefined) addTo(dict, other);
      for (const [key, value] of keywordsOf(keywords)) dict[key] = value as Value;
      return null;
    }),
  ],
  ['pop', fn('key default', pop)],
  ['setdefault', fn('key default', setDefault)],
  ['copy', fn('', (self) => makeDict(self, new Map()))],
  [
    'clear',
    fn('', (self, _args, run) => {
      const dict = changing(self, run);
      for (const key of Object.keys(dict)) delete dict[key];
      return null;
    }),
  ],
  [
    'popitem',
    fn('', (self, _args, run) => {
      const key = Object.keys(own(self)).at(-1);
      if (key === undefined) throw new EvaluationError("KeyError: 'popitem(): dictionary is empty'");
      const value = own(self)[key]!;
      delete changing(self, run)[key];
      return tuple([key, value]);
    }),
  ],
  [
    'fromkeys',
    fn('keys value', (_self, [keys = [], value = null]) =>
      mapping(iterate(keys).map((key) => [str(key), value as Value] as const)),
    ),
  ],
]);
