import { countSteps } from '../computing.ts';
import { WalkMemory } from '../shared-values.ts';
import { Float, type Mapping, UnsafeText, type Value } from '../value.ts';
import { boundedText, checkItems, repeatText } from './bounds.ts';
import { keyOf, nameIn } from './dict.ts';
import { EvaluationError } from './evaluation-error.ts';
import { percentFormat } from './format-percent.ts';
import { iterate } from './iterate.ts';
import { defined, float, int, isIntegral, isNumeric, kindOf, toNumber, typeError, typeName } from './kinds.ts';
import { Nothing, PyObject, Tuple, tuple, type V } from './object.ts';

/** Python's truth of a value. Throws for an undefined value. */
export function truth(value: V): boolean {
  if (typeof value === 'boolean') return value;
  if (typeof value === 'string') return value !== '';
  if (Array.isArray(value)) return value.length > 0;
  if (value instanceof Nothing) return false;
  switch (kindOf(defined(value))) {
    case 'none':
      return false;
    case 'int':
    case 'float':
      return toNumber(value) !== 0;
    case 'dict':
      for (const _ in value as Mapping) return true;
      return false;
    case 'object':
      return (value as PyObject).truth();
    default:
      return (value as UnsafeText).text !== '';
  }
}

/** Lists and dicts that a comparison found equal to others. */
type EqualPairs = WalkMemory<V[] | Mapping>;

/** Python's `==`. Throws for an undefined value. */
export function equal(left: V, right: V): boolean {
  return equalIn(left, right, undefined);
}

function equalIn(left: V, right: V, outer: EqualPairs | undefined): boolean {
  if (typeof left === 'string' && typeof right === 'string') return left === right;
  if (isNumeric(left)) return isNumeric(right) ? numbersEqual(left, right) : equalObject(right, left);
  const a = left instanceof UnsafeText ? left.text : defined(left);
  const b = right instanceof UnsafeText ? right.text : defined(right);
  if (a === b) return true;
  const kind = kindOf(a);
  if (kind === 'object') return (a as PyObject).equals(b);
  if (kind !== 'list' && kind !== 'tuple' && kind !== 'dict') return equalObject(b, a);
  if (kindOf(b) !== kind) return false;
  const pairs: EqualPairs = outer ?? new WalkMemory();
  if (pairs.recall(a as object) === b) return true;
  const same = kind === 'dict' ? dictsEqual(a as Mapping, b as Mapping, pairs) : listsEqual(a as V[], b as V[], pairs);
  if (same) pairs.note(a as object, b as V[] | Mapping);
  return same;
}

function equalObject(value: V, other: V): boolean {
  return defined(value) instanceof PyObject && (value as PyObject).equals(other);
}

function numbersEqual(left: V, right: V): boolean {
  const a = left instanceof Float ? left.value : typeof left === 'boolean' ? Number(left) : left;
  const b = right instanceof Float ? right.value : typeof right === 'boolean' ? Number(right) : right;
  // biome-ignore lint/suspicious/noDoubleEquals: a bigint equals a number only this way
  return a == b;
}

function listsEqual(a: V[], b: V[], pairs: EqualPairs): boolean {
  return a.length === b.length && a.every((element, index) => equalIn(element, b[index]!, pairs));
}

function dictsEqual(a: Mapping, b: Mapping, pairs: EqualPairs): boolean {
  const keys = Object.keys(a);
  if (keys.length !== Object.keys(b).length) return false;
  countSteps(keys.length);
  return keys.every((name) => {
    const other = Object.hasOwn(b, name) ? name : nameIn(b, keyOf(name));
    return other !== undefined && equalIn(a[name]!, b[other]!, pairs);
  });
}

