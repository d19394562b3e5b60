import { pythonText } from '../python/text.ts';
import { sameValues } from '../shared-values.ts';
import type { Mapping, Value } from '../value.ts';
import type { ArgumentRules } from './arguments.ts';

/**
 * Checks the rules over several arguments; returns a sentence without its full stop for each that is broken. A value
 * that `isUnsure` is known only at run time and may turn out as not given, so nothing is concluded from it.
 */
export function checkRules(rules: ArgumentRules, args: Mapping, isUnsure: (value: Value) => boolean): string[] {
  const given = (name: string): boolean => args[name] !== undefined && args[name] !== null;
  const surely = (name: string): boolean => given(name) && !isUnsure(args[name]!);
  const problems: string[] = [];
  for (const names of rules.mutuallyExclusive ?? []) {
    const together = names.filter(surely);
    if (together.length > 1) problems.push(`${list(together, 'and')} cannot be given together`);
  }
  for (const names of rules.requiredOneOf ?? []) {
    if (!names.some(given)) problems.push(`one of ${list(names, 'or')} is required`);
  }
  for (const names of rules.requiredTogether ?? []) {
    const missing = names.filter((name) => !given(name));
    if (missing.length > 0 && names.some(surely)) {
      problems.push(`${list(names, 'and')} must be given together; ${list(missing, 'and')} is missing`);
    }
  }
  for (const [name, value, needed, anyOf] of rules.requiredIf ?? []) {
    if (!surely(name) || !equal(args[name]!, value)) continue;
    const missing = needed.filter((one) => !given(one));
    if (missing.length === 0 || (anyOf && missing.length < needed.length)) continue;
    const condition = `when "${name}" is ${pythonText(value)}`;
    problems.push(
      anyOf
        ? `one of ${list(missing, 'or')} is required ${condition}`
        : `${list(missing, 'and')} is required ${condition}`,
    );
  }
  for (const [name, needed] of Object.entries(rules.requiredBy ?? {})) {
    const missing = surely(name) ? needed.filter((one) => !given(one)) : [];
    if (missing.length > 0) problems.push(`"${name}" needs ${list(missing, 'and')} too`);
  }
  return problems;
}

function equal(a: Value, b: Value): boolean {
  return a === b || (Array.isArray(a) && Array.isArray(b) && sameValues(a, b));
}

function list(names: readonly string[], word: string): string {
  const quoted = names.map((name) => `"${name}"`);
  return quoted.length < 2 ? quoted.join('') : `${quoted.slice(0, -1).join(', ')} ${word} ${quoted.at(-1)}`;
}
