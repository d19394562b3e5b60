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
import type { Run } from '../run.ts';
import { getAttribute, getItem } from '../runtime/access.ts';
import { type Callee, fn } from '../runtime/function.ts';
import { type Arguments, any, integer, orNone, text } from '../runtime/parameters.ts';

const defaultParameters = { default_value: any(''), boolean: any(false) };

function defaultValue(value: V, args: Arguments<typeof defaultParameters>, run: Run): V {
  if (run.rules !== '2.18' && typeof args.boolean !== 'boolean')
    throw typeError(`The 'boolean' argument must be of type 'bool', not '${typeName(args.boolean)}'.`);
  if (value instanceof Undefined) return args.default_value;
  return truth(args.boolean) && !truth(value) ? args.default_value : value;
}

/** `int`: the whole number in a text or number, else the default. */
function toInt(value: V, fallback: V, base: V): V {
  defined(value);
  if (typeof value === 'string') return parseInteger(value, isIntegral(base) ? Number(base) : 10) ?? fallback;
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

function toFloat(value: V, fallback: V): V {
  defined(value);
  if (isNumeric(value)) return float(toNumber(value));
  const number = typeof value === 'string' ? parseFloatText(value) : undefined;
  return number === undefined ? fallback : float(number);
}

function round(value: V, precision: number | null, method: V): V {
  if (!isNumeric(value)) throw typeError(`type ${typeName(defined(value))} doesn't define __round__ method`);
  const number = toNumber(value);
  // Python gives a whole number where it is told no precision.
  if (precision === null && method === 'common') return int(BigInt(roundHalfEven(number, 0)));
  const digits = precision ?? 0;
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

const ternaryParameters = { true_val: any(), false_val: any(), none_val: any(null) };

function ternary(value: V, args: Arguments<typeof ternaryParameters>): V {
  if (value === null && args.none_val !== null) return args.none_val;
  if (value instanceof Undefined) return value;
  return truth(value) ? args.true_val : args.false_val;
}

function mandatory(value: V, message: string | null): V {
  if (!(value instanceof Undefined)) return value;
  const name = /^'(.*)' is undefined$/.exec(value.message)?.[1];
  const standard = name ? `Mandatory variable '${name}' not defined.` : 'Mandatory variable not defined.';
  throw new EvaluationError(message ?? standard, 'undefined');
}

const textTypes: Readonly<Record<string, string>> = table<string>({ tuple: 'tuple', str: 'str' });

/** Filters about single values: defaults and conversions. */
export const basicFilters: Readonly<Record<string, Callee>> = {
  default: fn(defaultParameters, defaultValue),
  d: fn(defaultParameters, defaultValue),
  int: fn({ default: any(0), base: any(10) }, (value, { default: fallback, base }) => toInt(value, fallback, base)),
  float: fn({ default: any(new Float(0)) }, (value, { default: fallback }) => toFloat(value, fallback)),
  round: fn({ precision: orNone(integer(), 0), method: any('common') }, (value, { precision, method }) =>
    round(value, precision, method),
  ),
  abs: fn({}, absolute),
  bool: fn({}, (value, _args, run) => (value === null && run.rules !== '2.18' ? false : toBool(value))),
  ternary: fn(ternaryParameters, ternary),
  mandatory: fn({ msg: orNone(text()) }, (value, { msg }) => mandatory(value, msg)),
  string: fn({}, (value) => str(value)),
  length: fn({}, (value) => length(value)),
  count: fn({}, (value) => length(value)),
  attr: fn({ name: text() }, (value, { name }) => getAttribute(value, name)),
  type_debug: fn({}, (value) => textTypes[typeName(value)] ?? typeName(value)),
  extract: fn({ container: any(), morekeys: any(null) }, (key, { container, morekeys: further }) => {
    const keys = further === null ? [] : Array.isArray(further) ? (further as V[]) : [further];
    return [key, ...keys].reduce<V>((value, one) => getItem(value, one), container);
  }),
};
