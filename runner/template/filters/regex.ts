import { beforeMatch, countSteps } from '../../computing.ts';
import { checkCharacters } from '../../python/bounds.ts';
import { EvaluationError } from '../../python/evaluation-error.ts';
import { requireInt } from '../../python/kinds.ts';
import { tuple, type V } from '../../python/object.ts';
import { truth } from '../../python/operators.ts';
import { expandReplacement, pythonRegExp } from '../../python/regexp.ts';
import { str } from '../../python/text.ts';
import type { Value } from '../../value.ts';
import { type Bound, type Callee, fn, keywordsOf } from '../runtime/function.ts';

function flags(ignoreCase: V | undefined, multiline: V | undefined): string {
  return `${truth(ignoreCase ?? false) ? 'i' : ''}${truth(multiline ?? false) ? 'm' : ''}`;
}

function replace(
  value: V,
  [pattern = '', replacement = '', ignoreCase, multiline, count = 0, mandatory = 0]: Bound,
): string {
  const text = str(value);
  const limit = requireInt(count, 'count');
  let done = 0;
  const expression = pythonRegExp(str(pattern), flags(ignoreCase, multiline));
  beforeMatch(expression, text);
  let result = '';
  let end = 0;
  for (const match of text.matchAll(expression)) {
    if (limit > 0 && done >= limit) break;
    countSteps();
    result += text.slice(end, match.index) + expandReplacement(str(replacement), match);
    checkCharacters(result.length);
    end = match.index + match[0].length;
    done++;
  }
  if (done < requireInt(mandatory, 'mandatory_count')) {
    throw new EvaluationError(
      `'${str(pattern)}' should match ${str(mandatory)} times, but matches ${done} times in '${text}'`,
    );
  }
  return result + text.slice(end);
}

function findAll(value: V, [pattern = '', multiline, ignoreCase]: Bound): V {
  const expression = pythonRegExp(str(pattern), flags(ignoreCase, multiline));
  const text = str(value);
  beforeMatch(expression, text);
  return Array.from(text.matchAll(expression), (match) => {
    countSteps();
    if (match.length === 1) return match[0];
    if (match.length === 2) return match[1] ?? '';
    return tuple(match.slice(1).map((part) => part ?? ''));
  }) as Value[];
}

function search(value: V, [pattern = '', names = [], keywords]: Bound): V {
  const groups = names as V[];
  const options = keywordsOf(keywords);
  const unknown = [...options.keys()].find((key) => key !== 'ignorecase' && key !== 'multiline');
  if (unknown !== undefined)
    throw new EvaluationError(`regex_search() got an unexpected keyword argument '${unknown}'`);
  const expression = pythonRegExp(str(pattern), flags(options.get('ignorecase'), options.get('multiline')));
  const text = str(value);
  beforeMatch(expression, text);
  const match = expression.exec(text);
  if (!match) return null;
  return groups.length === 0 ? match[0] : (groups.map((group) => groupOf(match, str(group))) as Value[]);
}

function groupOf(match: RegExpExecArray, reference: string): V {
  const name = /^\\g<(\w+)>$/.exec(reference)?.[1];
  const number = /^\\(\d+)$/.exec(reference)?.[1];
  if (name === undefined && number === undefined) throw new EvaluationError(`Unknown argument: ${reference}`);
  if (number !== undefined || /^\d+$/.test(name!)) {
    const index = Number(number ?? name);
    if (index >= match.length) throw new EvaluationError('no such group');
    return match[index] ?? null;
  }
  if (!match.groups || !(name! in match.groups)) throw new EvaluationError('no such group');
  return match.groups[name!] ?? null;
}

function escapePattern(value: V, [type = 'python']: Bound): string {
  const text = str(value);
  if (type === 'python') return text.replace(/[\s()[\]{}?*+\-|^$\\.&~#]/g, '\\$&');
  if (type === 'posix_basic') return text.replace(/[[\].^$*\\]/g, '\\$&');
  throw new EvaluationError(`Invalid regex type (${str(type)})`);
}

/** A test with a regular expression: `match`, `search` and `regex`. */
function test(standard: 'match' | 'search') {
  return (value: V, [pattern = '', ignoreCase, multiline, type = standard]: Bound): V => {
    const kind = str(type);
    const text = str(value);
    const expression = pythonRegExp(str(pattern), flags(ignoreCase, multiline));
    beforeMatch(expression, text);
    if (kind === 'search') return expression.test(text);
    if (kind !== 'match' && kind !== 'fullmatch') throw new EvaluationError(`Invalid match_type "${kind}"`);
    const source = kind === 'match' ? expression.source : `(?:${expression.source})$`;
    return new RegExp(source, expression.flags.replace('g', 'y')).test(text);
  };
}

/** Filters with regular expressions. */
export const regexFilters: Readonly<Record<string, Callee>> = {
  regex_replace: fn('pattern replacement ignorecase multiline count mandatory_count', replace),
  regex_findall: fn('regex multiline ignorecase', findAll),
  regex_search: fn('regex *groups **keywords', search),
  regex_escape: fn('re_type', escapePattern),
};

/** Tests with regular expressions. */
export const regexTests: Readonly<Record<string, Callee>> = {
  match: fn('pattern ignorecase multiline', test('match')),
  search: fn('pattern ignorecase multiline', test('search')),
  regex: fn('pattern ignorecase multiline match_type', test('search')),
};
