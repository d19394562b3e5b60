import { isInterruption } from '../../computing.ts';
import { KplayError } from '../../errors.ts';
import { EvaluationError } from '../../python/evaluation-error.ts';
import type { V } from '../../python/object.ts';
import type { Value } from '../../value.ts';
import { baseNameOf } from '../names.ts';
import type { Run } from '../run.ts';
import { finish } from '../runtime/finish.ts';
import { any, flag, type Keywords, Signature } from '../runtime/parameters.ts';

/** What is said to `lookup()` itself, and not to the lookup. */
const ownOptions = new Signature({ wantlist: flag(false), errors: any('strict') });

/** `lookup(name, …)` and, with a wanted list, `query(name, …)` of the templating language. */
export function runLookup(name: string, terms: readonly V[], keywords: Keywords, wantList: boolean, run: Run): V {
  const lookup = run.registry.lookups.get(baseNameOf(name));
  if (!lookup) throw new EvaluationError(`lookup plugin (${name}) not found`);
  const options = new Map(keywords);
  const { wantlist, errors } = ownOptions.bindNames(options);
  const asList = wantList || wantlist;
  for (const own of ['wantlist', 'errors', 'allow_unsafe']) options.delete(own);
  try {
    const found = lookup(terms.map(finish), Object.fromEntries(options) as Record<string, Value>, run);
    return asList ? (found as Value[]) : joined(found);
  } catch (error) {
    const ignorable = error instanceof EvaluationError || error instanceof KplayError;
    if (
      !ignorable ||
      errors === 'strict' ||
      isInterruption(error) ||
      (error instanceof EvaluationError && error.code === 'undefined')
    )
      throw error;
    return asList ? [] : null;
  }
}

/** Several texts become one with commas; a single other value is itself. */
function joined(found: readonly V[]): V {
  if (found.length === 0) return [];
  if (found.every((value) => typeof value === 'string')) return found.join(',');
  return found.length === 1 ? found[0]! : (found as Value[]);
}
