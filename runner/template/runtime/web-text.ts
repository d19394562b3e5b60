import { encodeStrictly } from '../../python/bytes.ts';
import { entriesOf } from '../../python/dict.ts';
import { iterate } from '../../python/iterate.ts';
import { isDict } from '../../python/kinds.ts';
import type { V } from '../../python/object.ts';
import { str } from '../../python/text.ts';
import type { Value } from '../../value.ts';

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&#34;',
  "'": '&#39;',
};

/** Text for HTML, as markupsafe writes it. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => entities[character]!);
}

/** Text for a URL, as Python's quote() writes it; characters of `safe` stay. */
function quoteUrl(text: string, safe = '/'): string {
  let result = '';
  for (const byte of encodeStrictly(text)) {
    const character = String.fromCharCode(byte);
    const plain = byte < 128 && (/[\w.~-]/.test(character) || safe.includes(character));
    result += plain ? character : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  }
  return result;
}

/** Jinja's `urlencode`: a text, or a dict or list of pairs as a query. */
export function urlencode(value: V): string {
  if (typeof value === 'string') return quoteUrl(value);
  if (!isDict(value) && !Array.isArray(value)) return quoteUrl(str(value));
  const pairs: V[][] = isDict(value) ? entriesOf(value) : iterate(value).map((pair) => iterate(pair));
  const quote = (part: V | undefined): string => quoteUrl(str(part ?? null), '').replaceAll('%20', '+');
  return pairs.map(([key, item]) => `${quote(key)}=${quote(item)}`).join('&');
}

/** Jinja's `urlize` for plain addresses. */
export function urlize(text: string): string {
  return escapeHtml(text).replace(/(?:https?:\/\/|www\.)[^\s<>]*[^\s<>.,;:!?)]/g, (address) => {
    const href = address.startsWith('www.') ? `https://${address}` : address;
    return `<a href="${href}" rel="noopener">${address}</a>`;
  });
}

/** Jinja's `xmlattr`. */
export function xmlAttributes(entries: readonly (readonly [V, Value])[], space: boolean): string {
  const text = entries.map(([key, value]) => `${escapeHtml(str(key))}="${escapeHtml(str(value))}"`).join(' ');
  return space && text !== '' ? ` ${text}` : text;
}
