import { beforeMatch } from '../../runner/computing.ts';
import { ModuleFailure } from '../../runner/module/contract.ts';
import { translateClass, translateEscape } from './python-regex-escapes.ts';

/** The letters of Python's flags: re.I, re.M, re.S, re.X, re.A (a bytes pattern is one too). */
export type PythonFlags = string;

/**
 * A regular expression of Python's `re` as JavaScript's: named groups, `\A`, `\Z`, `(?i)` at its start, comments,
 * and `^`, `$` and `.` with Python's meaning of a line. The result has the flag `d` and `g`, so that matches know their places.
 * Throws {@link ModuleFailure} for what is wrong, and for what JavaScript cannot do.
 */
export function pythonRegex(pattern: string, flags: PythonFlags = ''): RegExp {
  const inline = /^\(\?([aiLmsux]+)\)/.exec(pattern);
  const letters = new Set([...flags.toLowerCase(), ...(inline?.[1] ?? '')]);
  const body = inline ? pattern.slice(inline[0].length) : pattern;
  try {
    const source = new Translation(body, pattern, letters).run();
    const expression = new RegExp(source, `dgu${letters.has('i') ? 'i' : ''}`);
    beforeMatch(expression, '');
    return expression;
  } catch (error) {
    if (error instanceof ModuleFailure) throw error;
    throw new ModuleFailure(`not a valid regular expression: ${pattern} (${(error as Error).message})`);
  }
}

/** The first match, as re.search. */
export function pythonSearch(regex: RegExp, text: string): RegExpExecArray | null {
  regex.lastIndex = 0;
  return regex.exec(text);
}

/** A match at the very start, as re.match. */
export function pythonMatch(regex: RegExp, text: string): RegExpExecArray | null {
  const sticky = new RegExp(regex.source, `${regex.flags.replace('g', '')}y`);
  return sticky.exec(text);
}

/** A replacement text with `\1`, `\g<1>`, `\g<name>` and `\n` filled in from a match, as Match.expand. */
export function expandTemplate(template: string, match: RegExpExecArray): string {
  return template.replace(
    /\\(?:g<([^>]*)>|([1-9]\d?)|(0[0-7]{0,2})|([\s\S]))/g,
    (whole, name, number, octal, letter) => {
      if (name !== undefined) return groupOf(match, name as string, template);
      if (number !== undefined) return groupOf(match, number as string, template);
      if (octal !== undefined) return String.fromCharCode(Number.parseInt(octal as string, 8));
      const escaped = templateEscapes[letter as string];
      if (escaped !== undefined) return escaped;
      if (/[A-Za-z]/.test(letter as string)) throw new ModuleFailure(`bad escape ${whole} in replacement ${template}`);
      return letter === '\\' ? '\\' : whole;
    },
  );
}

const templateEscapes: Readonly<Record<string, string>> = {
  n: '\n',
  t: '\t',
  r: '\r',
  a: '\x07',
  b: '\b',
  f: '\f',
  v: '\v',
};

function groupOf(match: RegExpExecArray, name: string, template: string): string {
  const known = /^\d+$/.test(name) ? Number(name) < match.length : match.groups !== undefined && name in match.groups;
  if (!known) throw new ModuleFailure(`invalid group reference ${name} in replacement ${template}`);
  return (/^\d+$/.test(name) ? match[Number(name)] : match.groups?.[name]) ?? '';
}

/** Replaces all matches, as re.subn: the new text and how often. */
export function pythonReplace(regex: RegExp, replacement: string, text: string): { text: string; count: number } {
  let count = 0;
  let result = '';
  let end = 0;
  regex.lastIndex = 0;
  for (const match of text.matchAll(regex)) {
    count++;
    result += text.slice(end, match.index) + expandTemplate(replacement, match as RegExpExecArray);
    end = match.index + match[0].length;
  }
  return { text: result + text.slice(end), count };
}

class Translation {
  readonly #body: string;
  readonly #pattern: string;
  readonly #flags: ReadonlySet<string>;
  #at = 0;
  #result = '';

  constructor(body: string, pattern: string, flags: ReadonlySet<string>) {
    this.#body = body;
    this.#pattern = pattern;
    this.#flags = flags;
  }

  run(): string {
    while (this.#at < this.#body.length) this.#result += this.#next();
    return this.#result;
  }

  #next(): string {
    const rest = this.#body.slice(this.#at);
    const character = String.fromCodePoint(rest.codePointAt(0)!);
    switch (character) {
      case '\\':
        return this.#take(translateEscape(rest, this.#flags.has('a')));
      case '[':
        return this.#take(translateClass(rest, this.#flags.has('a')));
      case '(':
        return this.#group(rest);
      case '.':
        return this.#step(1, this.#flags.has('s') ? '[\\s\\S]' : '[^\\n]');
      case '^':
        return this.#step(1, this.#flags.has('m') ? '(?<![^\\n])' : '(?<![\\s\\S])');
      case '$':
        return this.#step(1, this.#flags.has('m') ? '(?![^\\n])' : '(?=\\n?(?![\\s\\S]))');
      case '{':
        return this.#braces(rest);
      case '}':
      case ']':
        return this.#step(1, `\\${character}`);
      default:
        if (this.#flags.has('x')) return this.#verbose(rest, character);
        return this.#step(character.length, character === '/' ? '\\/' : character);
    }
  }

  #step(length: number, text: string): string {
    this.#at += length;
    return text;
  }

  #take(part: { readonly length: number; readonly text: string }): string {
    return this.#step(part.length, part.text);
  }

  #group(rest: string): string {
    const comment = /^\(\?#[^)]*\)/.exec(rest);
    if (comment) return this.#step(comment[0].length, '');
    const reference = /^\(\?P=(\w+)\)/.exec(rest);
    if (reference) return this.#step(reference[0].length, `\\k<${reference[1]}>`);
    if (rest.startsWith('(?P<')) return this.#step(4, '(?<');
    const fine = /^\((?:\?(?:[:=!]|<[=!]))?(?!\?)/.exec(rest);
    if (fine) return this.#step(fine[0].length, fine[0]);
    const what = rest.slice(0, 4);
    throw new ModuleFailure(`the regular expression ${this.#pattern} has ${what}, which is not supported here`);
  }

  #braces(rest: string): string {
    const quantifier = /^\{(\d*)(,?)(\d*)\}/.exec(rest);
    if (!quantifier || quantifier[0] === '{}' || quantifier[0] === '{,}') return this.#step(1, '\\{');
    return this.#step(quantifier[0].length, `{${quantifier[1] || '0'}${quantifier[2]}${quantifier[3]}}`);
  }

  #verbose(rest: string, character: string): string {
    const ignored = /^(?:\s+|#[^\n]*)/.exec(rest);
    return ignored ? this.#step(ignored[0].length, '') : this.#step(character.length, character);
  }
}
