import { checkItems } from '../../python/bounds.ts';
import { dictOf, entriesOf, nameIn } from '../../python/dict.ts';
import { EvaluationError } from '../../python/evaluation-error.ts';
import { percentFormat } from '../../python/format-percent.ts';
import { iterate } from '../../python/iterate.ts';
import { isDict } from '../../python/kinds.ts';
import { tuple, type V } from '../../python/object.ts';
import { truth } from '../../python/operators.ts';
import { rowsOf } from '../../python/rows.ts';
import { str } from '../../python/text.ts';
import { isMapping, type Mapping, mapping, type Value } from '../../value.ts';
import { filters } from '../filters/all.ts';
import { flatten } from '../filters/dicts.ts';
import type { Lookup, LookupOptions, Run } from '../run.ts';
import { integer, noKeywords, optional, type Parameter, Signature, text } from '../runtime/parameters.ts';

/** Lists one level deep, as `with_items` flattens. */
function flattenOnce(terms: readonly V[]): V[] {
  return terms.flatMap((term) => (Array.isArray(term) ? (term as V[]) : [term]));
}

function needLists(terms: readonly V[], name: string): V[][] {
  const lists = terms.map((term) => (Array.isArray(term) ? (term as V[]) : [term]));
  if (lists.length === 0) throw new EvaluationError(`with_${name} requires at least one element in each list`);
  return lists;
}

const dict: Lookup = (terms) =>
  flattenOnce(terms).flatMap((term) => {
    if (!isDict(term)) throw new EvaluationError('with_dict expects a dict');
    return entriesOf(term as Mapping).map(([key, value]) =>
      dictOf([
        ['key', key],
        ['value', value],
      ]),
    );
  });

const nested: Lookup = (terms) =>
  rowsOf(needLists(terms, 'nested')).map((row) => flatten(row, undefined, false) as Value[]);

const together: Lookup = (terms) => {
  const lists = needLists(terms, 'together');
  const length = Math.max(...lists.map((list) => list.length));
  return Array.from({ length }, (_, index) => lists.map((list) => list[index] ?? null) as Value[]);
};

const subelements: Lookup = (terms, _options, run: Run) => {
  const [list, path, flags] = terms;
  if (list === undefined || path === undefined) {
    throw new EvaluationError(
      'subelements lookup expects a list of two or three items: a dict or list, the name of the subelement, flags',
    );
  }
  const skip = flags !== undefined && isMapping(flags) && truth((flags as Mapping).skip_missing ?? false);
  const kept = isMapping(list) ? Object.values(list as Mapping) : iterate(list);
  const wanted = kept.filter((item) => !(isMapping(item) && truth((item as Mapping).skipped ?? false)));
  const found = filters.get('subelements')!.call('subelements', wanted as Value[], [path, skip], noKeywords, run);
  const steps = str(path).split('.');
  return iterate(found).map((pair) => {
    const [item, element] = iterate(pair);
    return tuple([without(item!, steps), element!]);
  });
};

/** A copy of an item without the list that is iterated over, as Ansible gives it. */
function without(item: V, [step, ...rest]: readonly string[]): V {
  if (step === undefined || !isDict(item)) return item;
  const copy = mapping(Object.entries(item as Mapping));
  const name = nameIn(copy, step);
  if (name === undefined) return copy;
  if (rest.length === 0) delete copy[name];
  else copy[name] = without(copy[name]!, rest) as Value;
  return copy;
}

interface Sequence {
  start: number;
  end: number;
  stride: number;
  format: string;
}

const shortSequence = /^(?:(0x[\da-f]+|\d+)-)?(0x[\da-f]+|\d+)(?:\/(-?(?:0x[\da-f]+|\d+)))?(?::(.+))?$/i;

/** A number that may be written as text, also as 0x1f. */
const numeric: Parameter<number> = { ...integer(), read: (value) => Number(str(value)) };

const sequenceOptions = new Signature({
  start: optional(numeric),
  end: optional(numeric),
  count: optional(numeric),
  stride: optional(numeric),
  format: text('%d'),
});

function readSequence(term: V, options: LookupOptions): Sequence {
  const short = typeof term === 'string' ? shortSequence.exec(term) : null;
  if (short) {
    const [, start = '1', end = '', stride = '1', format = '%d'] = short;
    return { start: Number(start), end: Number(end), stride: Number(stride), format };
  }
  const own = typeof term === 'string' ? keyValues(term) : isMapping(term) ? (term as Mapping) : {};
  const given = new Map(Object.entries({ ...options, ...own }));
  const { start = 1, stride = 1, count, format, end: last } = sequenceOptions.bind('with_sequence', [], given);
  const end =
    last ??
    (count === undefined ? undefined : count === 0 ? start - Math.sign(stride) : start + count * stride - stride);
  if (end === undefined || Number.isNaN(end)) throw new EvaluationError('must specify count or end in with_sequence');
  return count === 0 ? { start: 0, end: 0, stride: 0, format: '%d' } : { start, end, stride, format };
}

function keyValues(words: string): Record<string, Value> {
  return Object.fromEntries(
    words
      .trim()
      .split(/\s+/)
      .map((pair) => {
        const equals = pair.indexOf('=');
        return [pair.slice(0, equals), pair.slice(equals + 1).replace(/^(["'])(.*)\1$/, '$2')];
      }),
  );
}

const sequence: Lookup = (terms, options) =>
  (terms.length > 0 ? terms : ['']).flatMap((term) => {
    const { start, end, stride, format } = readSequence(term, options);
    if (stride > 0 && end < start) throw new EvaluationError('to count backwards make stride negative');
    if (stride < 0 && end > start) throw new EvaluationError("to count forward don't make stride negative");
    const count = stride === 0 ? 0 : Math.floor((end - start) / stride) + 1;
    checkItems(count);
    return Array.from({ length: count }, (_, index) => percentFormat(format, start + index * stride));
  });

const indexed: Lookup = (terms) => flattenOnce(terms).map((item, index) => tuple([index, item]));

const randomChoice: Lookup = (terms) => {
  const list = terms.length === 1 && Array.isArray(terms[0]) ? (terms[0] as V[]) : terms;
  return list.length === 0 ? [] : [list[Math.floor(Math.random() * list.length)]!];
};

/** Lookups that only arrange what they are given. */
export const listLookups: Readonly<Record<string, Lookup>> = {
  items: (terms) => flattenOnce(terms),
  list: (terms) => terms,
  flattened: (terms) => flatten(terms, undefined, false),
  dict,
  nested,
  cartesian: nested,
  together,
  subelements,
  sequence,
  indexed_items: indexed,
};

/** The lookup that leaves its result to chance. */
export const chanceLookups: Readonly<Record<string, Lookup>> = { random_choice: randomChoice };
