import type { Mapping, Value } from '../value.ts';
import { Engine } from './engine.ts';
import { createRegistry } from './registry.ts';
import type { Templar } from './templar.ts';

/** A filter of one's own. */
export type ExtraFilter = (value: Value, args: readonly Value[], keywords: Mapping) => Value;

export interface TemplarOptions {
  /** Filters by name, beside those of Jinja2 and Ansible; they win over those. */
  readonly extraFilters?: Readonly<Record<string, ExtraFilter>> | undefined;
  /** How many -v were given, for the `log` and debugging filters. */
  readonly verbosity?: number | undefined;
}

/** A templar with all filters, tests, functions and lookups. Make one for a run: it remembers what it compiled. */
export function createTemplar(options: TemplarOptions = {}): Templar {
  return new Engine(createRegistry(options.extraFilters ?? {}), options.verbosity ?? 0);
}
