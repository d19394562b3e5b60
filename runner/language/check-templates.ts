import type { Position } from '../position.ts';
import { isMapping, type Mapping, type Value } from '../value.ts';
import { type Loading, placeIn } from './loading.ts';

/** Whether a value is text with something to render. */
export function isTemplate(loading: Loading, value: Value | undefined): value is string {
  return typeof value === 'string' && loading.options.templar.isTemplate(value);
}

/** Checks the syntax of every template in a value, dict keys left out. */
export function checkTemplates(loading: Loading, value: Value, position: Position): void {
  if (loading.options.outlineOnly) return;
  if (typeof value === 'string') {
    if (isTemplate(loading, value)) loading.attempt(() => loading.options.templar.check(value, position), position);
  } else if (!isFirst(loading, value)) {
    return;
  } else if (Array.isArray(value)) {
    for (const [index, entry] of value.entries()) {
      if (mayHoldTemplate(loading, entry)) checkTemplates(loading, entry, placeIn(value, index, position));
    }
  } else if (isMapping(value)) checkDictTemplates(loading, value, position);
}

/** The same for variables. They may never be used, so that what is wrong in them is warned of, as in parts that are never reached. */
export function checkVariables(loading: Loading, value: Value, position: Position): void {
  const check = (): void => checkTemplates(loading, value, position);
  loading.uncertainly<void>(check, () => {});
}

/** The same for a dict's values, without those of some keys. */
export function checkDictTemplates(
  loading: Loading,
  dict: Mapping,
  position: Position,
  without?: ReadonlySet<string>,
): void {
  if (loading.options.outlineOnly) return;
  for (const key of Object.keys(dict)) {
    if (without?.has(key) || !mayHoldTemplate(loading, dict[key]!)) continue;
    checkTemplates(loading, dict[key]!, placeIn(dict, key, position));
  }
}

const checked = new WeakMap<Loading, WeakSet<object>>();

/** Whether a value is checked for the first time; a list or dict that YAML aliases share is checked once. */
function isFirst(loading: Loading, value: Value): boolean {
  if (typeof value !== 'object' || value === null) return true;
  let values = checked.get(loading);
  if (!values) {
    values = new WeakSet();
    checked.set(loading, values);
  }
  if (values.has(value)) return false;
  values.add(value);
  return true;
}

/** Whether it is worth finding out where a value stands. */
function mayHoldTemplate(loading: Loading, value: Value): boolean {
  return typeof value === 'string' ? isTemplate(loading, value) : typeof value === 'object' && value !== null;
}
