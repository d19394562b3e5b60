import type { V } from '../../python/object.ts';
import type { Lookup, Run } from '../run.ts';
import { type Arguments, type Parameters, Signature } from '../runtime/parameters.ts';

/** A lookup with declared options: what they are called, their types, what stands for them where they are not given. */
export function lookup<P extends Parameters>(
  options: P,
  body: (terms: V[], options: Arguments<P>, run: Run) => V[],
): Lookup {
  const signature = new Signature(options);
  return (terms, given, run) => body(terms, signature.bindNames(new Map(Object.entries(given))), run);
}
