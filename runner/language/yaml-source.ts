import type { Position } from '../position.ts';

/** A file's text that tells line and column of an offset. */
export class SourceText {
  readonly text: string;
  readonly file: string;
  #lineStarts: number[] | undefined;

  constructor(text: string, file: string) {
    this.text = text.startsWith('\ufeff') ? text.slice(1) : text;
    this.file = file;
  }

  position(offset: number): Position {
    const starts = this.#starts();
    let low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (starts[middle]! <= offset) low = middle;
      else high = middle - 1;
    }
    return { file: this.file, line: low + 1, column: offset - starts[low]! + 1 };
  }

  lines(): string[] {
    return this.text.split(/\r\n|\n|\r/);
  }

  #starts(): number[] {
    if (!this.#lineStarts) {
      this.#lineStarts = [0];
      for (const match of this.text.matchAll(/\r\n|\n|\r/g)) this.#lineStarts.push(match.index + match[0].length);
    }
    return this.#lineStarts;
  }
}
