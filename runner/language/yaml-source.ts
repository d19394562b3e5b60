import type { Position } from '../position.ts';

/** A file's text that tells line and column of an offset. */
export class SourceText {
  readonly file: string;
  readonly #original: string;
  #text: string;
  #lineStarts: number[] | undefined;
  /** Blanks that were put before a line (from 1). */
  #inserted: Map<number, number> | undefined;

  constructor(text: string, file: string) {
    this.#original = text.startsWith('\ufeff') ? text.slice(1) : text;
    this.#text = this.#original;
    this.file = file;
  }

  /** The text that is parsed. */
  get text(): string {
    return this.#text;
  }

  /** The place in the file of an offset in {@link text}. */
  position(offset: number): Position {
    const { line, start } = this.#lineAt(offset);
    const column = Math.max(1, offset - start + 1 - (this.#inserted?.get(line) ?? 0));
    return { file: this.file, line, column };
  }

  /** The lines of the file. */
  lines(): string[] {
    return this.#original.split(/\r\n|\n|\r/);
  }

  /**
   * Indents a line more than any other. YAML 1.1 does not care how lines within brackets and quotes are indented, YAML
   * 1.2 does; it does not change what they mean. False when the line was indented already.
   */
  indentLine(offset: number): boolean {
    const { line, start } = this.#lineAt(offset);
    if (this.#inserted?.has(line)) return false;
    const width = 1 + Math.max(...[...this.#original.matchAll(/^ */gm)].map((match) => match[0].length));
    this.#inserted ??= new Map();
    this.#inserted.set(line, width);
    this.#text = this.#text.slice(0, start) + ' '.repeat(width) + this.#text.slice(start);
    this.#lineStarts = undefined;
    return true;
  }

  #lineAt(offset: number): { line: number; start: number } {
    this.#lineStarts ??= lineStarts(this.#text);
    const starts = this.#lineStarts;
    let low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (starts[middle]! <= offset) low = middle;
      else high = middle - 1;
    }
    return { line: low + 1, start: starts[low]! };
  }
}

function lineStarts(text: string): number[] {
  const starts = [0];
  if (!text.includes('\r')) {
    for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
    return starts;
  }
  for (const match of text.matchAll(/\r\n|\n|\r/g)) starts.push(match.index + match[0].length);
  return starts;
}
