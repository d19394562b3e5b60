import { checkItems } from '../../python/bounds.ts';
import { entriesOf } from '../../python/dict.ts';
import { EvaluationError } from '../../python/evaluation-error.ts';
import { iterate } from '../../python/iterate.ts';
import { defined, isDict, requireInt, typeError } from '../../python/kinds.ts';
import { tuple, type V } from '../../python/object.ts';
import { arithmetic, compare, equal, sorted, truth } from '../../python/operators.ts';
import { str } from '../../python/text.ts';
import { joined } from '../../python/text-operations.ts';
import { type Mapping, Undefined, type Value } from '../../value.ts';
import { baseNameOf } from '../names.ts';
import type { Run } from '../run.ts';
import { pathFollower } from '../runtime/access.ts';
import { type Bound, type Callee, fn, type Keywords, keywordsOf } from '../runtime/function.ts';

/** The function that picks what an `attribute=` names from an element; folds case unless told otherwise. */
function keyFunction(attribute: V, caseSensitive: boolean): (value: V) => V {
  const fold = (value: V): V => (typeof value === 'string' && !caseSensitive ? value.toLowerCase() : value);
  if (attribute === null) return fold;
  const follow = pathFollower(attribute);
  return (value) => fold(defined(follow(value)));
}

function sort(value: V, [reverse = false, caseSensitive = false, attribute = null]: Bound): V {
  const descending = truth(reverse);
  const sensitive = truth(caseSensitive);
  if (typeof attribute !== 'string' || !attribute.includes(',')) {
    return sorted(value, keyFunction(attribute, sensitive), descending) as Value[];
  }
  const keys = attribute.split(',').map((name) => keyFunction(name, sensitive));
  return sorted(value, (element) => keys.map((key) => key(element)) as Value[], descending) as Value[];
}

function first(value: V): V {
  const [element] = iterate(value);
  return element === undefined ? new Undefined('No first item, sequence was empty.') : element;
}

function last(value: V): V {
  const element = iterate(value).at(-1);
  return element === undefined ? new Undefined('No last item, sequence was empty.') : element;
}

function extreme(direction: 1 | -1) {
  return (value: V, [caseSensitive = false, attribute = null]: Bound): V => {
    const elements = iterate(value);
    if (elements.length === 0) return new Undefined('No aggregated item, sequence was empty.');
    const key = keyFunction(attribute, truth(caseSensitive));
    return elements.reduce((best, element) => (compare(key(element), key(best)) * direction > 0 ? element : best));
  };
}

function sum(value: V, [attribute = null, start = 0]: Bound): V {
  const pick = attribute === null ? (element: V) => element : pathFollower(attribute);
  return iterate(value).reduce((total, element) => arithmetic('+', total, pick(element)), start);
}

function join(value: V, [separator = '', attribute = null]: Bound): string {
  const elements = iterate(value);
  const values = attribute === null ? elements : elements.map(pathFollower(attribute));
  return joined(values.map(str), str(separator));
}

function reverse(value: V): V {
  if (typeof value === 'string') return Array.from(value).reverse().join('');
  return [...iterate(value)].reverse() as Value[];
}

function batch(value: V, [size, fill = null]: Bound): V {
  const count = requireInt(size, 'linecount');
  if (count < 1) throw new EvaluationError(`linecount must be above 0, not ${count}`);
  if (fill !== null) checkItems(count);
  const elements = iterate(value);
  const result: V[][] = [];
  for (let index = 0; index < elements.length; index += count) result.push(elements.slice(index, index + count));
  const rest = result.at(-1);
  if (fill !== null && rest) while (rest.length < count) rest.push(fill);
  return result as Value[];
}

function slices(value: V, [count, fill = null]: Bound): V {
  const elements = iterate(value);
  const number = requireInt(count, 'slices');
  checkItems(number);
  const size = Math.floor(elements.length / number);
  const longer = elements.length % number;
  let start = 0;
  return Array.from({ length: number }, (_, index) => {
    const end = start + size + (index < longer ? 1 : 0);
    const part = elements.slice(start, end);
    start = end;
    if (fill !== null && index >= longer && longer > 0) part.push(fill);
    return part as Value[];
  });
}

