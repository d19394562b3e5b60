import { countSteps } from '../computing.ts';
import { showable } from '../shared-values.ts';
import { Float, type Undefined, UnsafeText, type Value } from '../value.ts';
import { boundedText } from './bounds.ts';
import { keyOf } from './dict.ts';
import { undefinedError } from './evaluation-error.ts';
import { kindOf } from './kinds.ts';
import { floatText, quoted } from './literal.ts';
import { Nothing, type PyObject, type V } from './object.ts';

/** Python's `str(value)`. Throws for an undefined value. */
export function str(value: V): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' && Number.isInteger(value)) return String(value);
  if (value instanceof UnsafeText) return value.text;
  if (value instanceof Nothing) return '';
  return kindOf(value) === 'object' ? (value as PyObject).text() : repr(value);
}

/** Python's `repr(value)`. Throws for an undefined value. */
export function repr(value: V): string {
  switch (kindOf(value)) {
    case 'none':
      return 'None';
    case 'bool':
      return value ? 'True' : 'False';
    case 'int':
      return String(value);
    case 'float':
      return floatText(value instanceof Float ? value.value : (value as number));
    case 'str':
      return quoted(value instanceof UnsafeText ? value.text : (value as string));
    case 'list':
      countSteps();
      return boundedText(`[${(value as V[]).map(repr).join(', ')}]`);
    case 'tuple':
      return tupleText(value as V[]);
    case 'dict':
      return `{${dictEntries(value as Record<string, V>)}}`;
    case 'undefined':
      throw undefinedError((value as Undefined).message);
    default:
      return (value as PyObject).repr();
  }
}

function tupleText(value: V[]): string {
  countSteps();
  const elements = Array.from(value, repr);
  return boundedText(elements.length === 1 ? `(${elements[0]},)` : `(${elements.join(', ')})`);
}

function dictEntries(value: Record<string, V>): string {
  countSteps();
  return boundedText(
    Object.keys(value)
      .map((name) => `${repr(keyOf(name))}: ${repr(value[name]!)}`)
      .join(', '),
  );
}

/** A finished value as Python's str() prints it, or what to show in its place when it would be too long to write out. */
export function pythonText(value: Value): string {
  return typeof value === 'string' ? value : str(showable(value));
}

/** The characters of a text as Python counts them: code points. */
export function characters(text: string): string[] {
  return hasSurrogates(text) ? Array.from(text) : text.split('');
}

/** Python's `len(text)`. */
export function textLength(text: string): number {
  return hasSurrogates(text) ? Array.from(text).length : text.length;
}

/** How many UTF-16 units stand before a character of a text; what is behind its end counts one each. */
export function unitsBefore(text: string, position: number): number {
  if (!hasSurrogates(text)) return position;
  const list = Array.from(text);
  const rest = Math.max(0, position - list.length);
  return list.slice(0, position).join('').length + rest;
}

/** The first characters of a text, as Python counts them. */
export function firstCharacters(text: string, count: number): string {
  return hasSurrogates(text) ? characters(text).slice(0, count).join('') : text.slice(0, count);
}

function hasSurrogates(text: string): boolean {
  return /[\ud800-\udfff]/.test(text);
}
