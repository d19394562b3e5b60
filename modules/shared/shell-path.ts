import { quote } from './shell-quote.ts';

/**
 * A `path` argument as one word of sh in which `~`, `~user`, `$NAME` and `${NAME}` mean what they mean to Ansible: they
 * are expanded on the host; a variable that is not set stays as it is written. Everything else is literal.
 */
export function pathWord(path: string): string {
  const home = /^~([A-Za-z_][A-Za-z0-9_.-]*)?(?=\/|$)(\/?)/.exec(path);
  if (!home) return expandedWord(path, quote);
  const rest = path.slice(home[0].length);
  return home[0] + (rest === '' ? '' : expandedWord(rest, quote));
}

/** A `path` argument that may hold the wildcards `*`, `?` and `[…]`, as sh text that expands to what matches. */
export function globWord(path: string): string {
  const home = /^~([A-Za-z_][A-Za-z0-9_.-]*)?(?=\/|$)(\/?)/.exec(path);
  const rest = path.slice(home?.[0].length ?? 0);
  return (home?.[0] ?? '') + (rest === '' ? '' : expandedWord(rest, quoteExceptWildcards));
}

function expandedWord(text: string, quoteLiteral: (literal: string) => string): string {
  if (text === '') return "''";
  const variable = /\$([A-Za-z_][A-Za-z0-9_]*)|\$\{([A-Za-z_][A-Za-z0-9_]*)\}/g;
  let word = '';
  let end = 0;
  for (const match of text.matchAll(variable)) {
    if (match.index > end) word += quoteLiteral(text.slice(end, match.index));
    const name = match[1] ?? match[2];
    const unset = match[2] ? `\\$\{${name}\\}` : `\\$${name}`;
    word += `"\${${name}-${unset}}"`;
    end = match.index + match[0].length;
  }
  return end < text.length ? word + quoteLiteral(text.slice(end)) : word;
}

function quoteExceptWildcards(text: string): string {
  return text
    .split(/([*?]|\[[^\]']*\])/)
    .map((part, index) => (index % 2 === 1 || part === '' ? part : quote(part)))
    .join('');
}
