import { EvaluationError } from '../../python/evaluation-error.ts';
import { defined, float, isNumeric, toNumber, typeError, typeName } from '../../python/kinds.ts';
import type { V } from '../../python/object.ts';
import { str } from '../../python/text.ts';
import { type Callee, fn } from '../runtime/function.ts';
import { any, flag, orNone, string, text } from '../runtime/parameters.ts';

function number(value: V, what: string): number {
  if (isNumeric(value)) return toNumber(value);
  throw typeError(`${what}() can only be used on numbers: must be real number, not ${typeName(defined(value))}`);
}

function logarithm(value: V, base: V): V {
  const x = number(value, 'log');
  const by = number(base, 'log');
  if (x <= 0) throw new EvaluationError('log() can only be used on numbers: math domain error');
  if (by === 10) return float(Math.log10(x));
  return float(by === Math.E ? Math.log(x) : Math.log(x) / Math.log(by));
}

function root(value: V, base: V): V {
  const x = number(value, 'root');
  const by = number(base, 'root');
  if (by === 2 && x < 0) throw new EvaluationError('root() can only be used on numbers: math domain error');
  return float(by === 2 ? Math.sqrt(x) : x ** (1 / by));
}

const units = ['Y', 'Z', 'E', 'P', 'T', 'G', 'M', 'K', 'B'] as const;
const limit = (unit: string): number => 1024 ** (8 - units.indexOf(unit as 'B'));

function humanReadable(value: V, isBits: boolean, unit: string | null): string {
  const size = isNumeric(value) ? toNumber(value) : Number(str(value));
  if (Number.isNaN(size)) throw new EvaluationError(`human_readable() can't interpret following string: ${str(value)}`);
  const base = isBits ? 'bits' : 'Bytes';
  const wanted = unit === null ? null : unit.toUpperCase();
  const found = units.find((name) => (wanted === null ? size >= limit(name) : name === wanted)) ?? 'B';
  const suffix = found === 'B' ? base : `${found}${isBits ? 'b' : 'B'}`;
  return `${(size / limit(found)).toFixed(2)} ${suffix}`;
}

function humanToBytes(value: V, unit: string | null, isBits: boolean): V {
  const written = str(value);
  const match = /^([\d.]+)\s*([A-Za-z]+)?\s*$/.exec(written.trim());
  const fail = (): never => {
    throw new EvaluationError(`human_to_bytes() can't interpret following string: ${written}`);
  };
  if (!match) return fail();
  const name = match[2] ?? unit;
  const size = Number(match[1]);
  if (name === null) return Math.round(size);
  const letter = name[0]!.toUpperCase();
  if (!(units as readonly string[]).includes(letter)) return fail();
  const small = isBits ? 'b' : 'B';
  const word = isBits ? 'bit' : 'byte';
  const rest = name.slice(1);
  const isBase = letter === 'B' && (name === small || name.toLowerCase().startsWith(word));
  if (name.length > 1 && !isBase && rest !== small && !rest.toLowerCase().startsWith(word)) return fail();
  return Math.round(size * limit(letter));
}

/** Mathematics and sizes. */
export const numberFilters: Readonly<Record<string, Callee>> = {
  log: fn({ base: any(Math.E) }, (value, { base }) => logarithm(value, base)),
  pow: fn({ y: any() }, (value, { y }) => float(number(value, 'pow') ** number(y, 'pow'))),
  root: fn({ base: any(2) }, (value, { base }) => root(value, base)),
  human_readable: fn({ isbits: flag(false), unit: orNone(string()) }, (value, { isbits, unit }) =>
    humanReadable(value, isbits, unit),
  ),
  human_to_bytes: fn({ default_unit: orNone(text()), isbits: flag(false) }, (value, args) =>
    humanToBytes(value, args.default_unit, args.isbits),
  ),
};
