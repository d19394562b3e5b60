import { EvaluationError } from '../../python/evaluation-error.ts';
import { CodeScanner } from './code-scanner.ts';
import type { Token, TokenSource, TokenType } from './nunjucks.ts';

/** How a text is cut into tokens. */
export interface LexerOptions {
  readonly variableStart: string;
  readonly variableEnd: string;
  readonly blockStart: string;
  readonly blockEnd: string;
  readonly commentStart: string;
  readonly commentEnd: string;
  readonly trimBlocks: boolean;
  readonly lstripBlocks: boolean;
  readonly newlineSequence: string;
  /** Backslashes in texts inside `{{ }}` stand for themselves, as in YAML files (not in template files). */
  readonly literalBackslashes: boolean;
}

/** Ansible's settings for texts in YAML files. */
export const yamlLexerOptions: LexerOptions = {
  variableStart: '{{',
  variableEnd: '}}',
  blockStart: '{%',
  blockEnd: '%}',
  commentStart: '{#',
  commentEnd: '#}',
  trimBlocks: true,
  lstripBlocks: false,
  newlineSequence: '\n',
  literalBackslashes: true,
};

/** Stands in for nunjucks' Tokenizer: cuts a template by Jinja2's rules, white space control included. */
class Lexer implements TokenSource {
  readonly tags: TokenSource['tags'];
  readonly #tokens: Token[];
  #next = 0;

  constructor(tokens: Token[], options: LexerOptions) {
    this.#tokens = tokens;
    this.tags = {
      VARIABLE_START: options.variableStart,
      VARIABLE_END: options.variableEnd,
      COMMENT_START: options.commentStart,
    };
  }
  nextToken(): Token | null {
    return this.#tokens[this.#next++] ?? null;
  }
}

/** The tokens of a template. Throws EvaluationError with its place. */
export function lexTemplate(text: string, options: LexerOptions): Lexer {
  return new Lexer(new TemplateScanner(text, options).scan(), options);
}

/** The tokens of a bare expression. */
export function lexExpression(text: string, options: LexerOptions): Lexer {
  const tokens: Token[] = [];
  new CodeScanner(text, tokens).scan(0, undefined, false);
  return new Lexer(tokens, options);
}

function escapeRegExp(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');
}

type Opening = 'raw' | 'block' | 'comment' | 'variable';

class TemplateScanner {
  readonly #text: string;
  readonly #options: LexerOptions;
  readonly #tokens: Token[] = [];
  readonly #code: CodeScanner;
  #position = 0;

  constructor(text: string, options: LexerOptions) {
    this.#text = text;
    this.#options = options;
    this.#code = new CodeScanner(text, this.#tokens);
  }

  scan(): Token[] {
    const openings = openingPattern(this.#options);
    for (;;) {
      openings.lastIndex = this.#position;
      const match = openings.exec(this.#text);
      if (!match) break;
      const kind = Object.entries(match.groups!).find((entry) => entry[1] !== undefined)![0] as Opening;
      const control = match[0].slice(this.#startOf(kind).length).charAt(0);
      this.#data(match.index, control, kind);
      this.#position = match.index + match[0].length;
      this.#inside(kind, match.index, match[0]);
    }
    this.#data(this.#text.length, '', 'variable');
    return this.#tokens;
  }

  #startOf(kind: Opening): string {
    if (kind === 'variable') return this.#options.variableStart;
    return kind === 'comment' ? this.#options.commentStart : this.#options.blockStart;
  }

  #data(end: number, control: string, kind: Opening): void {
    let data = this.#text.slice(this.#position, end);
    if (control === '-') data = data.trimEnd();
    else if (this.#options.lstripBlocks && control !== '+' && kind !== 'variable') data = this.#lstrip(data);
    if (data !== '') this.#push('data', data, this.#position);
  }

  #lstrip(data: string): string {
    const lineStart = data.lastIndexOf('\n') + 1;
    const startsLine = lineStart > 0 || this.#position === 0 || this.#text[this.#position - 1] === '\n';
    return startsLine && /^\s*$/.test(data.slice(lineStart)) ? data.slice(0, lineStart) : data;
  }

  #push(type: TokenType, value: string, index: number): void {
    const { line, column } = this.#code.place(index);
    const text = type === 'data' && this.#options.newlineSequence !== '\n' ? this.#newlines(value) : value;
    this.#tokens.push({ type, value: text, lineno: line, colno: column });
  }

