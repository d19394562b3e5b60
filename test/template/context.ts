import path from 'node:path';
import { KplayError, type Problem } from '../../runner/errors.ts';
import { packageRoot } from '../../runner/root.ts';
import type { TemplateContext } from '../../runner/template/templar.ts';
import type { Value } from '../../runner/value.ts';

/** A folder with the files that tests of templates read. */
export const fixtures: string = path.join(packageRoot, 'test/fixtures/template');

/** A context with the given variables. */
export function contextOf(
  variables: Record<string, Value>,
  searchPath: readonly string[] = [fixtures],
): TemplateContext {
  return {
    scope: {
      get: (name) => (Object.hasOwn(variables, name) ? variables[name] : undefined),
      has: (name) => Object.hasOwn(variables, name),
      names: () => Object.keys(variables),
    },
    searchPath,
    playbookFolder: fixtures,
  };
}

/** The only problem that an action fails with. Throws when it does not fail with a KplayError. */
export function problemOf(action: () => unknown): Problem {
  try {
    action();
  } catch (error) {
    if (error instanceof KplayError && error.problems.length === 1) return error.problems[0]!;
    throw error;
  }
  throw new Error('nothing failed');
}
