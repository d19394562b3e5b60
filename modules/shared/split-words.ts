import { ModuleFailure } from '../../runner/module/contract.ts';

/**
 * Splits a command line into words as Python's shlex does: blanks separate, single quotes keep all, double quotes keep
 * all but `\"` and `\\`, a backslash keeps the next character. Throws {@link ModuleFailure} for an open quote.
 */
export function splitWords(line: string): string[] {
  const words: string[] = [];
  let word: string | undefined;
  for (let i = 0; i < line.length; i++) {
    const character = line[i]!;
    if (/\s/.test(character)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else if (character === "'" || character === '"') {
      const quoted = readQuoted(line, i);
      word = (word ?? '') + quoted.text;
      i = quoted.end;
    } else if (character === '\\') {
      if (i + 1 >= line.length) throw new ModuleFailure('No escaped character');
      word = (word ?? '') + line[++i]!;
    } else {
      word = (word ?? '') + character;
    }
  }
  if (word !== undefined) words.push(word);
  return words;
}

function readQuoted(line: string, start: number): { text: string; end: number } {
  const mark = line[start]!;
  let text = '';
  for (let i = start + 1; i < line.length; i++) {
    const character = line[i]!;
    if (character === mark) return { text, end: i };
    if (mark === '"' && character === '\\' && /["\\]/.test(line[i + 1] ?? '')) text += line[++i]!;
    else text += character;
  }
  throw new ModuleFailure('No closing quotation');
}
