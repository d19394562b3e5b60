import { checkCharacters, repeatText } from '../../python/bounds.ts';
import { entriesOf } from '../../python/dict.ts';
import { EvaluationError } from '../../python/evaluation-error.ts';
import { percentFormat } from '../../python/format-percent.ts';
import { isDict, isNumeric, requireInt, requireText, toNumber } from '../../python/kinds.ts';
import { tuple, type V } from '../../python/object.ts';
import { characters, repr, str, textLength } from '../../python/text.ts';
import { capitalize, pad, replaced, split, splitLines, strip } from '../../python/text-operations.ts';
import { wrapText } from '../../python/wrap-text.ts';
import { Undefined } from '../../value.ts';
import { type Callee, fn } from '../runtime/function.ts';
import { makeDict } from '../runtime/methods-dict.ts';
import {
  type Arguments,
  any,
  flag,
  integer,
  type Keywords,
  more,
  number,
  orNone,
  rest,
  string,
  text,
} from '../runtime/parameters.ts';
import { escapeHtml, urlencode, urlize, xmlAttributes } from '../runtime/web-text.ts';

const indentParameters = { width: any(4), first: flag(false), blank: flag(false) };

function indent(value: V, { width, first, blank }: Arguments<typeof indentParameters>): string {
  const prefix = typeof width === 'string' ? width : repeatText(' ', requireInt(width, 'width'));
  const lines = splitLines(`${str(value)}\n`);
  checkCharacters(lines.length * prefix.length);
  const text = lines.map((line, index) => (index === 0 || (line === '' && !blank) ? line : prefix + line)).join('\n');
  return first ? prefix + text : text;
}

const truncateParameters = {
  length: integer(255),
  killwords: flag(false),
  end: string('...'),
  leeway: orNone(number()),
};

function truncate(value: V, { length, killwords, end, leeway }: Arguments<typeof truncateParameters>): string {
  const whole = str(value);
  if (textLength(whole) <= length + (leeway ?? 5)) return whole;
  const cut = characters(whole)
    .slice(0, Math.max(0, length - end.length))
    .join('');
  if (killwords) return cut + end;
  const space = cut.lastIndexOf(' ');
  return (space < 0 ? cut : cut.slice(0, space)) + end;
}

