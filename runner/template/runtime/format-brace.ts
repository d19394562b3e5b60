import { boundedText } from '../../python/bounds.ts';
import { entryOf } from '../../python/dict.ts';
import { EvaluationError } from '../../python/evaluation-error.ts';
import { formatValue, parseSpec } from '../../python/format-spec.ts';
import { defined, isDict, typeName } from '../../python/kinds.ts';
import { PyObject, type V } from '../../python/object.ts';
import { repr, str } from '../../python/text.ts';
import type { Mapping } from '../../value.ts';

interface State {
  readonly positional: readonly V[];
  readonly keywords: ReadonlyMap<string, V>;
  next: number;
}

/** Python's `text.format(*positional, **keywords)`. */
export function braceFormat(text: string, positional: readonly V[], keywords: ReadonlyMap<string, V>): string {
  return expand(text, { positional, keywords, next: 0 }, 2);
}

function expand(text: string, state: State, depth: number): string {
  let result = '';
  for (let index = 0; index < text.length; ) {
    const character = text[index]!;
    if ((character === '{' || character === '}') && text[index + 1] === character) {
      result += character;
      index += 2;
    } else if (character === '{') {
      const end = fieldEnd(text, index);
      result += field(text.slice(index + 1, end), state, depth);
      index = end + 1;
    } else if (character === '}') {
      throw new EvaluationError("ValueError: Single '}' encountered in format string");
    } else {
      result += character;
      index++;
    }
  }
  return boundedText(result);
}

function fieldEnd(text: string, start: number): number {
  let depth = 0;
  for (let index = start; index < text.length; index++) {
    if (text[index] === '{') depth++;
    else if (text[index] === '}' && --depth === 0) return index;
  }
  throw new EvaluationError("ValueError: expected '}' before end of string");
}

const fieldPattern = /^([^!:[.]*)((?:\.[^.[!:]+|\[[^\]]*\])*)(?:!([rsa]))?(?::([\s\S]*))?$/;

function field(text: string, state: State, depth: number): string {
  const match = fieldPattern.exec(text);
  if (!match) throw new EvaluationError(`ValueError: bad replacement field '${text}' in format string`);
  const [, name = '', path = '', conversion, spec = ''] = match;
  let value = argument(name, state);
  for (const [part] of path.matchAll(/\.[^.[]+|\[[^\]]*\]/g)) value = step(value, part);
  if (conversion) value = conversion === 's' ? str(value) : repr(value);
  const expanded = depth > 0 && spec.includes('{') ? expand(spec, state, depth - 1) : spec;
  return expanded === '' ? str(defined(value)) : formatValue(defined(value), parseSpec(expanded));
}

function argument(name: string, state: State): V {
  if (name === '' || /^\d+$/.test(name)) {
    const index = name === '' ? state.next++ : Number(name);
    const value = state.positional[index];
    if (value === undefined) {
      throw new EvaluationError(`IndexError: Replacement index ${index} out of range for positional args tuple`);
    }
    return value;
  }
  const value = state.keywords.get(name);
  if (value === undefined) throw new EvaluationError(`KeyError: ${repr(name)}`);
  return value;
}

/** One `.name` or `[key]` of a field. Python has no dict entries as attributes here. */
function step(value: V, part: string): V {
  const isAttribute = part.startsWith('.');
  const name = isAttribute ? part.slice(1) : part.slice(1, -1);
  let found: V | undefined;
  if (isAttribute) found = value instanceof PyObject ? value.attribute(name) : undefined;
  else if (isDict(value)) found = entryOf(value as Mapping, /^\d+$/.test(name) ? Number(name) : name);
  else if (Array.isArray(value)) found = (value as V[])[Number(name)];
  if (found !== undefined) return found;
  throw new EvaluationError(
    isAttribute ? `'${typeName(value)}' object has no attribute ${repr(name)}` : `KeyError: ${repr(name)}`,
  );
}
