import { nameOfText } from '../python/dict.ts';
import { jsonText } from '../python/json.ts';
import { parseJson } from '../python/json-reader.ts';
import { pythonText } from '../python/text.ts';
import { booleanWord } from '../python/truth-words.ts';
import { Float, isMapping, isTemporal, type Mapping, mapping, UnsafeText, type Value } from '../value.ts';
import type { ArgumentType } from './arguments.ts';

/** What came of making a value one of a type: the value, or what was expected in its place. */
export type Coerced = { readonly value: Value; readonly warning?: string } | { readonly expected: string };

/** Makes a value one of an argument's type by Ansible's rules: `"yes"` for a bool, `"a,b"` for a list, 5 for text … */
export function coerce(value: Value, type: ArgumentType): Coerced {
  const given = value instanceof UnsafeText ? value.text : value;
  switch (type) {
    case 'raw':
      return { value: given };
    case 'str':
    case 'path':
      return toText(given);
    case 'bool':
      return toBoolean(given);
    case 'int':
      return toInteger(given);
    case 'float':
      return toFloat(given);
    case 'list':
      return toList(given);
    case 'dict':
      return toDict(given);
    case 'json':
    case 'jsonarg':
      return toJson(given);
    case 'bytes':
      return toSize(given, 'B');
    case 'bits':
      return toSize(given, 'b');
  }
}

function toText(value: Value): Coerced {
  const text = pythonText(value);
  return typeof value === 'object' && !(value instanceof Float) && !isTemporal(value)
    ? { value: text, warning: 'a list or dict was given where text is expected, and became text' }
    : { value: text };
}

function toBoolean(value: Value): Coerced {
  if (typeof value === 'boolean') return { value };
  const number = value instanceof Float ? value.value : value;
  const word = typeof number === 'string' || typeof number === 'number' ? booleanWord(String(number)) : undefined;
  return word === undefined ? { expected: 'true or false' } : { value: word };
}

function toInteger(value: Value): Coerced {
  const expected = { expected: 'a whole number' };
  if (typeof value === 'boolean') return { value: value ? 1 : 0 };
  if (value instanceof Float) return Number.isFinite(value.value) ? { value: value.value } : expected;
  if (typeof value === 'number') return Number.isInteger(value) ? { value } : expected;
  if (typeof value === 'bigint') return { value };
  if (typeof value !== 'string' || !/^\s*[-+]?\d+(?:_\d+)*(?:\.0*)?\s*$/.test(value)) return expected;
  return { value: Number(value.replaceAll('_', '')) };
}

function toFloat(value: Value): Coerced {
  if (value instanceof Float) return { value: value.value };
  if (typeof value === 'number') return { value };
  if (typeof value === 'bigint' || typeof value === 'boolean') return { value: Number(value) };
  if (typeof value === 'string' && value.trim() !== '' && !Number.isNaN(Number(value))) return { value: Number(value) };
  return { expected: 'a number' };
}

function toList(value: Value): Coerced {
  if (Array.isArray(value)) return { value };
  if (typeof value === 'string') return { value: value.split(',').map((part) => part.trim()) };
  if (value !== null && (typeof value !== 'object' || value instanceof Float || isTemporal(value)))
    return { value: [pythonText(value)] };
  return { expected: 'a list' };
}

function toDict(value: Value): Coerced {
  const expected = { expected: 'a dict' };
  if (isMapping(value)) return { value };
  if (typeof value !== 'string') return expected;
  if (value.trimStart().startsWith('{')) return jsonDict(value) ?? expected;
  return value.includes('=') ? { value: keyValueDict(value) } : expected;
}

function jsonDict(text: string): Coerced | undefined {
  try {
    const value = parseJson(text);
    return isMapping(value) ? { value } : undefined;
  } catch {
    return undefined;
  }
}

/** `a=1, b="x y"`: fields end at commas and blanks outside of quotes. */
function keyValueDict(text: string): Mapping {
  const result = mapping();
  for (const match of text.matchAll(/((?:[^\s,"'\\]|\\.|"[^"]*"|'[^']*')+)/g)) {
    const field = match[0].replace(/\\(.)|["']/g, (_, escaped: string | undefined) => escaped ?? '');
    const equals = field.indexOf('=');
    if (equals > 0) result[nameOfText(field.slice(0, equals))] = field.slice(equals + 1);
  }
  return result;
}

function toJson(value: Value): Coerced {
  if (typeof value === 'string') return { value: value.trim() };
  if (Array.isArray(value) || isMapping(value)) return { value: jsonText(value) };
  return { expected: 'JSON text, a list or a dict' };
}

const unitPowers = 'BKMGTPEZY';

/** `10M`, `1.5 GB` (bits: `10Mb`) as a number; units are powers of 1024. */
function toSize(value: Value, letter: 'B' | 'b'): Coerced {
  const match = /^\s*(\d+(?:\.\d*)?|\.\d+)\s*([A-Za-z]*)\s*$/.exec(pythonText(value));
  const unit = match?.[2] ?? '';
  const power = unit === '' ? 0 : unitPowers.indexOf(unit[0]!.toUpperCase());
  const rest = unit.slice(1);
  const words = letter === 'B' ? ['', 'B', 'yte', 'bytes', 'byte', 'Byte', 'Bytes'] : ['', 'b', 'it', 'bits', 'bit'];
  if (!match || power < 0 || !words.includes(rest)) {
    return { expected: letter === 'B' ? 'a size such as 10M or 1.5GB' : 'a size in bits such as 10Mb' };
  }
  return { value: Math.round(Number(match[1]) * 1024 ** power) };
}