function groupBy(value: V, [attribute = '', standard = null, caseSensitive = false]: Bound): V {
  const fold = keyFunction(null, truth(caseSensitive));
  const follow = pathFollower(attribute);
  const pick = (element: V): V => {
    const found = follow(element);
    return found instanceof Undefined && standard !== null ? standard : defined(found);
  };
  const groups: { key: V; elements: V[] }[] = [];
  for (const element of sorted(value, (one) => fold(pick(one)))) {
    const key = pick(element);
    const last = groups.at(-1);
    if (last && equal(fold(last.key), fold(key))) last.elements.push(element);
    else groups.push({ key, elements: [element] });
  }
  return groups.map(({ key, elements }) => tuple([key, elements as Value[]]));
}

function dictSort(value: V, [caseSensitive = false, by = 'key', reversed = false]: Bound): V {
  if (!isDict(value)) throw typeError('dictsort takes a dict.');
  if (by !== 'key' && by !== 'value') throw new EvaluationError('You can only sort by either "key" or "value"');
  const fold = keyFunction(null, truth(caseSensitive));
  const entries = entriesOf(value as Mapping).map(tuple) as Value[];
  const position = by === 'key' ? 0 : 1;
  return sorted(entries, (entry) => fold((entry as V[])[position]!), truth(reversed)) as Value[];
}

function map(value: V, [args = [], keywords]: Bound, run: Run): V {
  const named = keywordsOf(keywords);
  const positional = args as V[];
  const elements = iterate(value);
  const attribute = named.get('attribute');
  if (attribute !== undefined && positional.length === 0) {
    const standard = named.get('default');
    const follow = pathFollower(attribute);
    return elements.map((element) => {
      const found = follow(element);
      return found instanceof Undefined && standard !== undefined ? standard : found;
    }) as Value[];
  }
  const [name, ...rest] = positional;
  if (name === undefined) throw new EvaluationError('map requires a filter argument');
  const filter = run.registry.filter(baseNameOf(str(name)));
  if (!filter) throw new EvaluationError(`There is no filter "${str(name)}".`);
  return elements.map((element) => filter.call(str(name), element, rest, named, run)) as Value[];
}

type Check = (value: V, run: Run) => boolean;

/** The test that `select` and its kin name; truth when they name none. */
function checker(args: readonly V[], keywords: Keywords): Check {
  const [name, ...rest] = args;
  if (name === undefined) return (value) => truth(value);
  let test: Callee | undefined;
  return (value, run) => {
    test ??= run.registry.test(baseNameOf(str(name)));
    if (!test) throw new EvaluationError(`There is no test "${str(name)}".`);
    return truth(test.call(str(name), value, rest, keywords, run));
  };
}

function selection(byAttribute: boolean, wanted: boolean) {
  return (value: V, [args = [], keywords]: Bound, run: Run): V => {
    const given = args as V[];
    if (byAttribute && given[0] === undefined) throw new EvaluationError('Missing parameter for attribute name');
    const check = checker(byAttribute ? given.slice(1) : given, keywordsOf(keywords));
    const pick = byAttribute ? pathFollower(given[0]!) : (element: V) => element;
    return iterate(value).filter((element) => check(pick(element), run) === wanted) as Value[];
  };
}

function toList(value: V): V {
  return [...iterate(value)] as Value[];
}

function items(value: V): V {
  if (value instanceof Undefined) return [];
  if (!isDict(value)) throw typeError('Can only get item pairs from a mapping.');
  return entriesOf(value as Mapping).map(tuple);
}

/** Jinja2's filters of lists and dicts. */
export const listFilters: Readonly<Record<string, Callee>> = {
  first: fn('', first),
  last: fn('', last),
  join: fn('d attribute', join),
  list: fn('', toList),
  map: fn('*args **keywords', map),
  select: fn('*args **keywords', selection(false, true)),
  reject: fn('*args **keywords', selection(false, false)),
  selectattr: fn('*args **keywords', selection(true, true)),
  rejectattr: fn('*args **keywords', selection(true, false)),
  sort: fn('reverse case_sensitive attribute', sort),
  reverse: fn('', reverse),
  sum: fn('attribute start', sum),
  batch: fn('linecount fill_with', batch),
  slice: fn('slices fill_with', slices),
  groupby: fn('attribute default case_sensitive', groupBy),
  dictsort: fn('case_sensitive by reverse', dictSort),
  items: fn('', items),
  min: fn('case_sensitive attribute', extreme(-1)),
  max: fn('case_sensitive attribute', extreme(1)),
};
