import type { Mapping } from '../value.ts';
import { boundedText } from './bounds.ts';
import { entryOf } from './dict.ts';
import { EvaluationError } from './evaluation-error.ts';
import { formatValue, parseSpec } from './format-spec.ts';
import { float, isDict, isIntegral, isNumeric, toNumber, typeError, typeName } from './kinds.ts';
import { Tuple, type V } from './object.ts';
import { firstCharacters, repr, str } from './text.ts';
import { pad } from './text-operations.ts';

const directive = /%(?:\(([^)]*)\))?([-+ #0]*)(\*|\d+)?(?:\.(\*|\d+))?[hlL]?([\s\S]?)/g;

/** Python's `text % values`. */
export function percentFormat(text: string, values: V): string {
  const list: readonly V[] = values instanceof Tuple ? (values as V[]) : [values];
  let next = 0;
  const take = (): V => {
    if (next >= list.length) throw typeError('not enough arguments for format string');
    return list[next++]!;
  };
  let named = false;
  const result = text.replace(directive, (_all, key, flags: string, width, precision, type: string) => {
    if (type === '%') return '%';
    if (key !== undefined) named = true;
    const columns = width === '*' ? Number(take()) : Number(width ?? 0);
    const digits = precision === '*' ? Number(take()) : precision === undefined ? undefined : Number(precision);
    const value = key === undefined ? take() : entry(values, key);
    return convert(value, type, flags, columns, digits);
  });
  if (!named && next < list.length && !isDict(values) && !(Array.isArray(values) && !(values instanceof Tuple))) {
    throw typeError('not all arguments converted during string formatting');
  }
  return boundedText(result);
}

function entry(values: V, key: string): V {
  if (!isDict(values)) throw typeError('format requires a mapping');
  const map = values as Mapping;
  const found = entryOf(map, key);
  if (found === undefined) throw new EvaluationError(`KeyError: ${repr(key)}`);
  return found;
}

function convert(value: V, type: string, flags: string, width: number, precision: number | undefined): string {
  const left = flags.includes('-');
  switch (type) {
    case 's':
    case 'r':
    case 'a': {
      const text = type === 's' ? str(value) : repr(value);
      return pad(
        precision === undefined ? text : firstCharacters(text, precision),
        width,
        left ? 'right' : 'left',
        ' ',
      );
    }
    case 'c': {
      const text = isIntegral(value) ? String.fromCodePoint(Number(value)) : str(value);
      return pad(text, width, left ? 'right' : 'left', ' ');
    }
    default:
      return number(value, type, flags, width, precision);
  }
}

function number(value: V, type: string, flags: string, width: number, precision: number | undefined): string {
  const kind = type === 'i' || type === 'u' ? 'd' : type;
  if (!'doxXeEfFgG'.includes(kind) || kind === '') {
    throw new EvaluationError(type === '' ? 'incomplete format' : `unsupported format character '${type}'`);
  }
  if (!isNumeric(value)) {
    throw typeError(
      kind === 'd'
        ? `%${type} format: a real number is required, not ${typeName(value)}`
        : `must be real number, not ${typeName(value)}`,
    );
  }
  const integral = 'doxX'.includes(kind);
  const spec = parseSpec('');
  spec.type = kind;
  spec.sign = flags.includes('+') ? '+' : flags.includes(' ') ? ' ' : '';
  spec.alternate = flags.includes('#');
  spec.width = width;
  if (flags.includes('-')) spec.align = '<';
  else if (flags.includes('0')) {
    spec.align = '=';
    spec.fill = '0';
  } else spec.align = '>';
  if (!integral) spec.precision = precision;
  const plain = integral && !isIntegral(value) ? Math.trunc(toNumber(value)) : value;
  return formatValue(integral ? plain : float(toNumber(plain)), spec);
}
