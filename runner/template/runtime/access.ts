import { countSteps } from '../../computing.ts';
import { entryOf, isHashable } from '../../python/dict.ts';
import { undefinedError } from '../../python/evaluation-error.ts';
import { isIntegral, kindOf, requireInt, typeError, typeName } from '../../python/kinds.ts';
import { PyObject, Tuple, tuple, type V } from '../../python/object.ts';
import { characters, repr, str } from '../../python/text.ts';
import { type Mapping, Undefined, UnsafeText, type Value } from '../../value.ts';
import { PyFunction } from './function.ts';
import { methodOf } from './methods.ts';

function plain(value: V): V {
  return value instanceof UnsafeText ? value.text : value;
}

/** Jinja's `target.name`: a Python attribute (method) first, then an entry. Undefined when there is none. */
export function getAttribute(target: V, name: string): V {
  if (target instanceof Undefined) return target;
  const method = methodOf(target, name);
  if (method) return new PyFunction(name, method, target);
  if (target instanceof PyObject) return target.attribute(name) ?? missing(target, name);
  if (kindOf(target) === 'dict') {
    const found = entryOf(target as Mapping, name);
    if (found !== undefined) return plain(found);
  }
  return missing(target, name);
}

/** Jinja's `target[key]`: an entry first, then a Python attribute. Undefined when there is none. */
export function getItem(target: V, key: V): V {
  if (target instanceof Undefined) return target;
  // What is undefined inside of brackets is a mistake, and no missing entry for `default` to stand in for.
  if (key instanceof Undefined) throw undefinedError(key.message);
  const found = entry(target, key);
  if (found !== undefined) return plain(found);
  if (typeof key !== 'string') return missing(target, key);
  const method = methodOf(target, key);
  if (method) return new PyFunction(key, method, target);
  return (target instanceof PyObject ? target.attribute(key) : undefined) ?? missing(target, key);
}

function entry(target: V, key: V): V | undefined {
  switch (kindOf(target)) {
    case 'list':
    case 'tuple':
      return isIntegral(key) ? (target as V[]).at(Number(key)) : undefined;
    case 'str': {
      if (!isIntegral(key)) return undefined;
      const text = str(target);
      countSteps(text.length / 32);
      return characters(text).at(Number(key));
    }
    case 'dict':
      // What no dict can have for a key is not there either.
      return isHashable(key) ? entryOf(target as Mapping, key) : undefined;
    case 'object':
      return (target as PyObject).item(key);
    default:
      return undefined;
  }
}

function missing(target: V, key: V): Undefined {
  const owner = target === null ? 'None' : `${typeName(target)} object`;
  if (typeof key === 'string') return new Undefined(`'${owner}' has no attribute ${repr(key)}`);
  return new Undefined(`${owner} has no element ${repr(key)}`);
}

/** Python's `target[start:stop:step]`; null stands for what was left out. */
export function slice(target: V, start: V, stop: V, step: V): V {
  if (target instanceof Undefined) return target;
  const isText = kindOf(target) === 'str';
  if (!isText && !Array.isArray(target)) throw typeError(`'${typeName(target)}' object is not subscriptable`);
  const elements: V[] = isText ? characters(str(target)) : (target as V[]);
  countSteps(elements.length / 8);
  const picked = sliceIndices(elements.length, start, stop, step).map((index) => elements[index]!);
  if (isText) return picked.join('');
  return target instanceof Tuple ? tuple(picked) : (picked as Value[]);
}

function sliceIndices(length: number, start: V, stop: V, step: V): number[] {
  const by = step === null ? 1 : requireInt(step, 'The step of a slice');
  if (by === 0) throw typeError('slice step cannot be zero');
  const bound = (value: V, absent: number): number => {
    if (value === null) return absent;
    const index = requireInt(value, 'The index of a slice');
    const absolute = index < 0 ? index + length : index;
    return by > 0 ? Math.min(Math.max(absolute, 0), length) : Math.min(Math.max(absolute, -1), length - 1);
  };
  const from = bound(start, by > 0 ? 0 : length - 1);
  const to = bound(stop, by > 0 ? length : -1);
  const result: number[] = [];
  for (let index = from; by > 0 ? index < to : index > to; index += by) result.push(index);
  return result;
}

/** What follows a dotted path from any value, as `map(attribute='a.b.0')` does. */
export function pathFollower(path: V): (target: V) => V {
  if (isIntegral(path)) return (target) => getItem(target, path);
  const parts = str(path)
    .split('.')
    .map((part) => (/^\d+$/.test(part) ? Number(part) : part));
  const [only] = parts;
  if (parts.length === 1) return (target) => getItem(target, only!);
  return (target) => parts.reduce<V>(getItem, target);
}