  #newlines(value: string): string {
    return value.replaceAll('\n', this.#options.newlineSequence);
  }

  #inside(kind: Opening, start: number, opening: string): void {
    const { blockEnd, variableEnd, literalBackslashes } = this.#options;
    if (kind === 'comment') return this.#comment(start);
    if (kind === 'raw') return this.#raw(start, opening);
    const type = kind === 'block' ? 'block' : 'variable';
    this.#push(`${type}-start`, opening, start);
    const end = kind === 'block' ? blockEnd : variableEnd;
    this.#position = this.#code.scan(this.#position, end, kind === 'variable' && literalBackslashes);
    this.#push(`${type}-end`, end, this.#position);
    this.#close(end, kind === 'block');
  }

  /** Passes an end such as `-%}` and the white space that goes with it. The position is at its first character. */
  #close(end: string, block: boolean): void {
    const control = this.#text[this.#position];
    const strip = control === '-' && this.#text.startsWith(end, this.#position + 1);
    const keep = control === '+' && this.#text.startsWith(end, this.#position + 1);
    this.#position += end.length + (strip || keep ? 1 : 0);
    if (strip) while (/\s/.test(this.#text[this.#position] ?? '')) this.#position++;
    else if (block && !keep && this.#options.trimBlocks && this.#text[this.#position] === '\n') this.#position++;
  }

  #comment(start: number): void {
    const end = this.#text.indexOf(this.#options.commentEnd, this.#position);
    if (end < 0) this.#fail('Missing end of comment tag', start);
    const control = this.#text[end - 1];
    this.#position = (control === '-' || control === '+') && end > this.#position ? end - 1 : end;
    this.#close(this.#options.commentEnd, true);
  }

  #raw(start: number, opening: string): void {
    const { blockStart, blockEnd } = this.#options;
    const endPattern = new RegExp(
      `${escapeRegExp(blockStart)}([-+]?)\\s*endraw\\s*(?=[-+]?${escapeRegExp(blockEnd)})`,
      'g',
    );
    if (/-$/.test(opening.slice(0, -blockEnd.length))) {
      while (/\s/.test(this.#text[this.#position] ?? '')) this.#position++;
    }
    endPattern.lastIndex = this.#position;
    const match = endPattern.exec(this.#text);
    if (!match) this.#fail('Missing end of raw directive', start);
    this.#data(match.index, match[1] ?? '', 'raw');
    this.#position = match.index + match[0].length;
    this.#close(blockEnd, true);
  }

  #fail(message: string, index: number): never {
    const { line, column } = this.#code.place(index);
    throw new EvaluationError(message).at(line, column);
  }
}

const patterns = new WeakMap<LexerOptions, RegExp>();

/** Finds what opens a tag; longer openings first, as Jinja2 does. */
function openingPattern(options: LexerOptions): RegExp {
  let pattern = patterns.get(options);
  if (!pattern) {
    const block = escapeRegExp(options.blockStart);
    const openings: [string, string][] = [
      [options.variableStart, `(?<variable>${escapeRegExp(options.variableStart)}-?)`],
      [options.blockStart, `(?<block>${block}[-+]?)`],
      [options.commentStart, `(?<comment>${escapeRegExp(options.commentStart)}[-+]?)`],
    ];
    openings.sort((a, b) => b[0].length - a[0].length);
    const raw = `(?<raw>${block}[-+]?\\s*raw\\s*-?${escapeRegExp(options.blockEnd)})`;
    pattern = new RegExp([raw, ...openings.map((entry) => entry[1])].join('|'), 'g');
    patterns.set(options, pattern);
  }
  return pattern;
}
