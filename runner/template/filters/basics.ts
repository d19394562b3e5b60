import { countSteps } from '../../computing.ts';
import { EvaluationError } from '../../python/evaluation-error.ts';
import { fixed } from '../../python/format-spec.ts';
import { length } from '../../python/iterate.ts';
import {
  defined,
  float,
  int,
  isIntegral,
  isNumeric,
  kindOf,
  requireInt,
  toNumber,
  typeError,
  typeName,
} from '../../python/kinds.ts';
import type { V } from '../../python/object.ts';
import { truth } from '../../python/operators.ts';
import { str } from '../../python/text.ts';
import { isTrueForFilter } from '../../python/truth-words.ts';
import { table } from '../../table.ts';
import { Float, Undefined } from '../../value.ts';
import { getAttribute, getItem } from '../runtime/access.ts';
import { type Bound, type Callee, fn } from '../runtime/function.ts';

function defaultValue(value: V, [fallback = '', boolean = false]: Bound): V {
  if (value instanceof Undefined) return fallback;
  return truth(boolean) && !truth(value) ? fallback : value;
}

/** `int`: the whole number in a text or number, else the default. */
function toInt(value: V, [fallback = 0, base = 10]: Bound): V {
  defined(value);
  if (typeof value === 'string') return parseInteger(value, requireInt(base, 'base')) ?? fallback;
  if (isIntegral(value)) return typeof value === 'boolean' ? Number(value) : value;
  if (isNumeric(value)) {
    const number = toNumber(value);
    return Number.isFinite(number) ? int(BigInt(Math.trunc(number))) : fallback;
  }
  return fallback;
}

function parseInteger(text: string, base: number): number | bigint | undefined {
  const clean = text.trim().replace(/(?<=[\da-z])_(?=[\da-z])/gi, '');
  const match = /^([+-]?)(0[xX]|0[oO]|0[bB])?([\da-z]+)$/i.exec(clean);
  if (match) {
    const [, sign, prefix, digits = ''] = match;
    const prefixBase = prefix ? { x: 16, o: 8, b: 2 }[prefix[1]!.toLowerCase()] : undefined;
    if (prefixBase === undefined || prefixBase === base) {
      const value = inBase(prefix ? digits : digits, base);
      if (value !== undefined) return int(sign === '-' ? -value : value);
    }
  }
  const number = parseFloatText(clean);
  return number !== undefined && base === 10 && Number.isFinite(number) ? int(BigInt(Math.trunc(number))) : undefined;
}

function inBase(digits: string, base: number): bigint | undefined {
  let value = 0n;
  for (const digit of digits.toLowerCase()) {
    countSteps(1 + digits.length / 1000);
    const number = Number.parseInt(digit, 36);
    if (Number.isNaN(number) || number >= base) return undefined;
    value = value * BigInt(base) + BigInt(number);
  }
  return value;
}

function parseFloatText(text: string): number | undefined {
  const clean = text
    .trim()
    .toLowerCase()
    .replace(/(?<=\d)_(?=\d)/g, '');
  if (/^[+-]?(?:inf|infinity)$/.test(clean)) return clean.startsWith('-') ? -Infinity : Infinity;
  if (/^[+-]?nan$/.test(clean)) return Number.NaN;
  return /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/.test(clean) ? Number(clean) : undefined;
}

function toFloat(value: V, [fallback = new Float(0)]: Bound): V {
  defined(value);
  if (isNumeric(value)) return float(toNumber(value));
  const number = typeof value === 'string' ? parseFloatText(value) : undefined;
  return number === undefined ? fallback : float(number);
}

function round(value: V, [precision = 0, method = 'common']: Bound): V {
  if (!isNumeric(value)) throw typeError(`type ${typeName(defined(value))} doesn't define __round__ method`);
  const digits = requireInt(precision, 'precision');
  const number = toNumber(value);
  if (method === 'common') {
    if (isIntegral(value)) return digits >= 0 ? value : roundHalfEven(number, digits);
    return float(roundHalfEven(number, digits));
  }
  const scale = 10 ** digits;
  if (method === 'ceil') return float(Math.ceil(number * scale) / scale);
  if (method === 'floor') return float(Math.floor(number * scale) / scale);
  throw new EvaluationError('method must be common, ceil or floor');
}

/** Python's round(): the exact value of the float, halves to even. */
function roundHalfEven(value: number, digits: number): number {
  if (digits < 0) return halfEven(value / 10 ** -digits) * 10 ** -digits;
  return Math.sign(value) * Number(fixed(Math.abs(value), digits));
}

function halfEven(value: number): number {
  const below = Math.floor(value);
  const rest = value - below;
  return rest > 0.5 || (rest === 0.5 && below % 2 !== 0) ? below + 1 : below;
}

function absolute(value: V): V {
  if (!isNumeric(value)) throw typeError(`bad operand type for abs(): '${typeName(defined(value))}'`);
  if (!isIntegral(value)) return float(Math.abs(toNumber(value)));
  return typeof value === 'bigint' ? (value < 0n ? -value : value) : Math.abs(Number(value));
}

/** Ansible's `bool`. */
export function toBool(value: V): V {
  defined(value);
  if (value === null || typeof value === 'boolean') return value;
  const text = kindOf(value) === 'str' ? str(value).toLowerCase() : value;
  if (typeof text === 'string') return isTrueForFilter(text);
  return isNumeric(text) && toNumber(text) === 1;
}

function ternary(value: V, [whenTrue = null, whenFalse = null, whenNone = null]: Bound): V {
  if (value === null && whenNone !== null) return whenNone;
  if (value instanceof Undefined) return value;
  return truth(value) ? whenTrue : whenFalse;
}

function mandatory(value: V, [message = null]: Bound): V {
  if (!(value instanceof Undefined)) return value;
  const name = /^'(.*)' is undefined$/.exec(value.message)?.[1];
  const standard = name ? `Mandatory variable '${name}' not defined.` : 'Mandatory variable not defined.';
  throw new EvaluationError(message === null ? standard : str(message), 'undefined');
}

const textTypes: Readonly<Record<string, string>> = table<string>({ tuple: 'tuple', str: 'str' });

/** Filters about single values: defaults and conversions. */
export const basicFilters: Readonly<Record<string, Callee>> = {
  default: fn('default_value boolean', defaultValue),
  d: fn('default_value boolean', defaultValue),
  int: fn('default base', toInt),
  float: fn('default', toFloat),
  round: fn('precision method', round),
  abs: fn('', absolute),
  bool: fn('', (value, _args, run) => (value === null && run.rules !== '2.18' ? false : toBool(value))),
  ternary: fn('true_val false_val none_val', ternary),
  mandatory: fn('msg', mandatory),
  string: fn('', (value) => str(value)),
  length: fn('', (value) => length(value)),
  count: fn('', (value) => length(value)),
  attr: fn('name', (value, [name = '']) => getAttribute(value, str(name))),
  type_debug: fn('', (value) => textTypes[typeName(value)] ?? typeName(value)),
  extract: fn('container morekeys', (key, [container = null, more = null]) => {
    const keys = more === null ? [] : Array.isArray(more) ? (more as V[]) : [more];
    return [key, ...keys].reduce<V>((value, one) => getItem(value, one), container);
  }),
};
