import { ModuleFailure } from '../../runner/module/contract.ts';

const flagLetters: Readonly<Record<string, string>> = { i: 'i', m: 'm', s: 's', u: 'u' };

/**
 * A regular expression written for Python's `re`: named groups, `\A`, `\Z` and flags at the start are read as there.
 * Throws {@link ModuleFailure} when it is not valid.
 */
export function pythonRegExp(source: string, flags = ''): RegExp {
  const inline = /^\(\?([aimsux]+)\)/.exec(source);
  const body = (inline ? source.slice(inline[0].length) : source)
    .replace(/\\A/g, '(?<![\\s\\S])')
    .replace(/\\Z/g, '(?![\\s\\S])')
    .replace(/\(\?P</g, '(?<')
    .replace(/\(\?P=(\w+)\)/g, '\\k<$1>');
  const letters = [...(inline?.[1] ?? '')].map((letter) => flagLetters[letter] ?? '');
  try {
    return new RegExp(body, [...new Set([...flags, ...letters])].join(''));
  } catch (error) {
    throw new ModuleFailure(`not a valid regular expression: ${source} (${(error as Error).message})`);
  }
}
