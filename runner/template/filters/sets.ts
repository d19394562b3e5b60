import { countSteps } from '../../computing.ts';
import { checkItems } from '../../python/bounds.ts';
import { entryOf, isHashable } from '../../python/dict.ts';
import { EvaluationError } from '../../python/evaluation-error.ts';
import { iterate } from '../../python/iterate.ts';
import { defined, isDict, kindOf, toNumber, typeError, typeName } from '../../python/kinds.ts';
import { tuple, type V } from '../../python/object.ts';
import { equal, truth } from '../../python/operators.ts';
import { chooserFor } from '../../python/random.ts';
import { rowsOf } from '../../python/rows.ts';
import { str } from '../../python/text.ts';
import { compareVersions } from '../../python/version.ts';
import { Float, type Mapping, type Value } from '../../value.ts';
import { pathFollower } from '../runtime/access.ts';
import { type Callee, fn, volatile } from '../runtime/function.ts';
import { type Arguments, any, integer, named, optional, orNone, rest } from '../runtime/parameters.ts';

/** Remembers values by Python's equality; quickly for texts and numbers. */
class ValueSet {
  readonly #simple = new Set<unknown>();
  readonly #others: V[] = [];

  has(value: V): boolean {
    if (isSimple(value)) return this.#simple.has(key(value));
    countSteps(this.#others.length / 8);
    return this.#others.some((other) => equal(other, value));
  }
  /** Adds a value; false when it was there. */
  add(value: V): boolean {
    if (this.has(value)) return false;
    if (isSimple(value)) this.#simple.add(key(value));
    else this.#others.push(value);
    return true;
  }
}

function isSimple(value: V): boolean {
  return (
    typeof value === 'string' ||
    typeof value === 'number' ||
    typeof value === 'boolean' ||
    value === null ||
    value instanceof Float
  );
}

function key(value: V): unknown {
  return typeof value === 'boolean' || value instanceof Float ? toNumber(value) : value;
}

function setOf(values: Iterable<V>): ValueSet {
  const result = new ValueSet();
  for (const value of values) result.add(value);
  return result;
}

function distinct(values: readonly V[]): Value[] {
  const seen = new ValueSet();
  return values.filter((value) => seen.add(value)) as Value[];
}

const uniqueParameters = { case_sensitive: any(null), attribute: any(null) };

function unique(value: V, { case_sensitive: caseSensitive, attribute }: Arguments<typeof uniqueParameters>): V {
  const fold = !truth(caseSensitive);
  const elements = iterate(value);
  const pick = attribute === null ? (element: V) => element : pathFollower(attribute);
  const picked = elements.map((element) => defined(pick(element)));
  const unhashable = picked.find((one) => !isHashable(one));
  if (unhashable !== undefined) {
    // Jinja's own filter takes no such elements; Ansible's, which does, knows nothing but the list.
    if (caseSensitive === false || attribute !== null) throw typeError(`unhashable type: '${typeName(unhashable)}'`);
    return distinct(elements);
  }
  const seen = new ValueSet();
  return elements.filter((_, index) => {
    const one = picked[index]!;
    return seen.add(fold && typeof one === 'string' ? one.toLowerCase() : one);
  }) as Value[];
}

function zipped(lists: V[][], length: number, fill: V): V {
  return Array.from({ length }, (_, index) => tuple(lists.map((list) => list[index] ?? fill))) as Value[];
}

function zip(value: V, others: readonly V[]): V {
  const lists = [value, ...others].map(iterate);
  return zipped(lists, Math.min(...lists.map((list) => list.length)), null);
}

function zipLongest(value: V, others: readonly V[], fill: V): V {
  const lists = [value, ...others].map(iterate);
  checkItems(lists.length * Math.max(...lists.map((list) => list.length)));
  return zipped(lists, Math.max(...lists.map((list) => list.length)), fill);
}

function product(value: V, others: readonly V[], repeat: number): V {
  const once = [value, ...others].map(iterate);
  checkItems(repeat * once.length);
  return rowsOf(Array.from({ length: repeat }, () => once).flat()).map(tuple);
}

function choose(elements: readonly V[], size: number, ordered: boolean): V[][] {
  if (size < 0) throw new EvaluationError('ValueError: r must be non-negative');
  checkItems(choices(elements.length, size, ordered) * Math.max(1, size));
  return chosen(elements, size, ordered);
}

/** How many ways there are to choose; Infinity for more than a number can tell. */
function choices(count: number, size: number, ordered: boolean): number {
  let ways = size > count ? 0 : 1;
  for (let index = 0; index < size && ways > 0 && ways < Number.MAX_SAFE_INTEGER; index++) {
    ways = (ways * (count - index)) / (ordered ? 1 : index + 1);
  }
  return ways;
}

function chosen(elements: readonly V[], size: number, ordered: boolean): V[][] {
  countSteps();
  if (size === 0) return [[]];
  return elements.flatMap((element, index) => {
    const rest = ordered ? elements.filter((_, other) => other !== index) : elements.slice(index + 1);
    return rest.length < size - 1 ? [] : chosen(rest, size - 1, ordered).map((row) => [element, ...row]);
  });
}

const randomParameters = { start: orNone(integer()), step: orNone(integer()), seed: optional(any()) };

function random(value: V, { start, step, seed }: Arguments<typeof randomParameters>): V {
  const chooser = chooserFor(seed);
  if (kindOf(value) === 'int') {
    const from = start ?? 0;
    const by = step ?? 1;
    const count = Math.ceil((Number(value) - from) / by);
    if (!(count > 0)) throw new EvaluationError(`empty range in randrange(${from}, ${str(value)}, ${by})`);
    return from + by * chooser.below(count);
  }
  if (start !== null || step !== null) throw new EvaluationError('start and step can only be used with integer values');
  const elements = iterate(value);
  if (elements.length === 0) throw new EvaluationError('Cannot choose from an empty sequence');
  const index = chooser.below(elements.length);
  if (!isDict(value)) return elements[index]!;
  // Python takes a dict for a sequence here.
  const found = entryOf(value as Mapping, index);
  if (found === undefined) throw new EvaluationError(`KeyError: ${index}`);
  return found;
}

function shuffle(value: V, seed: V | undefined): V {
  const chooser = chooserFor(seed);
  const result = [...iterate(value)];
  for (let index = result.length - 1; index > 0; index--) {
    const other = chooser.below(index + 1);
    [result[index], result[other]] = [result[other]!, result[index]!];
  }
  return result as Value[];
}

/** The other list of a filter of two. */
const other = { b: any() };

/** Set theory and combinations. Results keep the order of the elements. */
export const setFilters: Readonly<Record<string, Callee>> = {
  unique: fn(uniqueParameters, unique),
  union: fn(other, (value, { b }) => distinct([...iterate(value), ...iterate(b)])),
  intersect: fn(other, (value, { b }) => {
    const there = setOf(iterate(b));
    return distinct(iterate(value).filter((element) => there.has(element)));
  }),
  difference: fn(other, (value, { b }) => {
    const there = setOf(iterate(b));
    return distinct(iterate(value).filter((element) => !there.has(element)));
  }),
  symmetric_difference: fn(other, (value, { b }) => {
    const mine = setOf(iterate(value));
    const theirs = setOf(iterate(b));
    return distinct([
      ...iterate(value).filter((element) => !theirs.has(element)),
      ...iterate(b).filter((element) => !mine.has(element)),
    ]);
  }),
  zip: fn({ lists: rest }, (value, { lists }) => zip(value, lists)),
  zip_longest: fn({ lists: rest, fillvalue: named(any(null)) }, (value, { lists, fillvalue }) =>
    zipLongest(value, lists, fillvalue),
  ),
  product: fn({ lists: rest, repeat: named(integer(1)) }, (value, { lists, repeat }) => product(value, lists, repeat)),
  combinations: fn({ r: integer() }, (value, { r }) => choose(iterate(value), r, false).map(tuple)),
  permutations: fn({ r: orNone(integer()) }, (value, { r }) => {
    const elements = iterate(value);
    return choose(elements, r ?? elements.length, true).map(tuple);
  }),
  ...volatile({
    random: fn(randomParameters, random),
    shuffle: fn({ seed: optional(any()) }, (value, { seed }) => shuffle(value, seed)),
  }),
  version_sort: fn(
    {},
    (value) => [...iterate(value)].sort((a, b) => compareVersions(str(a), str(b), 'loose')) as Value[],
  ),
};
