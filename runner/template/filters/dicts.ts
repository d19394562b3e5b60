import { countSteps } from '../../computing.ts';
import { checkItems } from '../../python/bounds.ts';
import { dictOf, entriesOf, entryOf, nameIn, setEntry } from '../../python/dict.ts';
import { EvaluationError } from '../../python/evaluation-error.ts';
import { iterate } from '../../python/iterate.ts';
import { defined, isDict, isNumeric, requireText, toNumber, typeError, typeName } from '../../python/kinds.ts';
import { Range, tuple, type V } from '../../python/object.ts';
import { equal } from '../../python/operators.ts';
import { str } from '../../python/text.ts';
import { WalkMemory } from '../../shared-values.ts';
import { type Mapping, mapping, type Value } from '../../value.ts';
import { type Callee, fn } from '../runtime/function.ts';
import { makeDict } from '../runtime/methods-dict.ts';
import { type Arguments, any, flag, named, noKeywords, rest, text } from '../runtime/parameters.ts';

const listMerges = ['replace', 'keep', 'append', 'prepend', 'append_rp', 'prepend_rp'];

const combineParameters = { dicts: rest, recursive: named(flag(false)), list_merge: named(text('replace')) };

function combine(
  value: V,
  { dicts: others, recursive, list_merge: listMerge }: Arguments<typeof combineParameters>,
): V {
  if (!listMerges.includes(listMerge)) {
    throw new EvaluationError(`'list_merge' has to be one of ${listMerges.join(', ')}, not "${listMerge}".`);
  }
  const dicts = flatten([value, ...others], undefined, true).map((dict) => {
    if (isDict(defined(dict))) return dict as Mapping;
    throw typeError(`failed to combine variables, expected dicts but got a '${typeName(dict)}'`);
  });
  return dicts.reduce((result, dict) => merge(result, dict, { recursive, listMerge }, new WalkMemory()), mapping());
}

/** What became of dicts that others were merged over. */
type Merged = WalkMemory<{ readonly high: Mapping; readonly result: Mapping }>;

interface MergeOptions {
  readonly recursive: boolean;
  readonly listMerge: string;
}

function merge(low: Mapping, high: Mapping, options: MergeOptions, merged: Merged): Mapping {
  const known = merged.recall(low);
  if (known?.high === high) return known.result;
  const result = mapping(Object.entries(low));
  for (const key of Object.keys(high)) {
    const above = high[key]!;
    const below = Object.hasOwn(result, key) ? result[key] : undefined;
    if (below !== undefined && isDict(below) && isDict(above)) {
      result[key] = options.recursive ? merge(below, above as Mapping, options, merged) : above;
    } else if (Array.isArray(below) && Array.isArray(above)) result[key] = mergeLists(below, above, options.listMerge);
    else result[key] = above;
  }
  return merged.note(low, { high, result }).result;
}

function mergeLists(low: Value[], high: Value[], how: string): Value[] {
  checkItems(low.length + high.length);
  countSteps(low.length + high.length);
  const without = (list: Value[], other: Value[]): Value[] =>
    list.filter((item) => !other.some((one) => equal(one, item)));
  switch (how) {
    case 'keep':
      return low;
    case 'append':
      return [...low, ...high];
    case 'prepend':
      return [...high, ...low];
    case 'append_rp':
      return [...without(low, high), ...high];
    case 'prepend_rp':
      return [...high, ...without(low, high)];
    default:
      return high;
  }
}

/** The elements of nested lists, as Ansible's `flatten`. */
export function flatten(values: readonly V[], levels: number | undefined, skipNulls: boolean): V[] {
  const result: V[] = [];
  addFlat(values, levels, skipNulls, result);
  return result;
}

function addFlat(values: readonly V[], levels: number | undefined, skipNulls: boolean, result: V[]): void {
  countSteps(values.length);
  checkItems(result.length + values.length);
  for (const value of values) {
    if (skipNulls && (value === null || value === 'None' || value === 'null')) continue;
    const elements = Array.isArray(value) ? (value as V[]) : value instanceof Range ? value.elements() : undefined;
    if (!elements) result.push(value);
    else if (levels === undefined || levels >= 1) {
      addFlat(elements, levels === undefined ? undefined : levels - 1, skipNulls, result);
    } else result.push(value);
  }
}

