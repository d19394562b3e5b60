/** Text as one word of POSIX sh, whatever it holds (NUL cannot be in a word and is dropped). Plain words stay as they are. */
export function quote(text: string): string {
  if (/^[A-Za-z0-9_@%+=:,./-]+$/.test(text)) return text;
  return `'${text.replaceAll('\0', '').replaceAll("'", `'\\''`)}'`;
}

/** A list of arguments as words of POSIX sh. */
export function quoteAll(words: readonly string[]): string {
  return words.map(quote).join(' ');
}

/**
 * A path of the host as one word of sh that is never read as an option: `-x` becomes `./-x`.
 */
export function quotePath(path: string): string {
  return quote(path.startsWith('-') ? `./${path}` : path);
}
