import type { Position } from '../position.ts';
import { isMapping, type Value } from '../value.ts';
import { kindOf, type Loading, placeIn } from './loading.ts';
import type { Conditions, Written } from './tree.ts';

/**
 * Reads conditions (`when`, `until` …): one, or a list of which all must hold. Their syntax is checked. Templates in
 * braces are only warned of, as Ansible does. None is no condition; an empty text is one, which the rules from 2.19 on refuse.
 */
export function loadConditions(loading: Loading, name: string, value: Value, position: Position): Conditions {
  const conditions: Written<string | boolean>[] = [];
  const entries = Array.isArray(value) ? value : [value];
  for (const [index, entry] of entries.entries()) {
    const place = Array.isArray(value) ? placeIn(value, index, position) : position;
    if (entry === null) continue;
    if (Array.isArray(entry)) conditions.push(...loadConditions(loading, name, entry, place));
    else if (typeof entry === 'boolean') conditions.push({ value: entry, position: place });
    else if (typeof entry === 'string')
      conditions.push({ value: checked(loading, name, entry, place), position: place });
    else if (typeof entry === 'number') conditions.push({ value: String(entry), position: place });
    else {
      loading.add({
        code: 'parse',
        message: `"${name}" must be a condition or a list of them, not ${kindOf(entry)}.`,
        position: place,
        hint: isMapping(entry) ? 'Quote the condition if it holds ": " or begins with "{".' : undefined,
      });
    }
  }
  return conditions;
}

function checked(loading: Loading, name: string, text: string, position: Position): string {
  const { templar, outlineOnly } = loading.options;
  if (outlineOnly) return text;
  if (!text.includes('{{') && !text.includes('{%')) {
    loading.attempt(() => templar.checkExpression(text, position), position);
    return text;
  }
  loading.attempt(() => templar.check(text, position), position);
  loading.warn(`"${name}" is an expression already and should hold no {{ }} or {% %}: ${text}`, position);
  return text;
}
