import { checkItems } from '../../python/bounds.ts';
import { entriesOf } from '../../python/dict.ts';
import { EvaluationError } from '../../python/evaluation-error.ts';
import { iterate } from '../../python/iterate.ts';
import { defined, isDict, isIntegral, typeError } from '../../python/kinds.ts';
import { tuple, type V } from '../../python/object.ts';
import { arithmetic, compare, equal, sorted, truth } from '../../python/operators.ts';
import { str } from '../../python/text.ts';
import { joined } from '../../python/text-operations.ts';
import { type Mapping, Undefined, type Value } from '../../value.ts';
import { baseNameOf } from '../names.ts';
import type { Run } from '../run.ts';
import { pathFollower } from '../runtime/access.ts';
import { type Callee, fn } from '../runtime/function.ts';
import { type Arguments, any, flag, integer, type Keywords, more, rest, text } from '../runtime/parameters.ts';

/** The function that picks what an `attribute=` names from an element; folds case unless told otherwise. */
function keyFunction(attribute: V, caseSensitive: boolean): (value: V) => V {
  const fold = (value: V): V => (typeof value === 'string' && !caseSensitive ? value.toLowerCase() : value);
  if (attribute === null) return fold;
  const follow = pathFollower(attribute);
  return (value) => fold(defined(follow(value)));
}

const sortParameters = { reverse: flag(false), case_sensitive: flag(false), attribute: any(null) };

function sort(value: V, args: Arguments<typeof sortParameters>): V {
  const { reverse: descending, case_sensitive: sensitive, attribute } = args;
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

function extreme(direction: 1 | -1): Callee {
  return fn(
    { case_sensitive: flag(false), attribute: any(null) },
    (value, { case_sensitive: sensitive, attribute }) => {
      const elements = iterate(value);
      if (elements.length === 0) return new Undefined('No aggregated item, sequence was empty.');
      const key = keyFunction(attribute, sensitive);
      return elements.reduce((best, element) => (compare(key(element), key(best)) * direction > 0 ? element : best));
    },
  );
}

function sum(value: V, attribute: V, start: V): V {
  const pick = attribute === null ? (element: V) => element : pathFollower(attribute);
  return iterate(value).reduce((total, element) => arithmetic('+', total, pick(element)), start);
}

function join(value: V, separator: string, attribute: V): string {
  const elements = iterate(value);
  const values = attribute === null ? elements : elements.map(pathFollower(attribute));
  return joined(values.map(str), separator);
}

function reverse(value: V): V {
  if (typeof value === 'string') return Array.from(value).reverse().join('');
  return [...iterate(value)].reverse() as Value[];
}

function batch(value: V, linecount: V, fill: V): V {
  // What is no number of elements is never reached.
  if (!isIntegral(linecount)) return [[...iterate(value)]] as Value[];
  const count = Number(linecount);
  if (count < 1) throw new EvaluationError(`linecount must be above 0, not ${count}`);
  if (fill !== null) checkItems(count);
  const elements = iterate(value);
  const result: V[][] = [];
  for (let index = 0; index < elements.length; index += count) result.push(elements.slice(index, index + count));
  const rest = result.at(-1);
  if (fill !== null && rest) while (rest.length < count) rest.push(fill);
  return result as Value[];
}

function slices(value: V, number: number, fill: V): V {
  const elements = iterate(value);
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

const groupParameters = { attribute: any(), default: any(null), case_sensitive: flag(false) };

function groupBy(value: V, args: Arguments<typeof groupParameters>): V {
  const { attribute, default: standard, case_sensitive: sensitive } = args;
  const fold = keyFunction(null, sensitive);
  const follow = attribute === null ? (element: V) => element : pathFollower(attribute);
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

const dictSortParameters = { case_sensitive: flag(false), by: any('key'), reverse: flag(false) };

function dictSort(value: V, args: Arguments<typeof dictSortParameters>): V {
  const { case_sensitive: sensitive, by, reverse: descending } = args;
  if (!isDict(value)) throw typeError('dictsort takes a dict.');
  if (by !== 'key' && by !== 'value') throw new EvaluationError('You can only sort by either "key" or "value"');
  const fold = keyFunction(null, sensitive);
  const entries = entriesOf(value as Mapping).map(tuple) as Value[];
  const position = by === 'key' ? 0 : 1;
  return sorted(entries, (entry) => fold((entry as V[])[position]!), descending) as Value[];
}

function map(value: V, positional: readonly V[], named: Keywords, run: Run): V {
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
  const [name, ...others] = positional;
  if (name === undefined) throw new EvaluationError('map requires a filter argument');
  const filter = run.registry.filter(baseNameOf(str(name)));
  if (!filter) throw new EvaluationError(`There is no filter "${str(name)}".`);
  return elements.map((element) => filter.call(str(name), element, others, named, run)) as Value[];
}

type Check = (value: V, run: Run) => boolean;

/** The test that `select` and its kin name; truth when they name none. */
function checker(args: readonly V[], keywords: Keywords): Check {
  const [name, ...others] = args;
  if (name === undefined) return (value) => truth(value);
  let test: Callee | undefined;
  return (value, run) => {
    test ??= run.registry.test(baseNameOf(str(name)));
    if (!test) throw new EvaluationError(`There is no test "${str(name)}".`);
    return truth(test.call(str(name), value, others, keywords, run));
  };
}

function selection(byAttribute: boolean, wanted: boolean): Callee {
  return fn({ args: rest, kwargs: more }, (value, { args, kwargs }, run) => {
    if (byAttribute && args[0] === undefined) throw new EvaluationError('Missing parameter for attribute name');
    const check = checker(byAttribute ? args.slice(1) : args, kwargs);
    const pick = byAttribute ? pathFollower(args[0]!) : (element: V) => element;
    return iterate(value).filter((element) => check(pick(element), run) === wanted) as Value[];
  });
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
  first: fn({}, first),
  last: fn({}, last),
  join: fn({ d: text(''), attribute: any(null) }, (value, { d, attribute }) => join(value, d, attribute)),
  list: fn({}, toList),
  map: fn({ args: rest, kwargs: more }, (value, { args, kwargs }, run) => map(value, args, kwargs, run)),
  select: selection(false, true),
  reject: selection(false, false),
  selectattr: selection(true, true),
  rejectattr: selection(true, false),
  sort: fn(sortParameters, sort),
  reverse: fn({}, reverse),
  sum: fn({ attribute: any(null), start: any(0) }, (value, { attribute, start }) => sum(value, attribute, start)),
  batch: fn({ linecount: any(), fill_with: any(null) }, (value, { linecount, fill_with: fill }) =>
    batch(value, linecount, fill),
  ),
  slice: fn({ slices: integer(), fill_with: any(null) }, (value, { slices: count, fill_with: fill }) =>
    slices(value, count, fill),
  ),
  groupby: fn(groupParameters, groupBy),
  dictsort: fn(dictSortParameters, dictSort),
  items: fn({}, items),
  min: extreme(-1),
  max: extreme(1),
};
