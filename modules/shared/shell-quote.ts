import { quote } from '../../runner/module/host-files.ts';

export { quote };

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
