import { EvaluationError } from '../../python/evaluation-error.ts';
import { unescapeText } from '../../python/unescape.ts';
import type { Token, TokenType } from './nunjucks.ts';

const whitespace = /\s+/y;
const floatNumber = /(?<!\.)\d[\d_]*(?:(?:\.\d[\d_]*)?e[+-]?\d[\d_]*|\.\d[\d_]*)/iy;
const integer = /0b(?:_?[01])+|0o(?:_?[0-7])+|0x(?:_?[\da-f])+|[1-9](?:_?\d)*|0(?:_?0)*/iy;
const name = /[\p{L}_][\p{L}\p{N}\p{M}_]*/uy;
const text = /'(?:[^'\\]|\\[\s\S])*'|"(?:[^"\\]|\\[\s\S])*"/y;
const operator = /\/\/|\*\*|==|!=|>=|<=|[-+/*%~[\](){}<>=.:|,;]/y;

const operatorTypes: Readonly<Record<string, TokenType>> = {
  '(': 'left-paren',
  ')': 'right-paren',
  '[': 'left-bracket',
  ']': 'right-bracket',
  '{': 'left-curly',
  '}': 'right-curly',
  ',': 'comma',
  ':': 'colon',
  '~': 'tilde',
  '|': 'pipe',
};
const closing: Readonly<Record<string, string>> = { '(': ')', '[': ']', '{': '}' };

/** Cuts the code between `{{` and `}}` (or a bare expression) into tokens by the rules of Jinja2. */
export class CodeScanner {
  readonly #text: string;
  readonly #tokens: Token[];
  #line = 0;
  #lineStart = 0;
  #counted = 0;
  readonly #open: string[] = [];

  constructor(source: string, tokens: Token[]) {
    this.#text = source;
    this.#tokens = tokens;
  }

  /** Line and column (from 0) of an index; to be asked in ascending order. */
  place(index: number): { line: number; column: number } {
    for (;;) {
      const newline = this.#text.indexOf('\n', this.#counted);
      if (newline < 0 || newline >= index) break;
      this.#line++;
      this.#lineStart = this.#counted = newline + 1;
    }
    return { line: this.#line, column: Math.max(0, index - this.#lineStart) };
  }

  /** Cuts from `start` to `end` (or to the end of the text), whose index it gives: that of its `-` or `+` if it has one. */
  scan(start: number, end: string | undefined, literalBackslashes: boolean): number {
    let index = start;
    this.#open.length = 0;
    while (index < this.#text.length) {
      if (end !== undefined && this.#open.length === 0) {
        if (this.#text.startsWith(end, index)) return index;
        const control = this.#text[index];
        if ((control === '-' || control === '+') && this.#text.startsWith(end, index + 1)) return index;
      }
      index = this.#token(index, literalBackslashes);
    }
    if (end !== undefined) throw this.#failure(`unexpected end of template, expected '${end}'.`, index);
    return index;
  }

  #token(index: number, literalBackslashes: boolean): number {
    let value = this.#match(whitespace, index);
    if (value) return index + value.length;
    value = this.#match(floatNumber, index);
    if (value) return this.#push('float', value, index, value.replaceAll('_', ''));
    value = this.#match(integer, index);
    if (value) return this.#push('int', value, index, value.replaceAll('_', ''));
    value = this.#match(name, index);
    if (value) return this.#push('symbol', value, index);
    value = this.#match(text, index);
    if (value) {
      const body = value.slice(1, -1);
      return this.#push('string', value, index, literalBackslashes ? body : unescapeText(body));
    }
    value = this.#match(operator, index);
    if (!value) throw this.#failure(`unexpected char '${this.#text[index]}' at ${index}`, index);
    this.#balance(value, index);
    return this.#push(operatorTypes[value] ?? 'operator', value, index);
  }

  #match(pattern: RegExp, index: number): string | undefined {
    pattern.lastIndex = index;
    return pattern.exec(this.#text)?.[0];
  }

  #balance(value: string, index: number): void {
    const expected = closing[value];
    if (expected) this.#open.push(expected);
    else if (value === ')' || value === ']' || value === '}') {
      const open = this.#open.pop();
      if (open === undefined) throw this.#failure(`unexpected '${value}'`, index);
      if (open !== value) throw this.#failure(`unexpected '${value}', expected '${open}'`, index);
    }
  }

  #push(type: TokenType, source: string, index: number, value = source): number {
    const { line, column } = this.place(index);
    this.#tokens.push({ type, value, lineno: line, colno: column });
    return index + source.length;
  }

  #failure(message: string, index: number): EvaluationError {
    const { line, column } = this.place(index);
    return new EvaluationError(message).at(line, column);
  }
}
