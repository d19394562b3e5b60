import { checkCharacters } from '../../python/bounds.ts';
import { entriesOf } from '../../python/dict.ts';
import { EvaluationError } from '../../python/evaluation-error.ts';
import { iterate } from '../../python/iterate.ts';
import { requireInt, requireText, typeError, typeName } from '../../python/kinds.ts';
import { tuple, type V } from '../../python/object.ts';
import { truth } from '../../python/operators.ts';
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
import { type Bound, type Callee, fn, keywordsOf } from './function.ts';

type TextBody = (text: string, args: Bound) => V;

function method(parameters: string, body: TextBody): Callee {
  return fn(parameters, (self, args) => body(str(self), args));
}

function join(text: string, [elements = []]: Bound): string {
  const list = iterate(elements);
  list.forEach((element, index) => {
    if (typeof element === 'string') return;
    throw typeError(`sequence item ${index}: expected str instance, ${typeName(element)} found`);
  });
  return joined(list as string[], text);
}

function affix(check: (text: string, part: string) => boolean): TextBody {
  return (text, [part, start, end]) => {
    const [begin, upToEnd] = range(text, start, end);
    if (begin > upToEnd.length) return false;
    const piece = upToEnd.slice(begin);
    const parts = Array.isArray(part) ? part : [part];
    return parts.some((one) => check(piece, requireText(one, 'The argument')));
  };
}

function replace(text: string, [old, replacement, count = -1]: Bound): string {
  const search = requireText(old, 'What is to be replaced');
  const by = requireText(replacement, 'The replacement');
  return replaced(text, search, by, requireInt(count, 'count'));
}

/** Where a search begins, and the text up to its end. Positions are Python's; what is given counts UTF-16 units. */
function range(text: string, start: V | undefined, end: V | undefined): [number, string] {
  const units = (position: V, what: string): number => {
    const at = requireInt(position, what);
    return unitsBefore(text, Math.max(0, at < 0 ? at + textLength(text) : at));
  };
  const begin = start === undefined || start === null ? 0 : units(start, 'start');
  return [begin, end === undefined || end === null ? text : text.slice(0, units(end, 'end'))];
}

/** How a part is looked for: the UTF-16 units before it, below 0 where it is not. */
type Search = (text: string, args: Bound) => number;

const find: Search = (text, [part, start, end]) => {
  const [begin, piece] = range(text, start, end);
  const search = requireText(part, 'The argument');
  return begin > piece.length ? -1 : piece.indexOf(search, begin);
};

const reverseFind: Search = (text, [part, start, end]) => {
  const [begin, piece] = range(text, start, end);
  const index = piece.lastIndexOf(requireText(part, 'The argument'));
  return index < begin ? -1 : index;
};

/** The position that a search finds, as Python counts it: -1 for nothing. */
function positionBy(search: Search): TextBody {
  return (text, args) => {
    const index = search(text, args);
    return index < 0 ? -1 : textLength(text.slice(0, index));
  };
}

function found(search: Search): TextBody {
  const position = positionBy(search);
  return (text, args) => {
    const index = position(text, args);
    if (index === -1) throw new EvaluationError('ValueError: substring not found');
    return index;
  };
}

function count(text: string, [part, start, end]: Bound): number {
  const [begin, piece] = range(text, start, end);
  if (begin > piece.length) return 0;
  const search = requireText(part, 'The argument');
  return search === '' ? textLength(piece.slice(begin)) + 1 : piece.slice(begin).split(search).length - 1;
}

function partition(text: string, [separator]: Bound, index: number, whole: V[]): V {
  const size = requireText(separator, 'The separator').length;
  return tuple(index < 0 ? whole : [text.slice(0, index), separator as string, text.slice(index + size)]);
}

function zfill(text: string, [width]: Bound): string {
  const sign = /^[+-]/.exec(text)?.[0] ?? '';
  const columns = requireInt(width, 'The width');
  checkCharacters(columns);
  return sign + text.slice(sign.length).padStart(columns - sign.length, '0');
}

