import { checkCharacters, repeatText } from '../../python/bounds.ts';
import { entriesOf } from '../../python/dict.ts';
import { EvaluationError } from '../../python/evaluation-error.ts';
import { percentFormat } from '../../python/format-percent.ts';
import { isDict, isNumeric, requireInt, requireText, toNumber } from '../../python/kinds.ts';
import { tuple, type V } from '../../python/object.ts';
import { truth } from '../../python/operators.ts';
import { characters, repr, str, textLength } from '../../python/text.ts';
import { capitalize, pad, replaced, split, splitLines, strip } from '../../python/text-operations.ts';
import { wrapText } from '../../python/wrap-text.ts';
import { Undefined, type Value } from '../../value.ts';
import { type Bound, type Callee, fn, keywordsOf } from '../runtime/function.ts';
import { makeDict } from '../runtime/methods-dict.ts';
import { escapeHtml, urlencode, urlize, xmlAttributes } from '../runtime/web-text.ts';

function indent(value: V, [width = 4, first = false, blank = false]: Bound): string {
  const prefix = typeof width === 'string' ? width : repeatText(' ', requireInt(width, 'width'));
  const lines = splitLines(`${str(value)}\n`);
  checkCharacters(lines.length * prefix.length);
  const text = lines
    .map((line, index) => (index === 0 || (line === '' && !truth(blank)) ? line : prefix + line))
    .join('\n');
  return truth(first) ? prefix + text : text;
}

function truncate(value: V, [size = 255, killWords = false, end = '...', leeway = 5]: Bound): string {
  const text = str(value);
  const limit = requireInt(size, 'length');
  const tail = str(end);
  if (textLength(text) <= limit + (leeway === null ? 5 : requireInt(leeway, 'leeway'))) return text;
  const cut = characters(text)
    .slice(0, Math.max(0, limit - tail.length))
    .join('');
  if (truth(killWords)) return cut + tail;
  const space = cut.lastIndexOf(' ');
  return (space < 0 ? cut : cut.slice(0, space)) + tail;
}

function title(value: V): string {
  return str(value)
    .split(/([-\s({[<]+)/)
    .filter((part) => part !== '')
    .map((part) => part.charAt(0).toUpperCase() + part.slice(1).toLowerCase())
    .join('');
}

function replace(value: V, [old, by, count = null]: Bound): string {
  const text = str(value);
  const search = str(old ?? '');
  const replacement = str(by ?? '');
  return replaced(text, search, replacement, count === null ? -1 : requireInt(count, 'count'));
}

function fileSize(value: V, [binary = false]: Bound): string {
  const bytes = isNumeric(value) ? toNumber(value) : Number(str(value));
  const base = truth(binary) ? 1024 : 1000;
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
  return `${(bytes / unit).toFixed(1)} ${truth(binary) ? `${letter === 'k' ? 'K' : letter}iB` : `${letter}B`}`;
}

function format(value: V, [args = [], keywords]: Bound): V {
  const named = keywordsOf(keywords);
  const positional = args as Value[];
  if (named.size > 0 && positional.length > 0) {
    throw new EvaluationError("can't handle positional and keyword arguments at the same time");
  }
  return percentFormat(str(value), named.size > 0 ? makeDict(undefined, named) : tuple(positional));
}

function splitText(value: V, [separator = null, limit = -1]: Bound): V {
  const by = separator === null ? null : requireText(separator, 'The separator');
  return split(requireText(value, 'What is split'), by, requireInt(limit, 'The limit'), false);
}

function comment(value: V, args: Bound): string {
  const [style = 'plain', keywords] = args;
  const options = keywordsOf(keywords);
  const styles: Record<string, Record<string, string>> = {
    plain: { decoration: '# ' },
    erlang: { decoration: '% ' },
    c: { decoration: '// ' },
    cblock: { beginning: '/*', decoration: ' * ', end: ' */' },
    xml: { beginning: '<!--', decoration: ' - ', end: '-->' },
  };
  const chosen = styles[str(style)];
  if (!chosen) throw new EvaluationError(`There is no comment style "${str(style)}".`);
  const option = (name: string, standard: string): string => {
    const given = options.get(name) ?? chosen[name];
    return given === undefined ? standard : str(given);
  };
  return commentText(str(value), option, options);
}

function commentText(
  text: string,
  option: (name: string, standard: string) => string,
  options: ReadonlyMap<string, V>,
): string {
  const newline = option('newline', '\n');
  const decoration = option('decoration', '');
  const bare = decoration.trimEnd();
  const beginning = option('beginning', '');
  const end = option('end', '');
  const prefix = option('prefix', bare);
  const postfix = option('postfix', bare);
  const count = (name: string): number => requireInt(options.get(name) ?? 1, name);
  const lines = text
    .split(newline)
    .map((line, index, all) => (line === '' && index < all.length - 1 ? bare : decoration + line));
  checkCharacters(text.length + lines.length * decoration.length);
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
  lower: fn('', (value) => str(value).toLowerCase()),
  upper: fn('', (value) => str(value).toUpperCase()),
  capitalize: fn('', (value) => capitalize(str(value))),
  title: fn('', title),
  trim: fn('chars', (value, [set = null]) =>
    strip(str(value), 'both', set === null ? null : requireText(set, 'chars')),
  ),
  center: fn('width', (value, [width = 80]) => pad(str(value), requireInt(width, 'width'), 'both', ' ')),
  indent: fn('width first blank', indent),
  replace: fn('old new count', replace),
  truncate: fn('length killwords end leeway', truncate),
  wordcount: fn('', (value) => str(value).match(/[\p{L}\p{N}_]+/gu)?.length ?? 0),
  wordwrap: fn(
    'width break_long_words wrapstring break_on_hyphens',
    (value, [width = 79, long = true, wrap = null, hyphens = true]) =>
      wrapText(str(value), requireInt(width, 'width'), truth(long), truth(hyphens), wrap === null ? '\n' : str(wrap)),
  ),
  format: fn('*args **keywords', format),
  filesizeformat: fn('binary', fileSize),
  escape: fn('', (value) => escapeHtml(str(value))),
  e: fn('', (value) => escapeHtml(str(value))),
  forceescape: fn('', (value) => escapeHtml(str(value))),
  safe: fn('', (value) => str(value)),
  striptags: fn('', (value) =>
    str(value)
      .replace(/<!--[\s\S]*?-->|<[^>]*>/g, '')
      .split(/\s+/)
      .filter((word) => word !== '')
      .join(' '),
  ),
  urlencode: fn('', urlencode),
  urlize: fn('trim_url_limit nofollow target rel extra_schemes', (value) => urlize(str(value))),
  xmlattr: fn('autospace', (value, [space = true]) => {
    if (!isDict(value)) throw new EvaluationError('xmlattr takes a dict.');
    const kept = entriesOf(value).filter(([, item]) => item !== null && !(item instanceof Undefined));
    return xmlAttributes(kept, truth(space));
  }),
  pprint: fn('', (value) => repr(value)),
  split: fn('separator limit', splitText),
  splitlines: fn('', (value) => splitLines(str(value))),
  comment: fn('style **keywords', comment),
};
