import { beforeMatch, countSteps } from '../../computing.ts';
import { checkCharacters } from '../../python/bounds.ts';
import { EvaluationError } from '../../python/evaluation-error.ts';
import { tuple, type V } from '../../python/object.ts';
import { equal, truth } from '../../python/operators.ts';
import { expandReplacement, pythonRegExp } from '../../python/regexp.ts';
import { str } from '../../python/text.ts';
import type { Value } from '../../value.ts';
import { type Callee, fn } from '../runtime/function.ts';
import { type Arguments, any, flag, integer, more, named, rest, string, text } from '../runtime/parameters.ts';

/** How a pattern is meant, for filters and tests that take no more than that. */
const ways = { ignorecase: flag(false), multiline: flag(false) };
type Ways = Arguments<typeof ways>;

function compiled(pattern: string, { ignorecase, multiline }: Ways): RegExp {
  return pythonRegExp(pattern, `${ignorecase ? 'i' : ''}${multiline ? 'm' : ''}`);
}

const replaceParameters = {
  pattern: string(''),
  replacement: string(''),
  ...ways,
  count: integer(0),
  mandatory_count: any(0),
};

function replace(value: V, args: Arguments<typeof replaceParameters>): string {
  const { pattern, replacement, count, mandatory_count: mandatory } = args;
  const whole = str(value);
  let done = 0;
  const expression = compiled(pattern, args);
  beforeMatch(expression, whole);
  let result = '';
  let end = 0;
  for (const match of whole.matchAll(expression)) {
    if (count > 0 && done >= count) break;
    countSteps();
    result += whole.slice(end, match.index) + expandReplacement(replacement, match);
    checkCharacters(result.length);
    end = match.index + match[0].length;
    done++;
  }
  if (truth(mandatory) && !equal(mandatory, done)) {
    throw new EvaluationError(
      `'${pattern}' should match ${str(mandatory)} times, but matches ${done} times in '${whole}'`,
    );
  }
  return result + whole.slice(end);
}

function findAll(value: V, pattern: string, how: Ways): V {
  const expression = compiled(pattern, how);
  const whole = str(value);
  beforeMatch(expression, whole);
  return Array.from(whole.matchAll(expression), (match) => {
    countSteps();
    if (match.length === 1) return match[0];
    if (match.length === 2) return match[1] ?? '';
    return tuple(match.slice(1).map((part) => part ?? ''));
  }) as Value[];
}

const searchParameters = {
  regex: string(),
  args: rest,
  ignorecase: named(ways.ignorecase),
  multiline: named(ways.multiline),
  // Ansible looks at no others.
  kwargs: more,
};

function search(value: V, { regex, args: groups, kwargs: _others, ...how }: Arguments<typeof searchParameters>): V {
  const expression = compiled(regex, how);
  const whole = str(value);
  beforeMatch(expression, whole);
  const match = expression.exec(whole);
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

function escapePattern(value: V, type: string): string {
  const whole = str(value);
  if (type === 'python') return whole.replace(/[\s()[\]{}?*+\-|^$\\.&~#]/g, '\\$&');
  if (type === 'posix_basic') return whole.replace(/[[\].^$*\\]/g, '\\$&');
  throw new EvaluationError(`Invalid regex type (${type})`);
}

/** A test with a regular expression: `match`, `search` and `regex`. */
function holds(value: V, pattern: string, how: Ways, kind: string): boolean {
  const whole = str(value);
  const expression = compiled(pattern, how);
  beforeMatch(expression, whole);
  if (kind === 'search') return expression.test(whole);
  if (kind !== 'match' && kind !== 'fullmatch') throw new EvaluationError(`Invalid match_type "${kind}"`);
  const source = kind === 'match' ? expression.source : `(?:${expression.source})$`;
  return new RegExp(source, expression.flags.replace('g', 'y')).test(whole);
}

/** Filters with regular expressions. */
export const regexFilters: Readonly<Record<string, Callee>> = {
  regex_replace: fn(replaceParameters, replace),
  regex_findall: fn(
    { regex: string(), multiline: ways.multiline, ignorecase: ways.ignorecase },
    (value, { regex, ...how }) => findAll(value, regex, how),
  ),
  regex_search: fn(searchParameters, search),
  regex_escape: fn({ re_type: text('python') }, (value, args) => escapePattern(value, args.re_type)),
};

const testParameters = { pattern: string(''), ...ways };

/** Tests with regular expressions. */
export const regexTests: Readonly<Record<string, Callee>> = {
  match: fn(testParameters, (value, { pattern, ...how }) => holds(value, pattern, how, 'match')),
  search: fn(testParameters, (value, { pattern, ...how }) => holds(value, pattern, how, 'search')),
  regex: fn({ ...testParameters, match_type: text('search') }, (value, { pattern, match_type: kind, ...how }) =>
    holds(value, pattern, how, kind),
  ),
};
