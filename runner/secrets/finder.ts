import type { Form } from './forms.ts';

/** A part of a text, from `start` up to `end`. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

const tableSize = 1 << 14;
const nowhere: readonly Span[] = [];

/**
 * Finds many texts in one text at once. Adding one costs nothing but its own length, so that secrets that come up in the
 * middle of a run do not make what was prepared useless; the way over a text is one look at a table for each character.
 */
export class Finder {
  /** Forms by their first two characters, the longest first. */
  readonly #byStart = new Map<number, Form[]>();
  readonly #known = new Set<string>();
  /** Which sums of two characters some form begins with. */
  readonly #table = new Uint8Array(tableSize);
  #longest = 0;
  #shortest = Number.POSITIVE_INFINITY;

  get isEmpty(): boolean {
    return this.#known.size === 0;
  }

  /** Looks for a form of at least two characters from now on. */
  add(form: Form): void {
    const { text } = form;
    if (this.#known.has(text)) return;
    this.#known.add(text);
    this.#longest = Math.max(this.#longest, text.length);
    this.#shortest = Math.min(this.#shortest, text.length);
    const [first, second] = [text.charCodeAt(0), text.charCodeAt(1)];
    this.#table[slot(first, second)] = 1;
    const forms = this.#byStart.get(key(first, second)) ?? [];
    forms.push(form);
    forms.sort((a, b) => b.text.length - a.text.length);
    this.#byStart.set(key(first, second), forms);
  }

  /** Where forms stand in a text at `from` or later: in order, parts that overlap taken as one. */
  find(text: string, from = 0): readonly Span[] {
    if (text.length - from < this.#shortest) return nowhere;
    const spans: Span[] = [];
    let first = text.charCodeAt(from);
    for (let index = from + 1; index < text.length; index++) {
      const second = text.charCodeAt(index);
      if (this.#table[slot(first, second)] === 1) {
        const end = this.#endOfForm(text, index - 1, key(first, second));
        if (end > 0) addSpan(spans, { start: index - 1, end });
      }
      first = second;
    }
    return spans;
  }

  /** Where the text's end begins that may be the beginning of a form; its length where there is none. */
  unfinished(text: string, from = 0): number {
    const start = Math.max(from, text.length - this.#longest);
    for (let index = start; index < text.length; index++) if (this.#mayGoOn(text, index)) return index;
    return text.length;
  }

  #endOfForm(text: string, start: number, code: number): number {
    for (const form of this.#byStart.get(code) ?? []) {
      if (!text.startsWith(form.text, start)) continue;
      const end = start + form.text.length;
      if (!form.word || isWord(text, start, end)) return end;
    }
    return 0;
  }

  #mayGoOn(text: string, start: number): boolean {
    const rest = text.length - start;
    if (rest === 1) {
      const character = text.charCodeAt(start);
      for (const code of this.#byStart.keys()) if (Math.floor(code / 0x10000) === character) return true;
      return false;
    }
    const forms = this.#byStart.get(key(text.charCodeAt(start), text.charCodeAt(start + 1)));
    if (!forms) return false;
    const end = text.slice(start);
    // Whether a word ends here is not known before the next character.
    return forms.some(
      (form) => (form.text.length > rest || (form.word && form.text.length === rest)) && form.text.startsWith(end),
    );
  }
}

function key(first: number, second: number): number {
  return first * 0x10000 + second;
}

function slot(first: number, second: number): number {
  return ((first << 7) ^ second) & (tableSize - 1);
}

const letter = /[\p{L}\p{N}]/u;

function isWord(text: string, start: number, end: number): boolean {
  return !letter.test(text.charAt(start - 1)) && !letter.test(text.charAt(end));
}

function addSpan(spans: Span[], span: Span): void {
  const last = spans.at(-1);
  if (last && span.start < last.end) spans[spans.length - 1] = { start: last.start, end: Math.max(last.end, span.end) };
  else spans.push(span);
}