const entryParameters = { key_name: any('key'), value_name: any('value') };
type EntryNames = Arguments<typeof entryParameters>;

function dictToItems(value: V, { key_name: keyName, value_name: valueName }: EntryNames): V {
  if (!isDict(defined(value))) throw typeError(`dict2items requires a dictionary, got ${typeName(value)} instead.`);
  return entriesOf(value as Mapping).map(([key, item]) =>
    dictOf([
      [keyName, key],
      [valueName, item],
    ]),
  );
}

/** An entry of a dict, as these filters look it up: never a method, though `keys`, `values` and `items` name some. */
function entryOfItem(item: V, key: V): V | undefined {
  return isDict(item) ? entryOf(item as Mapping, key) : undefined;
}

function itemsToDict(value: V, { key_name: keyName, value_name: valueName }: EntryNames): V {
  if (!Array.isArray(defined(value))) throw typeError(`items2dict requires a list, got ${typeName(value)} instead.`);
  return dictOf(
    (value as V[]).map((item) => {
      const key = entryOfItem(item, keyName);
      const content = entryOfItem(item, valueName);
      if (key === undefined || content === undefined) {
        throw typeError(
          `items2dict requires each dictionary in the list to contain the keys '${str(keyName)}' and '${str(valueName)}'`,
        );
      }
      return [key, content] as const;
    }),
  );
}

function subelements(value: V, path: V, skipMissing: boolean): V {
  const elements = isDict(defined(value)) ? Object.values(value as Mapping) : iterate(value);
  const steps = Array.isArray(path) ? (path as V[]).map(str) : requireText(path, 'The path').split('.');
  const results: V[] = [];
  for (const element of elements) {
    let found: V = element;
    for (const step of steps) {
      if (!isDict(found)) throw typeError(`the key ${step} should point to a dictionary, got '${str(found)}'`);
      const dict = found as Mapping;
      const below = entryOf(dict, step);
      if (below !== undefined) {
        found = below;
        continue;
      }
      if (!skipMissing) throw new EvaluationError(`could not find '${step}' key in iterated item`);
      found = [];
      break;
    }
    if (!Array.isArray(found)) throw typeError(`the key ${steps.at(-1)} should point to a list`);
    for (const item of found as V[]) results.push(tuple([element, item]));
  }
  return results as Value[];
}

function rekey(value: V, key: V, duplicates: V): V {
  if (duplicates !== 'error' && duplicates !== 'overwrite')
    throw new EvaluationError(`duplicates parameter to rekey_on_member has unknown value: ${str(duplicates)}`);
  const elements = isDict(value) ? Object.values(value as Mapping) : iterate(value);
  const result = mapping();
  for (const element of elements) {
    if (!isDict(element)) throw typeError('List item is not a valid dict');
    const name = entryOfItem(element, key);
    if (name === undefined) throw new EvaluationError(`Key ${str(key)} was not found`);
    if (duplicates === 'error' && nameIn(result, name) !== undefined) {
      throw new EvaluationError(`Key ${str(name)} is not unique, cannot convert to dict`);
    }
    setEntry(result, name, element as Value);
  }
  return result;
}

/** Ansible's filters of dicts. */
export const dictFilters: Readonly<Record<string, Callee>> = {
  combine: fn(combineParameters, combine),
  /** Of community.general: pairs become a dict. */
  dict: fn({}, (value) => makeDict(value, noKeywords)),
  dict2items: fn(entryParameters, dictToItems),
  items2dict: fn(entryParameters, itemsToDict),
  subelements: fn(
    { subelements: any(), skip_missing: flag(false) },
    (value, { subelements: path, skip_missing: skip }) => subelements(value, path, skip),
  ),
  rekey_on_member: fn({ key: any(), duplicates: any('error') }, (value, { key, duplicates }) =>
    rekey(value, key, duplicates),
  ),
  flatten: fn({ levels: any(null), skip_nulls: flag(true) }, (value, { levels, skip_nulls: skip }) => {
    const elements = iterate(value);
    if (levels === null || isNumeric(levels))
      return flatten(elements, levels === null ? undefined : toNumber(levels), skip) as Value[];
    // Only where there is something to flatten are the levels looked at.
    if (elements.some((element) => Array.isArray(element)))
      throw typeError(`levels has to be a number, not ${typeName(levels)}.`);
    return flatten(elements, 0, skip) as Value[];
  }),
};
