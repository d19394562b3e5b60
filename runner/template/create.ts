import type { Mapping, Value } from '../value.ts';
import { Engine } from './engine.ts';
import { createRegistry } from './registry.ts';
import { defaultRules, type TemplateRules } from './rules.ts';
import type { Templar } from './templar.ts';

/** A filter of one's own. */
export type ExtraFilter = (value: Value, args: readonly Value[], keywords: Mapping) => Value;

export interface TemplarOptions {
  /** Filters by name, beside those of Jinja2 and Ansible; they win over those. */
  readonly extraFilters?: Readonly<Record<string, ExtraFilter>> | undefined;
  /** How many -v were given, for the `log` and debugging filters. */
  readonly verbosity?: number | undefined;
  /** The rules that hold where a context names none. */
  readonly rules?: TemplateRules | undefined;
  /** Whether a condition of any type counts by the rules from 2.19 on, too (ALLOW_BROKEN_CONDITIONALS). */
  readonly brokenConditionals?: boolean | undefined;
}

/** A templar with all filters, tests, functions and lookups. Make one for a run: it remembers what it compiled. */
export function createTemplar(options: TemplarOptions = {}): Templar {
  const { extraFilters = {}, verbosity = 0, rules = defaultRules, brokenConditionals = false } = options;
  return new Engine(createRegistry(extraFilters), verbosity, rules, brokenConditionals);
}
