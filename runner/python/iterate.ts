import { type Mapping, UnsafeText } from '../value.ts';
import { keysOf } from './dict.ts';
import { defined, kindOf, typeError, typeName } from './kinds.ts';
import { Nothing, PyObject, type V } from './object.ts';
import { characters, textLength } from './text.ts';

/** The elements of anything Python can iterate over: lists, the keys of a dict, the characters of a text. Throws otherwise. */
export function iterate(value: V): V[] {
  if (Array.isArray(value)) return value;
  if (value instanceof Nothing) return [];
  switch (kindOf(defined(value))) {
    case 'dict':
      return keysOf(value as Mapping);
    case 'str':
      return characters(value instanceof UnsafeText ? value.text : (value as string));
    case 'object': {
      const elements = (value as PyObject).elements();
      if (elements) return elements;
    }
  }
  throw typeError(`'${typeName(value)}' object is not iterable`);
}

/** Whether {@link iterate} takes a value. */
export function isIterable(value: V): boolean {
  const kind = kindOf(value);
  return (
    kind === 'list' ||
    kind === 'tuple' ||
    kind === 'dict' ||
    kind === 'str' ||
    (value instanceof PyObject && value.elements() !== undefined)
  );
}

/** Python's `len(value)`. */
export function length(value: V): number {
  if (typeof value === 'string') return textLength(value);
  if (Array.isArray(value)) return value.length;
  if (!isIterable(defined(value))) throw typeError(`object of type '${typeName(value)}' has no len()`);
  return iterate(value).length;
}
