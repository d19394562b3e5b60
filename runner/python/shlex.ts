/** A word of a line, and the column (from 1) at which it begins. */
export interface ShellWord {
  readonly text: string;
  readonly column: number;
}

/** The line cannot be split; the message says why. */
export class ShellWordsError extends Error {
  readonly column: number;
  constructor(message: string, column: number) {
    super(message);
    this.name = 'ShellWordsError';
    this.column = column;
  }
}

/**
 * Splits a line into words as Python's shlex does in POSIX mode: '…' is literal, in "…" a backslash protects `"` and itself, elsewhere
 * any character. Throws {@link ShellWordsError} for an open quote.
 * @param comments whether `#` begins a comment, even inside of a word
 */
export function shellWords(line: string, comments = false): ShellWord[] {
  const blankOrComment = comments ? /[\s#]/ : /\s/;
  const words: ShellWord[] = [];
  let at = 0;
  while (at < line.length) {
    if (/\s/.test(line[at]!)) at++;
    else if (comments && line[at] === '#') break;
    else {
      const word = readWord(line, at, blankOrComment);
      words.push({ text: word.text, column: at + 1 });
      at = word.end;
    }
  }
  return words;
}

function readWord(line: string, start: number, ends: RegExp): { text: string; end: number } {
  let text = '';
  let at = start;
  while (at < line.length && !ends.test(line[at]!)) {
    const character = line[at]!;
    if (character === "'" || character === '"') {
      const quoted = readQuoted(line, at, character);
      text += quoted.text;
      at = quoted.end;
    } else if (character === '\\') {
      if (at + 1 >= line.length) throw new ShellWordsError('No escaped character', at + 1);
      text += line[at + 1];
      at += 2;
    } else {
      text += character;
      at++;
    }
  }
  return { text, end: at };
}

function readQuoted(line: string, start: number, quote: string): { text: string; end: number } {
  let text = '';
  for (let at = start + 1; at < line.length; at++) {
    const character = line[at]!;
    if (character === quote) return { text, end: at + 1 };
    const next = line[at + 1];
    if (quote === '"' && character === '\\' && (next === '"' || next === '\\')) {
      text += next;
      at++;
    } else {
      text += character;
    }
  }
  throw new ShellWordsError('No closing quotation', start + 1);
}

/** Text as one word for a POSIX shell, as shlex.quote writes it. Plain words stay as they are. */
export function quoteWord(text: string): string {
  if (text === '') return "''";
  return /[^\w@%+=:,./-]/.test(text) ? `'${text.replaceAll("'", `'"'"'`)}'` : text;
}
