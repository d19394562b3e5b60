import { KplayError } from '../errors.ts';
import type { Position } from '../position.ts';
import type { Templar, TemplateContext } from '../template/templar.ts';
import type { Value } from '../value.ts';
import { isMapping, Undefined, UnsafeText } from '../value.ts';

const plainContainers = new WeakMap<object, boolean>();

/** Whether a value holds no template, so that it can be used as it is. Remembered for lists and dicts. */
export function isPlain(value: Value, templar: Templar): boolean {
  if (typeof value === 'string') return !templar.isTemplate(value);
  if (value instanceof UnsafeText) return false;
  if (!Array.isArray(value) && !isMapping(value)) return true;
  let plain = plainContainers.get(value);
  if (plain === undefined) {
    plainContainers.set(value, true);
    plain = Object.values(value).every((entry) => isPlain(entry, templar));
    plainContainers.set(value, plain);
  }
  return plain;
}

const volatileContainers = new WeakMap<object, boolean>();

/** Whether a written value may be another one when it is rendered again. */
export function isVolatile(value: Value, templar: Templar): boolean {
  if (typeof value === 'string') return templar.isVolatile(value);
  if (!Array.isArray(value) && !isMapping(value)) return false;
  let found = volatileContainers.get(value);
  if (found === undefined) {
    volatileContainers.set(value, false);
    found = Object.values(value).some((entry) => isVolatile(entry, templar));
    volatileContainers.set(value, found);
  }
  return found;
}

/**
 * The value of a written variable. One that rests on an undefined variable is itself undefined, so that `default`
 * and `is defined` work on it as in Ansible; its message names what is missing and where.
 */
export function renderVariable(
  name: string,
  value: Value,
  position: Position | undefined,
  templar: Templar,
  context: TemplateContext,
): Value {
  try {
    return templar.render(value, context, position);
  } catch (error) {
    if (!(error instanceof KplayError) || error.problems.some((problem) => problem.code !== 'undefined')) throw error;
    return new Undefined(undefinedMessage(name, error.problems[0]!.message, position));
  }
}

function undefinedMessage(name: string, message: string, position: Position | undefined): string {
  // The innermost variable is where something has to be done.
  if (message.includes('(in the variable ')) return message;
  const place = position ? `, ${position.file}:${position.line}` : '';
  return `${message} (in the variable '${name}'${place})`;
}
