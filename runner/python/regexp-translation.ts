import { EvaluationError } from './evaluation-error.ts';
import { type Piece, translateClass, translateEscape } from './regexp-classes.ts';

/** The letters of Python's flags that are set: i, m, s, x, a. */
export type FlagLetters = ReadonlySet<string>;

/**
 * A pattern of Python's `re` as the source of a JavaScript one with the flag `u`, and without `m` and `s`: lines and the dot are written
 * out. Throws EvaluationError for what is wrong, and for what JavaScript cannot do.
 */
export function translatePattern(pattern: string, flags: FlagLetters): string {
  return new Translation(pattern, flags).run();
}

class Translation {
  readonly #pattern: string;
  /** The flags of the groups that are open, the innermost last. */
  readonly #flags: FlagLetters[];
  #at = 0;
  #result = '';

  constructor(pattern: string, flags: FlagLetters) {
    this.#pattern = pattern;
    this.#flags = [flags];
  }

  run(): string {
    while (this.#at < this.#pattern.length) {
      const piece = this.#next(this.#pattern.slice(this.#at));
      this.#at += piece.length;
      this.#result += piece.text;
    }
    return this.#result;
  }

  #has(flag: string): boolean {
    return this.#flags.at(-1)!.has(flag);
  }

  #next(rest: string): Piece {
    const character = String.fromCodePoint(rest.codePointAt(0)!);
    switch (character) {
      case '\\':
        return translateEscape(rest, this.#has('a'));
      case '[':
        return translateClass(rest, this.#has('a'));
      case '(':
        return this.#group(rest);
      case ')':
        if (this.#flags.length > 1) this.#flags.pop();
        return { length: 1, text: ')' };
      case '.':
        return { length: 1, text: this.#has('s') ? '[^]' : '[^\\n]' };
      case '^':
        return { length: 1, text: this.#has('m') ? '(?<![^\\n])' : '^' };
      case '$':
        return { length: 1, text: this.#has('m') ? '(?![^\\n])' : '(?=\\n?$)' };
      case '{':
        return braces(rest);
      case '}':
      case ']':
        return { length: 1, text: `\\${character}` };
      case '*':
      case '+':
      case '?':
        return this.#repeat(rest);
      default:
        return this.#plain(rest, character);
    }
  }

  #plain(rest: string, character: string): Piece {
    const ignored = this.#has('x') ? /^(?:\s+|#[^\n]*)/.exec(rest) : null;
    if (ignored) return { length: ignored[0].length, text: '' };
    return { length: character.length, text: character === '/' ? '\\/' : character };
  }

  /** A repeat that gives nothing back, as Python has since 3.11, is none in JavaScript. */
  #repeat(rest: string): Piece {
    if (/^[*+?]\+/.test(rest)) throw this.#unsupported(rest.slice(0, 2));
    return { length: 1, text: rest[0]! };
  }

  #group(rest: string): Piece {
    const comment = /^\(\?#[^)]*\)/.exec(rest);
    if (comment) return { length: comment[0].length, text: '' };
    const reference = /^\(\?P=(\w+)\)/.exec(rest);
    if (reference) return { length: reference[0].length, text: `\\k<${reference[1]}>` };
    const scoped = /^\(\?([asmxi]*)(?:-([imsx]+))?:/.exec(rest);
    if (scoped) return this.#scoped(scoped);
    this.#flags.push(this.#flags.at(-1)!);
    if (rest.startsWith('(?P<')) return { length: 4, text: '(?<' };
    const fine = /^\((?:\?(?:[=!]|<[=!]))?(?!\?)/.exec(rest);
    if (fine) return { length: fine[0].length, text: fine[0] };
    if (/^\(\?[aiLmsux]+\)/.test(rest)) throw new EvaluationError('global flags not at the start of the expression');
    throw this.#unsupported(rest.slice(0, 4));
  }

  /** `(?:…)`, and `(?s-m:…)` with flags for what is inside. Whether case counts is the same everywhere in JavaScript. */
  #scoped([whole, on = '', off = '']: RegExpExecArray): Piece {
    const flags = new Set([...this.#flags.at(-1)!, ...on]);
    for (const letter of off) flags.delete(letter);
    if (flags.has('i') !== this.#flags[0]!.has('i')) throw this.#unsupported(whole);
    this.#flags.push(flags);
    return { length: whole.length, text: '(?:' };
  }

  #unsupported(what: string): EvaluationError {
    return new EvaluationError(`it has ${what}, which is not supported here`);
  }
}

function braces(rest: string): Piece {
  const quantifier = /^\{(\d*)(,?)(\d*)\}/.exec(rest);
  if (!quantifier || quantifier[0] === '{}' || quantifier[0] === '{,}') return { length: 1, text: '\\{' };
  return { length: quantifier[0].length, text: `{${quantifier[1] || '0'}${quantifier[2]}${quantifier[3]}}` };
}
