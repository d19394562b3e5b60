import { pythonText } from '../python/text.ts';
import { booleanWord } from '../python/truth-words.ts';
import type { Mapping, Value } from '../value.ts';
import type { Conditions } from './tree.ts';

/** Whether a run may pass a task or block by, or goes on when something in it fails, as its keywords say. */
export function isUncertain(dict: Mapping): boolean {
  return isCondition(dict.when) || mayFail(dict);
}

/** Whether a run goes on when a task or block fails, as its own keywords say. */
export function mayFail(dict: Mapping): boolean {
  return mayBeTrue(dict.ignore_errors);
}

/** The same of conditions that were read already. */
export function hasConditions(conditions: Conditions): boolean {
  return conditions.some(({ value }) => value !== true);
}

function isCondition(value: Value | undefined): boolean {
  if (Array.isArray(value)) return value.some(isCondition);
  return value !== undefined && value !== null && value !== true;
}

function mayBeTrue(value: Value | undefined): boolean {
  if (value === undefined || value === null) return false;
  return typeof value === 'boolean' ? value : (booleanWord(pythonText(value)) ?? true);
}
