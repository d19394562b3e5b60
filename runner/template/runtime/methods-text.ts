import { checkCharacters } from '../../python/bounds.ts';
import { entriesOf } from '../../python/dict.ts';
import { EvaluationError } from '../../python/evaluation-error.ts';
import { iterate } from '../../python/iterate.ts';
import { requireText, typeError, typeName } from '../../python/kinds.ts';
import { Tuple, tuple, type V } from '../../python/object.ts';
import { characters, str, textLength, unitsBefore } from '../../python/text.ts';
import {
  capitalize,
  joined,
  pad,
  replaced,
  split,
  splitLines,
  strip,
  swapCase,
  titleCase,
} from '../../python/text-operations.ts';
import type { Mapping, Value } from '../../value.ts';
import { braceFormat } from './format-brace.ts';
import { type Callee, fn } from './function.ts';
import { type Arguments, any, flag, integer, more, orNone, type Parameters, rest, string } from './parameters.ts';

function method<P extends Parameters>(parameters: P, body: (whole: string, args: Arguments<P>) => V): Callee {
  return fn(parameters, (self, args) => body(str(self), args));
}

function join(whole: string, elements: V): string {
  const list = iterate(elements);
  list.forEach((element, index) => {
    if (typeof element === 'string') return;
    throw typeError(`sequence item ${index}: expected str instance, ${typeName(element)} found`);
  });
  return joined(list as string[], whole);
}

/** A part of a text, in Python's positions. */
const bounds = { start: orNone(integer()), end: orNone(integer()) };
type Bounds = Arguments<typeof bounds>;

/** Where a search begins, and the text up to its end; what is given counts UTF-16 units. */
function range(whole: string, { start, end }: Bounds): [number, string] {
  const units = (at: number): number => unitsBefore(whole, Math.max(0, at < 0 ? at + textLength(whole) : at));
  return [start === null ? 0 : units(start), end === null ? whole : whole.slice(0, units(end))];
}

function affix(check: (piece: string, part: string) => boolean): Callee {
  return method({ affix: any(), ...bounds }, (whole, { affix: wanted, ...within }) => {
    const [begin, upToEnd] = range(whole, within);
    if (begin > upToEnd.length) return false;
    const piece = upToEnd.slice(begin);
    const parts: readonly V[] = wanted instanceof Tuple ? wanted : [wanted];
    return parts.some((one) => check(piece, requireText(one, 'The argument')));
  });
}

const searchParameters = { sub: string(), ...bounds };
type SearchArguments = Arguments<typeof searchParameters>;

/** How a part is looked for: the UTF-16 units before it, below 0 where it is not. */
type Search = (whole: string, args: SearchArguments) => number;

const find: Search = (whole, { sub, ...within }) => {
  const [begin, piece] = range(whole, within);
  return begin > piece.length ? -1 : piece.indexOf(sub, begin);
};

const reverseFind: Search = (whole, { sub, ...within }) => {
  const [begin, piece] = range(whole, within);
  const index = piece.lastIndexOf(sub);
  return index < begin ? -1 : index;
};

/** The position that a search finds, as Python counts it: -1 for nothing. */
function positionBy(search: Search, whole: string, args: SearchArguments): number {
  const index = search(whole, args);
  return index < 0 ? -1 : textLength(whole.slice(0, index));
}

function finding(search: Search): Callee {
  return method(searchParameters, (whole, args) => positionBy(search, whole, args));
}

function indexing(search: Search): Callee {
  return method(searchParameters, (whole, args) => {
    const index = positionBy(search, whole, args);
    if (index === -1) throw new EvaluationError('ValueError: substring not found');
    return index;
  });
}

function count(whole: string, { sub, ...within }: SearchArguments): number {
  const [begin, piece] = range(whole, within);
  if (begin > piece.length) return 0;
  return sub === '' ? textLength(piece.slice(begin)) + 1 : piece.slice(begin).split(sub).length - 1;
}

function partitioning(search: Search, otherwise: (whole: string) => V[]): Callee {
  return method({ sep: string() }, (whole, { sep }) => {
    if (sep === '') throw new EvaluationError('ValueError: empty separator');
    const index = search(whole, { sub: sep, start: null, end: null });
    return tuple(index < 0 ? otherwise(whole) : [whole.slice(0, index), sep, whole.slice(index + sep.length)]);
  });
}

function zfill(whole: string, width: number): string {
  const sign = /^[+-]/.exec(whole)?.[0] ?? '';
  checkCharacters(width);
  return sign + whole.slice(sign.length).padStart(width - sign.length, '0');
}

