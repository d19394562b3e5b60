import type { Value } from '../../runner/value.ts';
import { Float, isMapping, Undefined, UnsafeText } from '../../runner/value.ts';

/** A value as JSON text. Throws for an undefined variable. */
export function jsonText(value: Value): string {
  if (value instanceof Float) return Number.isInteger(value.value) ? value.value.toFixed(1) : String(value.value);
  if (value instanceof UnsafeText) return JSON.stringify(value.text);
  if (value instanceof Undefined) throw new Error(value.message);
  if (typeof value === 'bigint') return value.toString();
  if (Array.isArray(value)) return `[${value.map(jsonText).join(', ')}]`;
  if (!isMapping(value)) return JSON.stringify(value);
  const entries = Object.entries(value).map(([key, entry]) => `${JSON.stringify(key)}: ${jsonText(entry)}`);
  return `{${entries.join(', ')}}`;
}
