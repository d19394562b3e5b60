import { undefinedError } from '../../python/evaluation-error.ts';
import { Nothing, PyObject, Range, Tuple, type V } from '../../python/object.ts';
import { str } from '../../python/text.ts';
import { WalkMemory } from '../../shared-values.ts';
import { isTemporal, Undefined, type Value } from '../../value.ts';

/** A value as it leaves a template: ranges are lists, what only lives in templates is its text. Throws for undefined. */
export function finish(value: V): Value {
  return finishDeep(value, undefined, false);
}

/** The same for the value of a text in a YAML file: tuples are lists. */
export function finishText(value: V): Value {
  // Only what a YAML file holds is a date in a variable.
  return isTemporal(value) ? value.text() : finishDeep(value, undefined, true);
}

function finishDeep(value: V, outer: WalkMemory<true> | undefined, listed: boolean): Value {
  if (typeof value === 'string') return value;
  if (value instanceof Nothing) return '';
  if (value instanceof Undefined) throw undefinedError(value.message);
  if (value instanceof Range) return value.elements();
  if (value instanceof PyObject) return isTemporal(value) ? value : str(value);
  if (Array.isArray(value)) {
    const memory = outer ?? new WalkMemory();
    const again = memory.recall(value) === true;
    if (again && !(listed && value instanceof Tuple)) return value;
    for (let index = 0; index < value.length; index++) {
      const element = value[index];
      if (typeof element === 'object' && element !== null) value[index] = finishDeep(element as V, memory, listed);
    }
    memory.note(value, true);
    if (listed && value instanceof Tuple) return Array.from(value);
  }
  return value;
}