function expandTabs(whole: string, width: number): string {
  checkCharacters(whole.split('\t').length * width);
  let column = 0;
  return characters(whole)
    .map((character) => {
      if (character === '\t') {
        const blanks = width > 0 ? width - (column % width) : 0;
        column += blanks;
        return ' '.repeat(blanks);
      }
      column = character === '\n' || character === '\r' ? 0 : column + 1;
      return character;
    })
    .join('');
}

function matching(pattern: RegExp): Callee {
  return method({}, (whole) => pattern.test(whole));
}

function padding(side: 'left' | 'right' | 'both'): Callee {
  return method({ width: integer(), fillchar: string(' ') }, (whole, { width, fillchar }) => {
    if (textLength(fillchar) !== 1) throw typeError('The fill character must be exactly one character long');
    return pad(whole, width, side, fillchar);
  });
}

function splitting(fromRight: boolean): Callee {
  return method({ sep: orNone(string()), maxsplit: integer(-1) }, (whole, { sep, maxsplit }) =>
    split(whole, sep, maxsplit, fromRight),
  );
}

function stripping(side: 'left' | 'right' | 'both'): Callee {
  return method({ chars: orNone(string()) }, (whole, { chars }) => strip(whole, side, chars));
}

const coding = { encoding: any('utf-8'), errors: any('strict') };

const methods: Record<string, Callee> = {
  capitalize: method({}, (whole) => capitalize(whole)),
  casefold: method({}, (whole) => whole.toLowerCase().replaceAll('ß', 'ss')),
  center: padding('both'),
  count: method(searchParameters, count),
  encode: method(coding, (whole) => whole),
  decode: method(coding, (whole) => whole),
  endswith: affix((piece, part) => piece.endsWith(part)),
  expandtabs: method({ tabsize: integer(8) }, (whole, { tabsize }) => expandTabs(whole, tabsize)),
  find: finding(find),
  format: fn({ args: rest, kwargs: more }, (self, { args, kwargs }) => braceFormat(str(self), args as Value[], kwargs)),
  format_map: fn({ mapping: any() }, (self, { mapping }) =>
    braceFormat(str(self), [], new Map(entriesOf((mapping ?? {}) as Mapping).map(([key, value]) => [str(key), value]))),
  ),
  index: indexing(find),
  isalnum: matching(/^[\p{L}\p{N}]+$/u),
  isalpha: matching(/^\p{L}+$/u),
  isascii: matching(/^[\x00-\x7f]*$/),
  isdecimal: matching(/^\p{Nd}+$/u),
  isdigit: matching(/^[\p{Nd}²³¹⁰-⁹₀-₉]+$/u),
  isidentifier: matching(/^[\p{L}_][\p{L}\p{N}_]*$/u),
  islower: method({}, (whole) => whole !== whole.toUpperCase() && whole === whole.toLowerCase()),
  isnumeric: matching(/^\p{N}+$/u),
  isprintable: matching(/^(?: |[^\p{C}\p{Z}])*$/u),
  isspace: matching(/^\s+$/),
  istitle: method({}, (whole) => /\p{L}/u.test(whole) && titleCase(whole) === whole),
  isupper: method({}, (whole) => whole !== whole.toLowerCase() && whole === whole.toUpperCase()),
  join: method({ iterable: any() }, (whole, { iterable }) => join(whole, iterable)),
  ljust: padding('right'),
  lower: method({}, (whole) => whole.toLowerCase()),
  lstrip: stripping('left'),
  partition: partitioning(find, (whole) => [whole, '', '']),
  removeprefix: method({ prefix: string() }, (whole, { prefix }) =>
    whole.startsWith(prefix) ? whole.slice(prefix.length) : whole,
  ),
  removesuffix: method({ suffix: string() }, (whole, { suffix }) =>
    suffix !== '' && whole.endsWith(suffix) ? whole.slice(0, -suffix.length) : whole,
  ),
  replace: method({ old: string(), new: string(), count: integer(-1) }, (whole, { old, new: by, count: most }) =>
    replaced(whole, old, by, most),
  ),
  rfind: finding(reverseFind),
  rindex: indexing(reverseFind),
  rjust: padding('left'),
  rpartition: partitioning(reverseFind, (whole) => ['', '', whole]),
  rsplit: splitting(true),
  rstrip: stripping('right'),
  split: splitting(false),
  splitlines: method({ keepends: flag(false) }, (whole, { keepends }) => splitLines(whole, keepends)),
  startswith: affix((piece, part) => piece.startsWith(part)),
  strip: stripping('both'),
  swapcase: method({}, (whole) => swapCase(whole)),
  title: method({}, (whole) => titleCase(whole)),
  upper: method({}, (whole) => whole.toUpperCase()),
  zfill: method({ width: integer() }, (whole, { width }) => zfill(whole, width)),
};

/** Methods of str. */
export const textMethods: ReadonlyMap<string, Callee> = new Map(Object.entries(methods));