/** Python's order of two values: negative, zero or positive (NaN for no order). Throws when they have none. */
export function compare(left: V, right: V, operator = '<'): number {
  if (isNumeric(left) && isNumeric(right)) {
    if (typeof left === 'bigint' || typeof right === 'bigint') return left < right ? -1 : left > right ? 1 : 0;
    return toNumber(left) - toNumber(right) || (toNumber(left) === toNumber(right) ? 0 : Number(left > right) * 2 - 1);
  }
  if (typeof left === 'string' && typeof right === 'string') return left < right ? -1 : left > right ? 1 : 0;
  defined(left);
  defined(right);
  if (Array.isArray(left) && Array.isArray(right) && left instanceof Tuple === right instanceof Tuple) {
    return compareLists(left, right, operator);
  }
  const result = left instanceof PyObject ? left.compare(right) : undefined;
  if (result !== undefined) return result;
  throw typeError(`'${operator}' not supported between instances of '${typeName(left)}' and '${typeName(right)}'`);
}

function compareLists(left: V[], right: V[], operator: string): number {
  const length = Math.min(left.length, right.length);
  for (let index = 0; index < length; index++) {
    countSteps();
    if (!equal(left[index]!, right[index]!)) return compare(left[index]!, right[index]!, operator);
  }
  return left.length - right.length;
}

/** Python's `needle in haystack`. */
export function contains(haystack: V, needle: V): boolean {
  if (typeof haystack === 'string') {
    countSteps(haystack.length / 64);
    if (typeof needle === 'string') return haystack.includes(needle);
    defined(needle);
    throw typeError(`'in <string>' requires string as left operand, not ${typeName(needle)}`);
  }
  if (Array.isArray(haystack)) return hasEqual(haystack, needle);
  if (kindOf(haystack) === 'dict') return nameIn(haystack as Mapping, needle) !== undefined;
  defined(haystack);
  const elements = haystack instanceof PyObject ? haystack.elements() : undefined;
  if (!elements) throw typeError(`argument of type '${typeName(haystack)}' is not iterable`);
  return hasEqual(elements, needle);
}

function hasEqual(elements: readonly V[], value: V): boolean {
  countSteps(elements.length / 8);
  return elements.some((element) => equal(element, value));
}

/** An arithmetic operator of Python. */
export type Arithmetic = '+' | '-' | '*' | '/' | '//' | '%' | '**';

/** Python's arithmetic, with its rules for text and lists. Throws when the operands do not fit. */
export function arithmetic(operator: Arithmetic, left: V, right: V): V {
  if (isNumeric(left) && isNumeric(right)) {
    if (operator === '/') return float(toNumber(left) / nonZero(right, 'division by zero'));
    return isIntegral(left) && isIntegral(right)
      ? intArithmetic(operator, left, right)
      : floatArithmetic(operator, toNumber(left), toNumber(right));
  }
  defined(left);
  if (operator === '%' && typeof left === 'string') return percentFormat(left, right);
  defined(right);
  return otherArithmetic(operator, left, right) ?? fail(operator, left, right);
}

function fail(operator: Arithmetic, left: V, right: V): never {
  if (operator === '+' && typeof left === 'string') {
    throw typeError(`can only concatenate str (not "${typeName(right)}") to str`);
  }
  const name = operator === '**' ? '** or pow()' : operator;
  throw typeError(`unsupported operand type(s) for ${name}: '${typeName(left)}' and '${typeName(right)}'`);
}

function otherArithmetic(operator: Arithmetic, left: V, right: V): V | undefined {
  if (operator === '+') {
    if (typeof left === 'string' && typeof right === 'string') return boundedText(left + right);
    if (Array.isArray(left) && Array.isArray(right) && left instanceof Tuple === right instanceof Tuple) {
      checkItems(left.length + right.length);
      countSteps((left.length + right.length) / 16);
      return left instanceof Tuple ? tuple([...left, ...right]) : ([...left, ...right] as Value[]);
    }
  }
  if (operator === '*') {
    if (isIntegral(right)) return repeat(left, Number(right));
    if (isIntegral(left)) return repeat(right, Number(left));
  }
  if ((operator === '+' || operator === '-') && left instanceof PyObject) return left.arithmetic(operator, right);
  return undefined;
}

