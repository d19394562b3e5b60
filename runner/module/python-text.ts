import { jsonNumber, literal } from '../python/literal.ts';
import { showable } from '../shared-values.ts';
import { Float, isMapping, UnsafeText, type Value } from '../value.ts';

/** A value as Python's str() prints it; what Ansible makes of a value where text is wanted. */
export function pythonText(value: Value): string {
  if (typeof value === 'string') return value;
  if (value instanceof UnsafeText) return value.text;
  return literal(showable(value));
}

/** A value as Python writes JSON (with a blank after `:` and `,`), for arguments of type json. */
export function jsonText(value: Value): string {
  return json(showable(value));
}

function json(value: Value): string {
  if (value instanceof Float || typeof value === 'number' || typeof value === 'bigint') return jsonNumber(value);
  if (value instanceof UnsafeText) return JSON.stringify(value.text);
  if (Array.isArray(value)) return `[${value.map(json).join(', ')}]`;
  if (!isMapping(value)) return JSON.stringify(value) ?? 'null';
  const entries = Object.entries(value).map(([key, entry]) => `${JSON.stringify(key)}: ${json(entry)}`);
  return `{${entries.join(', ')}}`;
}
