import { entryOf } from '../../python/dict.ts';
import type { V } from '../../python/object.ts';
import { equal } from '../../python/operators.ts';
import { isMapping, type Value } from '../../value.ts';
import { unsupported } from '../failure.ts';
import { finish } from '../runtime/finish.ts';
import { type Callee, fn } from '../runtime/function.ts';
import { text } from '../runtime/parameters.ts';

const step =
  /\.?(?:([A-Za-z_]\w*)|"([^"]+)")|\[(-?\d+)\]|\[(\*)?\]|\[\?\s*@?\.?([A-Za-z_]\w*)\s*(==|!=)\s*(?:'([^']*)'|`"?([^`"]*)"?`)\s*\]/y;

/** The simple part of JMESPath: names, indices, `[*]`, `[]` and `[?name=='text']`. */
function query(value: V, expression: string): V {
  let current: Value[] = [finish(value)];
  let projected = false;
  for (let index = 0; index < expression.length; index = step.lastIndex) {
    step.lastIndex = index;
    const match = step.exec(expression);
    if (!match || match[0] === '') {
      throw unsupported(
        `json_query: this part of JMESPath is not supported: ${expression.slice(index)}`,
        'Use selectattr and map.',
      );
    }
    const isList = match[0].startsWith('[') && match[3] === undefined;
    current = current.flatMap((item) => apply(item, match));
    if (isList) projected = true;
  }
  return projected ? current : (current[0] ?? null);
}

function apply(item: Value, match: RegExpExecArray): Value[] {
  const [, name, quoted, index, , field, operator, text, literal] = match;
  if (match[0].startsWith('[')) {
    if (!Array.isArray(item)) return [];
    if (index !== undefined) return item.slice(Number(index)).slice(0, 1);
    if (field === undefined) return match[0] === '[]' ? item.flat() : item;
    const wanted = text ?? (JSON.parse(/^[\d.tfn-]/.test(literal!) ? literal! : JSON.stringify(literal)) as Value);
    return item.filter((one) => equal(fieldOf(one, field), wanted) === (operator === '=='));
  }
  const found = fieldOf(item, name ?? quoted!);
  return found === null ? [] : [found];
}

function fieldOf(item: Value, name: string): Value {
  return isMapping(item) ? (entryOf(item, name) ?? null) : null;
}

/** `json_query` of community.general. */
export const queryFilters: Readonly<Record<string, Callee>> = {
  json_query: fn({ expr: text('') }, (value, { expr }) => query(value, expr)),
};
