import { DateTime, Day } from '../python/datetime.ts';
import { Float, type Value } from '../value.ts';

/**
 * What plain (unquoted) text means in YAML 1.1 as PyYAML reads it.
 */
export function resolvePlain(text: string): Value {
  // Most texts are longer than any of the words, and begin with a letter that no number begins with.
  if (text.length <= longestWord && words.has(text)) return words.get(text) ?? null;
  if (!mayBeNumber(text.charCodeAt(0))) return text;
  return readInteger(text) ?? readFloat(text) ?? readDate(text) ?? text;
}

const words = new Map<string, boolean | null>([
  ['', null],
  ['~', null],
  ['null', null],
  ['Null', null],
  ['NULL', null],
  ...['yes', 'Yes', 'YES', 'true', 'True', 'TRUE', 'on', 'On', 'ON'].map((word) => [word, true] as const),
  ...['no', 'No', 'NO', 'false', 'False', 'FALSE', 'off', 'Off', 'OFF'].map((word) => [word, false] as const),
]);

const longestWord = Math.max(...[...words.keys()].map((word) => word.length));

const integerForm = /^[-+]?(?:0b[01_]+|0[0-7_]+|0|[1-9][0-9_]*|0x[0-9a-fA-F_]+|[1-9][0-9_]*(?::[0-5]?[0-9])+)$/;
const floatForm =
  /^(?:[-+]?[0-9][0-9_]*\.[0-9_]*(?:[eE][-+][0-9]+)?|\.[0-9][0-9_]*(?:[eE][-+][0-9]+)?|[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+\.[0-9_]*|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$/;

function mayBeNumber(code: number): boolean {
  // + - . and digits
  return code === 43 || code === 45 || code === 46 || (code >= 48 && code <= 57);
}

const dateForm = /^\d{4}-\d\d-\d\d$/;
const timeForm =
  /^(\d{4})-(\d\d?)-(\d\d?)(?:[Tt]|[ \t]+)(\d\d?):(\d\d):(\d\d)(?:\.(\d*))?(?:[ \t]*(?:(Z)|([-+])(\d\d?)(?::(\d\d))?))?$/;

/** Reads a date, or a date with a time of day; undefined when the text is none, or none that there is. */
function readDate(text: string): Day | DateTime | undefined {
  if (dateForm.test(text)) {
    const [year = 0, month = 0, day = 0] = text.split('-').map(Number);
    const wall = Date.UTC(year, month - 1, day);
    return isSame(wall, year, month, day) ? new Day(wall / 86_400_000) : undefined;
  }
  const match = timeForm.exec(text);
  if (!match) return undefined;
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const micros = Number((match[7] ?? '').slice(0, 6).padEnd(6, '0'));
  const wall = Date.UTC(year, month - 1, day, hour, minute, second, Math.floor(micros / 1000));
  if (!isSame(wall, year, month, day) || hour > 23 || minute > 59 || second > 59) return undefined;
  return new DateTime(wall, micros % 1000, offsetOf(match));
}

function isSame(wall: number, year: number, month: number, day: number): boolean {
  const date = new Date(wall);
  return date.getUTCFullYear() === year && date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
}

/** Minutes east of UTC. */
function offsetOf(match: RegExpExecArray): number | undefined {
  if (match[8] !== undefined) return 0;
  if (match[9] === undefined) return undefined;
  return (Number(match[10]) * 60 + Number(match[11] ?? 0)) * (match[9] === '-' ? -1 : 1);
}

/** Reads a whole number in any form of YAML 1.1; undefined when the text is none. Large ones become bigint. */
export function readInteger(text: string): number | bigint | undefined {
  // Nearly all are decimal and short.
  if (/^(?:0|[1-9][0-9]{0,14})$/.test(text)) return Number(text);
  if (!integerForm.test(text)) return undefined;
  const plain = text.replaceAll('_', '');
  const negative = plain.startsWith('-');
  const digits = negative || plain.startsWith('+') ? plain.slice(1) : plain;
  const size = magnitude(digits);
  if (size === undefined) return undefined;
  return narrow(negative ? -size : size);
}

function magnitude(digits: string): bigint | undefined {
  if (digits.includes(':')) return digits.split(':').reduce((sum, part) => sum * 60n + BigInt(part), 0n);
  if (digits.startsWith('0b') || digits.startsWith('0x')) return digits.length > 2 ? BigInt(digits) : undefined;
  if (digits.length > 1 && digits.startsWith('0')) return BigInt(`0o${digits.slice(1)}`);
  return BigInt(digits);
}

function narrow(value: bigint): number | bigint {
  return value <= BigInt(Number.MAX_SAFE_INTEGER) && value >= BigInt(Number.MIN_SAFE_INTEGER) ? Number(value) : value;
}

/** Reads a float in any form of YAML 1.1; undefined when the text is none. Whole ones become {@link Float}. */
export function readFloat(text: string): number | Float | undefined {
  if (!floatForm.test(text)) return undefined;
  const plain = text.replaceAll('_', '').toLowerCase();
  const negative = plain.startsWith('-');
  const digits = negative || plain.startsWith('+') ? plain.slice(1) : plain;
  let value: number;
  if (digits === '.inf') value = Number.POSITIVE_INFINITY;
  else if (digits === '.nan') value = Number.NaN;
  else if (digits.includes(':')) value = digits.split(':').reduce((sum, part) => sum * 60 + Number(part), 0);
  else value = Number(digits);
  return asFloat(negative ? -value : value);
}

/** A float as kplay holds it: whole numbers are marked, so that they are not taken for ints. */
export function asFloat(value: number): number | Float {
  return Number.isInteger(value) ? new Float(value) : value;
}