function repeat(value: V, times: number): V | undefined {
  const count = Math.max(0, times);
  if (typeof value !== 'string' && !Array.isArray(value)) return undefined;
  if (typeof value === 'string') return repeatText(value, count);
  checkItems(count * value.length);
  countSteps((count * value.length) / 16);
  const result: V[] = [];
  for (let index = 0; index < count; index++) for (const element of value) result.push(element);
  return value instanceof Tuple ? tuple(result) : (result as Value[]);
}

function nonZero(value: V, message: string): number {
  const number = toNumber(value);
  if (number === 0) throw new EvaluationError(message);
  return number;
}

function intArithmetic(operator: Arithmetic, left: V, right: V): V {
  const a = Number(left);
  const b = Number(right);
  const quick = quickInt(operator, a, b, right);
  if (quick !== undefined && Number.isSafeInteger(a) && Number.isSafeInteger(b) && Number.isSafeInteger(quick)) {
    return quick + 0;
  }
  if (operator === '**' && b < 0) return float(a ** b);
  return int(bigArithmetic(operator, BigInt(left as number), BigInt(right as number)));
}

function quickInt(operator: Arithmetic, a: number, b: number, right: V): number | undefined {
  switch (operator) {
    case '+':
      return a + b;
    case '-':
      return a - b;
    case '*':
      return a * b;
    case '//':
      return Math.floor(a / nonZero(right, 'integer division or modulo by zero'));
    case '%':
      return modulo(a, nonZero(right, 'integer modulo by zero'));
    default:
      return b < 0 ? undefined : a ** b;
  }
}

function modulo(a: number, b: number): number {
  const rest = a % b;
  return rest !== 0 && rest < 0 !== b < 0 ? rest + b : rest;
}

function bigArithmetic(operator: Arithmetic, a: bigint, b: bigint): bigint {
  switch (operator) {
    case '+':
      return a + b;
    case '-':
      return a - b;
    case '*':
      return a * b;
    case '**':
      if (b > 100_000n) throw new EvaluationError('The exponent is too large.');
      return a ** b;
    default: {
      const rest = a % b;
      const adjust = rest !== 0n && rest < 0n !== b < 0n;
      if (operator === '%') return adjust ? rest + b : rest;
      return adjust ? a / b - 1n : a / b;
    }
  }
}

function floatArithmetic(operator: Arithmetic, a: number, b: number): V {
  switch (operator) {
    case '+':
      return float(a + b);
    case '-':
      return float(a - b);
    case '*':
      return float(a * b);
    case '//':
      return float(Math.floor(a / nonZero(b, 'float floor division by zero')));
    case '%':
      return float(modulo(a, nonZero(b, 'float modulo')));
    default:
      return float(a ** b);
  }
}

/** Python's unary `-` and `+`. */
export function negate(value: V): V {
  if (isIntegral(value)) return typeof value === 'bigint' ? int(-value) : 0 - Number(value);
  if (isNumeric(value)) return float(-toNumber(value));
  throw typeError(`bad operand type for unary -: '${typeName(defined(value))}'`);
}

/** The first of several elements equal to a value, or -1. */
export function indexOf(elements: readonly V[], value: V): number {
  countSteps(elements.length / 8);
  return elements.findIndex((element) => equal(element, value));
}

/** Python's `sorted(values)`, stable. */
export function sorted(values: V, key: (value: V) => V = (value) => value, reverse = false): V[] {
  const decorated = iterate(values).map((value) => ({ value, key: key(value) }));
  let compared = 0;
  decorated.sort((a, b) => {
    if ((++compared & 255) === 0) countSteps(256);
    return reverse ? compare(b.key, a.key) : compare(a.key, b.key);
  });
  return decorated.map((entry) => entry.value);
}
