import path from 'node:path';
import type { EvaluationError } from '../python/evaluation-error.ts';
import { endless } from './failure.ts';

/** The failure of templates that extend or include each other without end; names the last of them, in their order. */
export function recursion(verb: 'extends' | 'includes', files: readonly (string | undefined)[]): EvaluationError {
  const named = files.filter((file) => file !== undefined);
  const last = named.at(-1);
  const before = last === undefined ? -1 : named.lastIndexOf(last, -2);
  const ring = named.slice(Math.max(0, before, named.length - 10)).map((file) => path.basename(file));
  return endless(undefined, ring.join(` ${verb} `));
}