function expandTabs(text: string, [size = 8]: Bound): string {
  const width = requireInt(size, 'The tab size');
  checkCharacters(text.split('\t').length * width);
  let column = 0;
  return characters(text)
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

function matcher(pattern: RegExp): TextBody {
  return (text) => pattern.test(text);
}

const padding =
  (side: 'left' | 'right' | 'both'): TextBody =>
  (text, [width, fill = ' ']) =>
    pad(text, requireInt(width, 'The width'), side, requireText(fill, 'The fill character'));

const splitting =
  (fromRight: boolean): TextBody =>
  (text, [separator = null, limit = -1]) =>
    split(
      text,
      separator === null ? null : requireText(separator, 'The separator'),
      requireInt(limit, 'maxsplit'),
      fromRight,
    );

const stripping =
  (side: 'left' | 'right' | 'both'): TextBody =>
  (text, [set = null]) =>
    strip(text, side, set === null ? null : requireText(set, 'The characters to strip'));

const methods: Record<string, Callee> = {
  capitalize: method('', capitalize),
  casefold: method('', (text) => text.toLowerCase().replaceAll('ß', 'ss')),
  center: method('width fillchar', padding('both')),
  count: method('sub start end', count),
  encode: method('encoding errors', (text) => text),
  decode: method('encoding errors', (text) => text),
  endswith: method(
    'suffix start end',
    affix((text, part) => text.endsWith(part)),
  ),
  expandtabs: method('tabsize', expandTabs),
  find: method('sub start end', positionBy(find)),
  format: fn('*args **keywords', (self, [args = [], keywords]) =>
    braceFormat(str(self), args as Value[], keywordsOf(keywords)),
  ),
  format_map: fn('mapping', (self, [values = null]) =>
    braceFormat(str(self), [], new Map(entriesOf((values ?? {}) as Mapping).map(([key, value]) => [str(key), value]))),
  ),
  index: method('sub start end', found(find)),
  isalnum: method('', matcher(/^[\p{L}\p{N}]+$/u)),
  isalpha: method('', matcher(/^\p{L}+$/u)),
  isascii: method('', matcher(/^[\x00-\x7f]*$/)),
  isdecimal: method('', matcher(/^\p{Nd}+$/u)),
  isdigit: method('', matcher(/^[\p{Nd}²³¹⁰-⁹₀-₉]+$/u)),
  isidentifier: method('', matcher(/^[\p{L}_][\p{L}\p{N}_]*$/u)),
  islower: method('', (text) => text !== text.toUpperCase() && text === text.toLowerCase()),
  isnumeric: method('', matcher(/^\p{N}+$/u)),
  isprintable: method('', matcher(/^(?: |[^\p{C}\p{Z}])*$/u)),
  isspace: method('', matcher(/^\s+$/)),
  istitle: method('', (text) => /\p{L}/u.test(text) && titleCase(text) === text),
  isupper: method('', (text) => text !== text.toLowerCase() && text === text.toUpperCase()),
  join: method('iterable', join),
  ljust: method('width fillchar', padding('right')),
  lower: method('', (text) => text.toLowerCase()),
  lstrip: method('chars', stripping('left')),
  partition: method('sep', (text, args) => partition(text, args, find(text, args), [text, '', ''])),
  removeprefix: method('prefix', (text, [part]) => {
    const prefix = requireText(part, 'The prefix');
    return text.startsWith(prefix) ? text.slice(prefix.length) : text;
  }),
  removesuffix: method('suffix', (text, [part]) => {
    const suffix = requireText(part, 'The suffix');
    return suffix !== '' && text.endsWith(suffix) ? text.slice(0, -suffix.length) : text;
  }),
  replace: method('old new count', replace),
  rfind: method('sub start end', positionBy(reverseFind)),
  rindex: method('sub start end', found(reverseFind)),
  rjust: method('width fillchar', padding('left')),
  rpartition: method('sep', (text, args) => partition(text, args, reverseFind(text, args), ['', '', text])),
  rsplit: method('sep maxsplit', splitting(true)),
  rstrip: method('chars', stripping('right')),
  split: method('sep maxsplit', splitting(false)),
  splitlines: method('keepends', (text, [keep = false]) => splitLines(text, truth(keep))),
  startswith: method(
    'prefix start end',
    affix((text, part) => text.startsWith(part)),
  ),
  strip: method('chars', stripping('both')),
  swapcase: method('', swapCase),
  title: method('', titleCase),
  upper: method('', (text) => text.toUpperCase()),
  zfill: method('width', zfill),
};

/** Methods of str. */
export const textMethods: ReadonlyMap<string, Callee> = new Map(Object.entries(methods));
