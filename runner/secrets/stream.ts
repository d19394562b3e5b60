import type { Finder } from './finder.ts';
import { hideSpans } from './hide.ts';

/**
 * Text that comes in pieces, e.g. what a command prints while it runs. A piece's end that may be the beginning of a secret
 * waits for the next piece.
 */
export class MaskedStream {
  readonly #finder: Finder;
  /** The last character that was given out, which tells where a word begins. */
  #before = '';
  #waiting = '';

  constructor(finder: Finder) {
    this.#finder = finder;
  }

  /** What may be shown now, a further piece being known. */
  add(piece: string): string {
    return this.#give(piece, (text, from) => this.#finder.unfinished(text, from));
  }

  /** What is left when nothing more comes. */
  end(): string {
    return this.#give('', (text) => text.length);
  }

  #give(piece: string, endOf: (text: string, from: number) => number): string {
    const text = this.#before + this.#waiting + piece;
    const from = this.#before.length;
    const spans = this.#finder.find(text, from);
    let end = endOf(text, from);
    // A secret that reaches into what has to wait is not cut in two.
    for (const span of spans) if (span.start < end && span.end > end) end = span.start;
    this.#waiting = text.slice(end);
    if (end > from) this.#before = text.charAt(end - 1);
    const finished = spans.filter((span) => span.end <= end);
    return hideSpans(text.slice(0, end), finished).slice(from);
  }
}
