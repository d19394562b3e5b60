import { quote } from '../../runner/module/host-files.ts';

export { quote };

/** A list of arguments as words of POSIX sh. */
export function quoteAll(words: readonly string[]): string {
  return words.map(quote).join(' ');
}
