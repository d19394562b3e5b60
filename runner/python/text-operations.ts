import { maxCharacters } from '../limits.ts';
import { checkCharacters } from './bounds.ts';
import { characters, textLength } from './text.ts';

/** `str.capitalize`. */
export function capitalize(text: string): string {
  const [first = '', ...rest] = characters(text);
  return first.toUpperCase() + rest.join('').toLowerCase();
}

/** `str.title`: every run of letters begins with a capital. */
export function titleCase(text: string): string {
  return text.replace(/\p{L}+/gu, capitalize);
}

/** `str.swapcase`. */
export function swapCase(text: string): string {
  return characters(text)
    .map((character) => (character === character.toLowerCase() ? character.toUpperCase() : character.toLowerCase()))
    .join('');
}

/** `str.split` and, from the right, `str.rsplit`; a separator of null is any white space. */
export function split(text: string, separator: string | null, limit: number, fromRight: boolean): string[] {
  if (separator === null) return splitWords(text, limit, fromRight);
  if (separator === '') throw new Error('empty separator');
  const parts = text.split(separator);
  if (limit < 0 || parts.length <= limit + 1) return parts;
  const cut = parts.length - limit;
  return fromRight
    ? [parts.slice(0, cut).join(separator), ...parts.slice(cut)]
    : [...parts.slice(0, limit), parts.slice(limit).join(separator)];
}

function splitWords(text: string, limit: number, fromRight: boolean): string[] {
  const words = text.split(/\s+/).filter((word) => word !== '');
  if (limit < 0 || words.length <= limit + 1) return words;
  if (fromRight) {
    const last = words.slice(words.length - limit);
    const pattern = new RegExp(`(?:\\s+\\S+){${limit}}\\s*$`);
    return [text.replace(pattern, '').trimStart(), ...last];
  }
  const pattern = new RegExp(`^\\s*(?:\\S+\\s+){${limit}}`);
  return [...words.slice(0, limit), text.replace(pattern, '').trimEnd()];
}

/** `str.splitlines`. */
export function splitLines(text: string, keepEnds = false): string[] {
  const lines =
    text.match(
      /[^\r\n\v\f\x1c-\x1e\x85\u2028\u2029]*(?:\r\n|[\r\n\v\f\x1c-\x1e\x85\u2028\u2029])|[^\r\n\v\f\x1c-\x1e\x85\u2028\u2029]+$/g,
    ) ?? [];
  return keepEnds ? lines : lines.map((line) => line.replace(/(?:\r\n|[\r\n\v\f\x1c-\x1e\x85\u2028\u2029])$/, ''));
}

/** `str.strip` and its one-sided forms; a set of null is white space. */
export function strip(text: string, side: 'left' | 'right' | 'both', set: string | null): string {
  // By characters where there is a set: half of a surrogate pair may stand in another pair, too.
  const all = set === null ? text : characters(text);
  const dropped = set === null ? /\s/ : { test: (character: string) => set.includes(character) };
  let start = 0;
  let end = all.length;
  if (side !== 'right') while (start < end && dropped.test(all[start]!)) start++;
  if (side !== 'left') while (end > start && dropped.test(all[end - 1]!)) end--;
  const kept = all.slice(start, end);
  return typeof kept === 'string' ? kept : kept.join('');
}

/** `str.ljust`, `rjust`, `center`: the side is where the padding goes. */
export function pad(text: string, width: number, side: 'left' | 'right' | 'both', fill: string): string {
  const missing = width - textLength(text);
  if (missing <= 0) return text;
  checkCharacters(width * fill.length);
  if (side === 'left') return fill.repeat(missing) + text;
  if (side === 'right') return text + fill.repeat(missing);
  const left = Math.floor(missing / 2) + (missing & width & 1);
  return fill.repeat(left) + text + fill.repeat(missing - left);
}

/** `separator.join(parts)`. */
export function joined(parts: readonly string[], separator: string): string {
  let length = separator.length * Math.max(0, parts.length - 1);
  for (const part of parts) length += part.length;
  checkCharacters(length);
  return parts.join(separator);
}

/** `str.replace`; a negative count is every occurrence. */
export function replaced(text: string, search: string, by: string, count: number): string {
  const most = count < 0 ? Number.POSITIVE_INFINITY : count;
  // Occurrences are only counted where they could make the text too long.
  if ((text.length + 1) * by.length > maxCharacters()) {
    const found = Math.min(most, search === '' ? text.length + 1 : text.split(search).length - 1);
    checkCharacters(text.length + found * (by.length - search.length));
  }
  if (count < 0) return text.replaceAll(search, () => by);
  let left = count;
  if (search === '') return Array.from(text, (c) => (left-- > 0 ? by + c : c)).join('') + (left > 0 ? by : '');
  return text.split(search).reduce((result, part) => result + (left-- > 0 ? by : search) + part);
}
