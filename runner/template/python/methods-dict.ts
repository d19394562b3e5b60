import { type Mapping, mapping, type Value } from '../../value.ts';
import { TemplateFailure } from '../failure.ts';
import { type Bound, type Callee, fn, keywordsOf } from './function.ts';
import { iterate } from './iterate.ts';
import { isDict, typeError } from './kinds.ts';
import { DictView, tuple, type V } from './object.ts';
import { repr, str } from './text.ts';

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

function pop(self: V, [key, fallback]: Bound): V {
  if (has(self, key)) {
    const name = str(key!);
    const value = own(self)[name]!;
    delete own(self)[name];
    return value;
  }
  if (fallback === undefined) throw new TemplateFailure(`KeyError: ${repr(key ?? null)}`);
  return fallback;
}

function setDefault(self: V, [key, fallback = null]: Bound): V {
  if (!has(self, key)) own(self)[str(key!)] = fallback as Value;
  return own(self)[str(key!)]!;
}

/** Methods of dict. */
export const dictMethods: ReadonlyMap<string, Callee> = new Map([
  ['get', fn('key default', (self, [key, fallback = null]) => (has(self, key) ? own(self)[str(key!)]! : fallback))],
  ['keys', fn('', (self) => new DictView('dict_keys', Object.keys(own(self)), repr))],
  ['values', fn('', (self) => new DictView('dict_values', Object.values(own(self)), repr))],
  [
    'items',
    fn('', (self) => {
      const entries = Object.keys(own(self)).map((key) => tuple([key, own(self)[key]!]));
      return new DictView('dict_items', entries, repr);
    }),
  ],
  [
    'update',
    fn('other **keywords', (self, [other, keywords]) => {
      if (other !== undefined) addTo(own(self), other);
      for (const [key, value] of keywordsOf(keywords)) own(self)[key] = value as Value;
      return null;
    }),
  ],
  ['pop', fn('key default', pop)],
  ['setdefault', fn('key default', setDefault)],
  ['copy', fn('', (self) => makeDict(self, new Map()))],
  [
    'clear',
    fn('', (self) => {
      for (const key of Object.keys(own(self))) delete own(self)[key];
      return null;
    }),
  ],
  [
    'popitem',
    fn('', (self) => {
      const key = Object.keys(own(self)).at(-1);
      if (key === undefined) throw new TemplateFailure("KeyError: 'popitem(): dictionary is empty'");
      const value = own(self)[key]!;
      delete own(self)[key];
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
