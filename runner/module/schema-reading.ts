import type { ArgumentRules, ArgumentSchema, ArgumentSpec } from './arguments.ts';

/** A schema as it is read for every task: worked out once. */
export interface Reading {
  /** Canonical names by every name. */
  readonly names: ReadonlyMap<string, string>;
  readonly specs: readonly (readonly [string, ArgumentSpec])[];
}

const readings = new WeakMap<ArgumentSchema, Reading>();

/** The reading of a schema; remembered. */
export function readingOf(schema: ArgumentSchema): Reading {
  let reading = readings.get(schema);
  if (!reading) {
    const specs = Object.entries(schema);
    const names = new Map<string, string>();
    for (const [name, spec] of specs) {
      names.set(name, name);
      for (const alias of spec.aliases ?? []) names.set(alias, name);
    }
    reading = { names, specs };
    readings.set(schema, reading);
  }
  return reading;
}

/** Rules that are checked before defaults are filled in, and after. */
export interface Phases {
  readonly before: ArgumentRules;
  readonly after: ArgumentRules;
}

export const noRules: Phases = { before: {}, after: {} };
const phases = new WeakMap<ArgumentRules, Phases>();

/** Rules by when they are checked; remembered. */
export function phasesOf(rules: ArgumentRules): Phases {
  let known = phases.get(rules);
  if (!known) {
    const { mutuallyExclusive = [], ...after } = rules;
    known = { before: { mutuallyExclusive }, after };
    phases.set(rules, known);
  }
  return known;
}
