import { showable } from '../shared-values.ts';
import { Float, isMapping, UnsafeText, type Value } from '../value.ts';

/** A value as Python's str() prints it; what Ansible makes of a value where text is wanted. */
export function pythonText(value: Value): string {
  if (typeof value === 'string') return value;
  if (value instanceof UnsafeText) return value.text;
  return representation(showable(value));
}

function representation(value: Value): string {
  if (value === null || value === undefined) return 'None';
  if (value === true) return 'True';
  if (value === false) return 'False';
  if (value instanceof Float) return Math.abs(value.value) < 1e16 ? value.value.toFixed(1) : String(value.value);
  if (typeof value === 'string') return quoted(value);
  if (value instanceof UnsafeText) return quoted(value.text);
  if (Array.isArray(value)) return `[${value.map(representation).join(', ')}]`;
  if (!isMapping(value)) return String(value);
  const entries = Object.entries(value).map(([key, entry]) => `${quoted(key)}: ${representation(entry)}`);
  return `{${entries.join(', ')}}`;
}

function quoted(text: string): string {
  const escaped = text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('\t', '\\t').replaceAll('\r', '\\r');
  if (text.includes("'") && !text.includes('"')) return `"${escaped}"`;
  return `'${escaped.replaceAll("'", "\\'")}'`;
}

/** A value as Python writes JSON (with a blank after `:` and `,`), for arguments of type json. */
export function jsonText(value: Value): string {
  return json(showable(value));
}

function json(value: Value): string {
  if (value instanceof Float) return value.value.toFixed(1);
  if (value instanceof UnsafeText) return JSON.stringify(value.text);
  if (typeof value === 'bigint') return String(value);
  if (Array.isArray(value)) return `[${value.map(json).join(', ')}]`;
  if (!isMapping(value)) return JSON.stringify(value) ?? 'null';
  const entries = Object.entries(value).map(([key, entry]) => `${JSON.stringify(key)}: ${json(entry)}`);
  return `{${entries.join(', ')}}`;
}
