import { EvaluationError } from '../../python/evaluation-error.ts';
import { defined, float, isNumeric, toNumber, typeError, typeName } from '../../python/kinds.ts';
import type { V } from '../../python/object.ts';
import { truth } from '../../python/operators.ts';
import { str } from '../../python/text.ts';
import { type Bound, type Callee, fn } from '../runtime/function.ts';

function number(value: V, what: string): number {
  if (isNumeric(value)) return toNumber(value);
  throw typeError(`${what}() can only be used on numbers: must be real number, not ${typeName(defined(value))}`);
}

function logarithm(value: V, [base = Math.E]: Bound): V {
  const x = number(value, 'log');
  const by = number(base, 'log');
  if (x <= 0) throw new EvaluationError('log() can only be used on numbers: math domain error');
  if (by === 10) return float(Math.log10(x));
  return float(by === Math.E ? Math.log(x) : Math.log(x) / Math.log(by));
}

function root(value: V, [base = 2]: Bound): V {
  const x = number(value, 'root');
  const by = number(base, 'root');
  if (by === 2 && x < 0) throw new EvaluationError('root() can only be used on numbers: math domain error');
  return float(by === 2 ? Math.sqrt(x) : x ** (1 / by));
}

const units = ['Y', 'Z', 'E', 'P', 'T', 'G', 'M', 'K', 'B'] as const;
const limit = (unit: string): number => 1024 ** (8 - units.indexOf(unit as 'B'));

function humanReadable(value: V, [bits = false, unit = null]: Bound): string {
  const size = isNumeric(value) ? toNumber(value) : Number(str(value));
  if (Number.isNaN(size)) throw new EvaluationError(`human_readable() can't interpret following string: ${str(value)}`);
  const base = truth(bits) ? 'bits' : 'Bytes';
  const wanted = unit === null ? null : str(unit).toUpperCase();
  const found = units.find((name) => (wanted === null ? size >= limit(name) : name === wanted)) ?? 'B';
  const suffix = found === 'B' ? base : `${found}${truth(bits) ? 'b' : 'B'}`;
  return `${(size / limit(found)).toFixed(2)} ${suffix}`;
}

function humanToBytes(value: V, [unit = null, bits = false]: Bound): V {
  const text = str(value);
  const match = /^([\d.]+)\s*([A-Za-z]+)?\s*$/.exec(text.trim());
  const fail = (): never => {
    throw new EvaluationError(`human_to_bytes() can't interpret following string: ${text}`);
  };
  if (!match) return fail();
  const name = match[2] ?? (unit === null ? null : str(unit));
  const size = Number(match[1]);
  if (name === null) return Math.round(size);
  const letter = name[0]!.toUpperCase();
  if (!(units as readonly string[]).includes(letter)) return fail();
  const small = truth(bits) ? 'b' : 'B';
  const word = truth(bits) ? 'bit' : 'byte';
  const rest = name.slice(1);
  const isBase = letter === 'B' && (name === small || name.toLowerCase().startsWith(word));
  if (name.length > 1 && !isBase && rest !== small && !rest.toLowerCase().startsWith(word)) return fail();
  return Math.round(size * limit(letter));
}

/** Mathematics and sizes. */
export const numberFilters: Readonly<Record<string, Callee>> = {
  log: fn('base', logarithm),
  pow: fn('y', (value, [power = 1]) => float(number(value, 'pow') ** number(power, 'pow'))),
  root: fn('base', root),
  human_readable: fn('isbits unit', humanReadable),
  human_to_bytes: fn('default_unit isbits', humanToBytes),
};
