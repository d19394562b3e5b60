import { EvaluationError } from '../../python/evaluation-error.ts';
import { defined, isDict, typeName } from '../../python/kinds.ts';
import type { V } from '../../python/object.ts';
import { equal, truth } from '../../python/operators.ts';
import type { Mapping } from '../../value.ts';
import { type Callee, fn } from '../runtime/function.ts';

/** A test of a task's result. */
function resultTest(name: string, check: (result: Mapping) => boolean): Callee {
  return fn({}, (value) => {
    if (isDict(defined(value))) return check(value as Mapping);
    throw new EvaluationError(`The '${name}' test expects a dictionary, not ${typeName(value)}.`);
  });
}

function flag(result: Mapping, name: string): boolean {
  const value: V | undefined = Object.hasOwn(result, name) ? result[name] : undefined;
  return value !== undefined && truth(value);
}

const failed = (result: Mapping): boolean => flag(result, 'failed');

function changed(result: Mapping): boolean {
  if (Object.hasOwn(result, 'changed') || !Array.isArray(result.results)) return flag(result, 'changed');
  const [first] = result.results;
  if (first === undefined || !isDict(first) || !Object.hasOwn(first, 'changed')) return false;
  return result.results.some((item) => isDict(item) && flag(item, 'changed'));
}

/** Whether an asynchronous job's result says so in a field that is 1. */
function async(name: string, field: string): Callee {
  return resultTest(name, (result) => {
    if (field !== 'started' && field !== 'finished') return flag(result, field);
    const value = Object.hasOwn(result, field) ? result[field]! : 0;
    return equal(value, 1);
  });
}

function timedOut(result: Mapping): boolean {
  const value = Object.hasOwn(result, 'timedout') ? result.timedout! : false;
  return isDict(value) ? Object.hasOwn(value, 'period') && truth(value.period!) : truth(value);
}

const groups: readonly [readonly string[], (result: Mapping) => boolean][] = [
  [['failed', 'failure'], failed],
  [['succeeded', 'success', 'successful'], (result) => !failed(result)],
  [['changed', 'change'], changed],
  [['skipped', 'skip'], (result) => flag(result, 'skipped')],
  [['reachable'], (result) => !flag(result, 'unreachable')],
  [['unreachable'], (result) => flag(result, 'unreachable')],
  [['timedout'], timedOut],
];

/** Tests of what a task registered. */
export const resultTests: Readonly<Record<string, Callee>> = {
  ...Object.fromEntries(
    groups.flatMap(([names, check]) => names.map((name) => [name, resultTest(name, check)] as const)),
  ),
  started: async('started', 'started'),
  finished: async('finished', 'finished'),
};
