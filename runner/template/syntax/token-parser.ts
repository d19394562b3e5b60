import { EvaluationError } from '../../python/evaluation-error.ts';
import { type NunjucksParser, Parser, type Token, type TokenType } from './nunjucks.ts';

/** What a token is called in errors, as Jinja2 calls it. */
export function describe(token: Token | null): string {
  if (!token) return 'end of template';
  if (token.type === 'block-end') return 'end of statement block';
  if (token.type === 'variable-end') return 'end of print statement';
  return token.value;
}

/** nunjucks' handling of tokens, with Jinja2's messages. */
export class TokenParser extends Parser implements NunjucksParser {
  override fail(message: string, line?: number, column?: number): never {
    const token = line === undefined ? this.peekToken() : null;
    const failure = new EvaluationError(message);
    const row = line ?? token?.lineno;
    if (row !== undefined) failure.at(row, column ?? token?.colno ?? 0);
    throw failure;
  }

  unexpected(token: Token | null, expected?: string): never {
    const what = expected
      ? `expected token '${expected}', got '${describe(token)}'`
      : `unexpected '${describe(token)}'`;
    return this.fail(what, token?.lineno ?? 0, token?.colno ?? 0);
  }

  override expect(type: TokenType): Token {
    const token = this.nextToken();
    if (!token || token.type !== type) return this.unexpected(token, type === 'symbol' ? 'name' : type);
    return token;
  }

  expectSymbol(name: string): void {
    const token = this.nextToken();
    if (token?.type !== 'symbol' || token.value !== name) this.unexpected(token, name);
  }

  peekType(): TokenType | undefined {
    return this.peekToken()?.type;
  }

  peekSymbol(...names: string[]): boolean {
    const token = this.peekToken();
    return token?.type === 'symbol' && names.includes(token.value);
  }

  skipOperator(value: string): boolean {
    return this.skipValue('operator', value);
  }

  /** Reads the `%}` at the end of a tag. */
  blockEnd(): void {
    const token = this.nextToken();
    if (token?.type !== 'block-end') this.unexpected(token, 'end of statement block');
  }

  /** Reads the name of a closing tag, and its `%}`. */
  closeTag(): void {
    this.nextToken();
    this.blockEnd();
  }
}