function title(value: V): string {
  return str(value)
    .split(/([-\s({[<]+)/)
    .filter((part) => part !== '')
    .map((part) => part.charAt(0).toUpperCase() + part.slice(1).toLowerCase())
    .join('');
}

function fileSize(value: V, binary: boolean): string {
  const bytes = isNumeric(value) ? toNumber(value) : Number(str(value));
  const base = binary ? 1024 : 1000;
  const letters = ['k', 'M', 'G', 'T', 'P', 'E', 'Z', 'Y'];
  if (bytes === 1) return '1 Byte';
  if (bytes < base) return `${Math.trunc(bytes)} Bytes`;
  let unit = base;
  let index = 0;
  while (index < letters.length - 1 && bytes >= unit * base) {
    unit *= base;
    index++;
  }
  const letter = letters[index]!;
  return `${(bytes / unit).toFixed(1)} ${binary ? `${letter === 'k' ? 'K' : letter}iB` : `${letter}B`}`;
}

function format(value: V, args: readonly V[], keywords: Keywords): V {
  if (keywords.size > 0 && args.length > 0) {
    throw new EvaluationError("can't handle positional and keyword arguments at the same time");
  }
  return percentFormat(str(value), keywords.size > 0 ? makeDict(undefined, keywords) : tuple(args));
}

function comment(value: V, style: string, options: Keywords): string {
  const styles: Record<string, Record<string, string>> = {
    plain: { decoration: '# ' },
    erlang: { decoration: '% ' },
    c: { decoration: '// ' },
    cblock: { beginning: '/*', decoration: ' * ', end: ' */' },
    xml: { beginning: '<!--', decoration: ' - ', end: '-->' },
  };
  const chosen = styles[style];
  if (!chosen) throw new EvaluationError(`There is no comment style "${style}".`);
  const option = (name: string, standard: string): string => {
    const given = options.get(name) ?? chosen[name];
    return given === undefined ? standard : str(given);
  };
  return commentText(str(value), option, options);
}

function commentText(whole: string, option: (name: string, standard: string) => string, options: Keywords): string {
  const newline = option('newline', '\n');
  const decoration = option('decoration', '');
  const bare = decoration.trimEnd();
  const beginning = option('beginning', '');
  const end = option('end', '');
  const prefix = option('prefix', bare);
  const postfix = option('postfix', bare);
  const count = (name: string): number => requireInt(options.get(name) ?? 1, name);
  const lines = whole
    .split(newline)
    .map((line, index, all) => (line === '' && index < all.length - 1 ? bare : decoration + line));
  checkCharacters(whole.length + lines.length * decoration.length);
  return [
    beginning === '' ? '' : beginning + newline,
    prefix === '' ? '' : repeatText(prefix === newline ? newline : prefix + newline, count('prefix_count')),
    lines.join(newline),
    repeatText(newline + postfix, count('postfix_count')),
    end === '' ? '' : newline + end,
  ].join('');
}

/** Filters that make text of text. */
export const textFilters: Readonly<Record<string, Callee>> = {
  lower: fn({}, (value) => str(value).toLowerCase()),
  upper: fn({}, (value) => str(value).toUpperCase()),
  capitalize: fn({}, (value) => capitalize(str(value))),
  title: fn({}, title),
  trim: fn({ chars: orNone(string()) }, (value, { chars }) => strip(str(value), 'both', chars)),
  center: fn({ width: integer(80) }, (value, { width }) => pad(str(value), width, 'both', ' ')),
  indent: fn(indentParameters, indent),
  replace: fn({ old: text(), new: text(), count: orNone(integer()) }, (value, { old, new: by, count }) =>
    replaced(str(value), old, by, count ?? -1),
  ),
  truncate: fn(truncateParameters, truncate),
  wordcount: fn({}, (value) => str(value).match(/[\p{L}\p{N}_]+/gu)?.length ?? 0),
  wordwrap: fn(
    {
      width: integer(79),
      break_long_words: flag(true),
      wrapstring: orNone(string()),
      break_on_hyphens: flag(true),
    },
    (value, { width, break_long_words: long, wrapstring, break_on_hyphens: hyphens }) =>
      wrapText(str(value), width, long, hyphens, wrapstring ?? '\n'),
  ),
  format: fn({ args: rest, kwargs: more }, (value, { args, kwargs }) => format(value, args, kwargs)),
  filesizeformat: fn({ binary: flag(false) }, (value, { binary }) => fileSize(value, binary)),
  escape: fn({}, (value) => escapeHtml(str(value))),
  e: fn({}, (value) => escapeHtml(str(value))),
  forceescape: fn({}, (value) => escapeHtml(str(value))),
  safe: fn({}, (value) => str(value)),
  striptags: fn({}, (value) =>
    str(value)
      .replace(/<!--[\s\S]*?-->|<[^>]*>/g, '')
      .split(/\s+/)
      .filter((word) => word !== '')
      .join(' '),
  ),
  urlencode: fn({}, urlencode),
  urlize: fn(
    {
      trim_url_limit: any(null),
      nofollow: any(false),
      target: any(null),
      rel: any(null),
      extra_schemes: any(null),
    },
    (value) => urlize(str(value)),
  ),
  xmlattr: fn({ autospace: flag(true) }, (value, { autospace }) => {
    if (!isDict(value)) throw new EvaluationError('xmlattr takes a dict.');
    const kept = entriesOf(value).filter(([, item]) => item !== null && !(item instanceof Undefined));
    return xmlAttributes(kept, autospace);
  }),
  pprint: fn({}, (value) => repr(value)),
  split: fn({ separator: orNone(string()), limit: integer(-1) }, (value, { separator, limit }) =>
    split(requireText(value, 'What is split'), separator, limit, false),
  ),
  splitlines: fn({}, (value) => splitLines(str(value))),
  comment: fn({ style: text('plain'), kwargs: more }, (value, { style, kwargs }) => comment(value, style, kwargs)),
};
