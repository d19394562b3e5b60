import { checkCharacters, repeatText } from './bounds.ts';
import { EvaluationError } from './evaluation-error.ts';
import { isIntegral, isNumeric, toNumber } from './kinds.ts';
import { floatText } from './literal.ts';
import type { V } from './object.ts';
import { firstCharacters, str, textLength } from './text.ts';
import { pad } from './text-operations.ts';

/** A Python format specification: `[[fill]align][sign][#][0][width][grouping][.precision][type]`. */
export interface FormatSpec {
  fill: string;
  align: string;
  sign: string;
  alternate: boolean;
  width: number;
  grouping: string;
  precision: number | undefined;
  type: string;
}

const specPattern = /^(?:([\s\S])?([<>=^]))?([-+ ]?)z?(#?)(0?)(\d*)([,_]?)(?:\.(\d+))?([bcdeEfFgGnosxX%]?)$/u;

/** Reads the text after the colon of a replacement field. */
export function parseSpec(text: string): FormatSpec {
  const match = specPattern.exec(text);
  if (!match) throw new EvaluationError(`Invalid format specifier '${text}'`);
  const [, fill, align, sign = '', alternate, zero, width = '', grouping = '', precision, type = ''] = match;
  return {
    fill: fill ?? (zero && !align ? '0' : ' '),
    align: align ?? (zero ? '=' : ''),
    sign,
    alternate: alternate === '#',
    width: Number(width),
    grouping,
    precision: precision === undefined ? undefined : Number(precision),
    type,
  };
}

/** A value formatted by a specification, as by Python's `format(value, spec)`. */
export function formatValue(value: V, spec: FormatSpec): string {
  if (isNumeric(value) && spec.type !== 's') {
    return formatNumber(value, spec);
  }
  if (spec.type !== '' && spec.type !== 's') {
    throw new EvaluationError(`Unknown format code '${spec.type}' for object of type 'str'`);
  }
  const text = spec.precision === undefined ? str(value) : firstCharacters(str(value), spec.precision);
  return align(text, spec, '<');
}

function align(text: string, spec: FormatSpec, standard: string): string {
  const side = spec.align || standard;
  if (side === '^') {
    const missing = Math.max(0, spec.width - textLength(text));
    checkCharacters(spec.width * spec.fill.length);
    return spec.fill.repeat(Math.floor(missing / 2)) + text + spec.fill.repeat(Math.ceil(missing / 2));
  }
  return pad(text, spec.width, side === '<' ? 'right' : 'left', spec.fill);
}

function formatNumber(value: V, spec: FormatSpec): string {
  const integral = isIntegral(value) && 'bcdnoxX'.includes(spec.type || 'd');
  const number = toNumber(value);
  const negative = number < 0 || Object.is(number, -0);
  const digits = integral ? integerDigits(value, spec) : floatDigits(Math.abs(number), spec, isIntegral(value));
  const sign = negative ? '-' : spec.sign === '-' ? '' : spec.sign;
  const prefix = spec.alternate && integral && 'box'.includes(spec.type.toLowerCase()) ? `0${spec.type}` : '';
  const grouped = spec.grouping ? group(digits, spec.grouping) : digits;
  if (spec.align === '=') {
    const width = spec.width - sign.length - prefix.length;
    return sign + prefix + pad(grouped, width, 'left', spec.fill);
  }
  return align(sign + prefix + grouped, spec, '>');
}

function group(digits: string, separator: string): string {
  return digits.replace(/^\d+/, (whole) => whole.replace(/\B(?=(\d{3})+$)/g, separator));
}

function integerDigits(value: V, spec: FormatSpec): string {
  const big = BigInt(value as number);
  const absolute = big < 0n ? -big : big;
  switch (spec.type) {
    case 'b':
      return absolute.toString(2);
    case 'o':
      return absolute.toString(8);
    case 'x':
      return absolute.toString(16);
    case 'X':
      return absolute.toString(16).toUpperCase();
    case 'c':
      return String.fromCodePoint(Number(absolute));
    default:
      return absolute.toString();
  }
}

function floatDigits(value: number, spec: FormatSpec, integral: boolean): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? 'nan' : 'inf';
  const precision = spec.precision ?? 6;
  switch (spec.type) {
    case 'f':
    case 'F':
      return fixed(value, precision);
    case '%':
      return `${fixed(value * 100, precision)}%`;
    case 'e':
    case 'E':
      return exponential(value, precision, spec.type);
    case 'g':
    case 'G':
    case 'n':
      return general(value, precision || 1, spec.alternate, spec.type === 'G');
    case '':
      if (spec.precision === undefined) return integral ? String(value) : floatText(value);
      return withPoint(general(value, spec.precision || 1, false, false));
    default:
      throw new EvaluationError(`Unknown format code '${spec.type}' for object of type 'float'`);
  }
}

function withPoint(text: string): string {
  return /[.e]/.test(text) ? text : `${text}.0`;
}

/** Fixed notation, rounding the exact binary value half to even as C does. Precondition: not negative. */
export function fixed(value: number, precision: number): string {
  if (value >= 1e21) return precision > 0 ? `${BigInt(value)}.${repeatText('0', precision)}` : String(BigInt(value));
  const text = value.toFixed(Math.min(precision, 100));
  const exact = value.toFixed(100);
  const end = exact.indexOf('.') + 1 + precision;
  if (precision > 98 || !/^50*$/.test(exact.slice(end))) return text;
  const cut = precision === 0 ? exact.slice(0, end - 1) : exact.slice(0, end);
  return Number(cut.at(-1)) % 2 === 0 ? cut : text;
}

function exponential(value: number, precision: number, letter: string): string {
  return value
    .toExponential(Math.min(precision, 100))
    .replace(/e([+-])(\d)$/, 'e$10$2')
    .replace('e', letter);
}

function general(value: number, precision: number, alternate: boolean, upper: boolean): string {
  const exponent = value === 0 ? 0 : Number(value.toExponential(precision - 1).split('e')[1]);
  let text: string;
  if (exponent < -4 || exponent >= precision) {
    text = exponential(value, precision - 1, 'e');
    if (!alternate) text = text.replace(/\.?0+e/, 'e');
  } else {
    text = fixed(value, precision - 1 - exponent);
    if (!alternate && text.includes('.')) text = text.replace(/\.?0+$/, '');
  }
  return upper ? text.toUpperCase() : text;
}
