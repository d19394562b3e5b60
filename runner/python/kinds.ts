import type { Mapping } from '../value.ts';
import { Float, Undefined, UnsafeText } from '../value.ts';
import { EvaluationError, undefinedError } from './evaluation-error.ts';
import { PyObject, Tuple, type V } from './object.ts';

/** What a value is in Python. */
export type Kind = 'none' | 'bool' | 'int' | 'float' | 'str' | 'list' | 'tuple' | 'dict' | 'undefined' | 'object';

/** The kind of a value. */
export function kindOf(value: V): Kind {
  switch (typeof value) {
    case 'string':
      return 'str';
    case 'boolean':
      return 'bool';
    case 'number':
      return Number.isInteger(value) ? 'int' : 'float';
    case 'bigint':
      return 'int';
    default:
      return kindOfObject(value);
  }
}

function kindOfObject(value: V): Kind {
  if (value === null || value === undefined) return 'none';
  if (Array.isArray(value)) return value instanceof Tuple ? 'tuple' : 'list';
  if (value instanceof PyObject) return 'object';
  if (value instanceof Float) return 'float';
  if (value instanceof Undefined) return 'undefined';
  return value instanceof UnsafeText ? 'str' : 'dict';
}

/** Whether a value is a dict. */
export function isDict(value: V): value is Mapping {
  return kindOf(value) === 'dict';
}

/** Python's name of a value's type. */
export function typeName(value: V): string {
  const kind = kindOf(value);
  if (kind === 'none') return 'NoneType';
  if (kind === 'undefined') return 'AnsibleUndefined';
  return kind === 'object' ? (value as PyObject).typeName : kind;
}

/** Throws when a value is undefined; gives it back otherwise. */
export function defined(value: V): V {
  if (value instanceof Undefined) throw undefinedError(value.message);
  return value;
}

/** A float: a number of JavaScript, wrapped when it is whole. */
export function float(value: number): number | Float {
  return Number.isInteger(value) ? new Float(value) : value;
}

/** An int: a bigint only where a number cannot hold it. */
export function int(value: bigint): number | bigint {
  return value >= -9007199254740991n && value <= 9007199254740991n ? Number(value) : value;
}

/** Whether a value is a number (or bool) to Python. */
export function isNumeric(value: V): value is number | bigint | boolean | Float {
  return typeof value === 'number' || typeof value === 'boolean' || typeof value === 'bigint' || value instanceof Float;
}

/** Whether a value is an int (or bool) to Python. */
export function isIntegral(value: V): value is number | bigint | boolean {
  return typeof value === 'number' ? Number.isInteger(value) : typeof value === 'boolean' || typeof value === 'bigint';
}

/** The value of any number as a number of JavaScript. Precondition: {@link isNumeric}. */
export function toNumber(value: V): number {
  return value instanceof Float ? value.value : Number(value);
}

/** A Python TypeError. */
export function typeError(message: string): EvaluationError {
  return new EvaluationError(message);
}

/** A value that has to be text, as for a filter that only takes text. */
export function requireText(value: V | undefined, what: string): string {
  if (typeof value === 'string') return value;
  if (value === undefined) throw typeError(`${what} is missing.`);
  defined(value);
  throw typeError(`${what} has to be text, not ${typeName(value)}.`);
}

/** A value that has to be a whole number. */
export function requireInt(value: V | undefined, what: string): number {
  if (value !== undefined && isIntegral(value)) return Number(value);
  if (value === undefined) throw typeError(`${what} is missing.`);
  defined(value);
  throw typeError(`${what} has to be an integer, not ${typeName(value)}.`);
}
