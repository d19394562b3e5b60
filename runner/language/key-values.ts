import { KplayError } from '../errors.ts';
import { type Position, rememberPlace } from '../position.ts';
import { nameOfText } from '../python/dict.ts';
import { unescapeText } from '../python/unescape.ts';
import { namedSecrets } from '../secrets/named.ts';
import { type Mapping, mapping } from '../value.ts';

/** Arguments that are taken out of a free-form command (command, shell, raw, script); everything else stays in it. */
const commandOptions: ReadonlySet<string> = new Set([
  'creates',
  'removes',
  'chdir',
  'executable',
  'warn',
  'stdin',
  'stdin_add_newline',
  'strip_empty_ends',
]);

interface Token {
  readonly text: string;
  /** The white space before it. */
  readonly before: string;
  readonly offset: number;
}

/**
 * Reads arguments in the short form `a=1 b="x y"`; all values are text. Text that is no `key=value` is put together
 * again as `_raw`. With `freeForm` only {@link commandOptions} are taken out. Throws KplayError `parse` for quotes or
 * templates that are not closed.
 */
export function parseKeyValues(text: string, position: Position | undefined, freeForm = false): Mapping {
  const result = mapping();
  const raw = new RawText();
  for (const token of tokens(joinContinued(text), position)) {
    const decoded = decodeEscapes(token.text);
    const equals = equalsSign(decoded);
    if (equals === 'escaped') {
      raw.keep({ ...token, text: decoded.replaceAll('\\=', '=') });
      continue;
    }
    const key = equals === undefined ? undefined : decoded.slice(0, equals);
    if (key === undefined || (freeForm && !commandOptions.has(key))) {
      raw.keep(token);
      continue;
    }
    raw.remove(token);
    const name = key.trim();
    result[nameOfText(name)] = unquote(decoded.slice(equals! + 1).trim());
    if (position) rememberPlace(result, nameOfText(name), placeIn(text, position, token.offset));
  }
  if (raw.text !== undefined) {
    result._raw = raw.text;
    if (position) rememberPlace(result, '_raw', position);
  }
  return result;
}

/** The text that is left when options are taken out; each takes one separator, or the line's end, with it. */
class RawText {
  text: string | undefined;
  #pending = '';
  #afterRemoved = false;

  keep(token: Token): void {
    let before = this.#pending + token.before;
    if (this.#afterRemoved && token.before.startsWith('\n')) before = ` ${this.#pending}${token.before.slice(1)}`;
    this.text = this.text === undefined ? token.text : this.text + before + token.text;
    this.#pending = '';
    this.#afterRemoved = false;
  }

  remove(token: Token): void {
    // The separator before the text is the option's; what is before that belongs to the text.
    this.#pending += token.before.slice(0, -1);
    if (this.text !== undefined && this.#pending !== '') {
      this.text += this.#pending;
      this.#pending = '';
    }
    this.#afterRemoved = true;
  }
}

function joinContinued(text: string): string {
  return text.replace(/(^| )\\\n/g, '');
}

/** Splits at blanks and line ends outside of quotes and templates. */
function tokens(text: string, position: Position | undefined): Token[] {
  const found: Token[] = [];
  /** Where the white space before the current word begins, and the word itself; below 0 where there is none. */
  let space = 0;
  let word = -1;
  let quote = '';
  let opened = 0;
  let depth = 0;
  for (let index = 0; index < text.length; index++) {
    const char = text[index]!;
    if ((char === ' ' || char === '\n') && quote === '' && depth === 0) {
      if (word >= 0) {
        found.push({ text: text.slice(word, index), before: text.slice(space, word), offset: word });
        space = index;
        word = -1;
      }
      continue;
    }
    if (word < 0) word = index;
    if ((char === '"' || char === "'") && text[index - 1] !== '\\') {
      if (quote === '') {
        quote = char;
        opened = index;
      } else if (quote === char) quote = '';
    }
    const next = text[index + 1];
    if (char === '{' && (next === '{' || next === '%' || next === '#')) {
      if (depth++ === 0 && quote === '') opened = index;
      index++;
    } else if (depth > 0 && next === '}' && (char === '}' || char === '%' || char === '#')) {
      depth--;
      index++;
    }
  }
  if (quote !== '' || depth > 0) {
    // An apostrophe within a word is the likely cause, wherever the quotes then went out of step.
    const apostrophe = quote === "'" ? text.search(/\w'\w/) : -1;
    throw unbalanced(quote, text, apostrophe >= 0 ? apostrophe + 1 : opened, position);
  }
  if (word >= 0) found.push({ text: text.slice(word), before: text.slice(space, word), offset: word });
  else if (found.length > 0 && text[space] === '\n') found.push(withTail(found.pop()!, text.slice(space)));
  return found;
}

function withTail(token: Token, tail: string): Token {
  return { ...token, text: token.text + tail };
}

/** The text from the quote on tells which one is meant, but without the names before it nobody knows what in it is secret. */
function unbalanced(quote: string, text: string, start: number, position: Position | undefined): KplayError {
  const from = text.slice(start).replace(/\s+/g, ' ');
  const where = namedSecrets(text).length > 0 ? '.' : `: ${from.length > 40 ? `${from.slice(0, 37)}...` : from}`;
  const what = quote === '' ? 'A template' : `A quote (${quote})`;
  return new KplayError({
    code: 'parse',
    message: `${what} is not closed in these arguments${where}`,
    position,
    hint: 'Close it, or write the arguments as a dict (for commands as cmd: \u2026), where quotes mean nothing to kplay.',
  });
}

function equalsSign(text: string): number | 'escaped' | undefined {
  if (!text.includes('=')) return undefined;
  for (let index = text.indexOf('=', 1); index > 0; index = text.indexOf('=', index + 1)) {
    if (text[index - 1] !== '\\') return index;
  }
  return 'escaped';
}

/** Reads the escapes that Ansible knows in `key=value`, fewer than Python's literals have. */
function decodeEscapes(text: string): string {
  if (!text.includes('\\')) return text;
  return text.replace(/\\(?:U[0-9a-fA-F]{8}|u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}|[\\'"abfnrtv])/g, unescapeText);
}

function unquote(text: string): string {
  const first = text[0];
  const quoted = text.length > 1 && (first === '"' || first === "'") && text.endsWith(first) && text.at(-2) !== '\\';
  return quoted ? text.slice(1, -1) : text;
}

function placeIn(text: string, position: Position, offset: number): Position {
  const newline = text.indexOf('\n');
  return newline >= 0 && newline < offset ? position : { ...position, column: position.column + offset };
}
