import { quoteWord } from '../python/shlex.ts';
import { RequestError } from './connection.ts';

/**
 * Text as one word of POSIX sh, whatever it holds. Plain words stay as they are.
 * Throws {@link RequestError} for a NUL byte: without it the word would be another one than was asked for.
 */
export function quote(text: string): string {
  if (text.includes('\0')) throw new RequestError('a word or path holds a NUL byte, which no program can be given');
  return quoteWord(text);
}
