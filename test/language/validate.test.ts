import { readFileSync } from 'node:fs';
import path from 'node:path';
import test from 'ava';
import type { ArgumentRules, ArgumentSchema, ArgumentSpec } from '../../runner/module/arguments.ts';
import { validateArguments } from '../../runner/module/validate.ts';
import type { Mapping, Value } from '../../runner/value.ts';
import { fixtures } from './stubs/project.ts';

interface Recorded {
  readonly spec: Record<string, Partial<ArgumentSpec>>;
  readonly args: Mapping;
  readonly mutually_exclusive?: string[][];
  readonly required_together?: string[][];
  readonly required_one_of?: string[][];
  readonly required_if?: ArgumentRules['requiredIf'];
  readonly required_by?: Record<string, string[]>;
  readonly values?: Record<string, unknown>;
  readonly failed?: boolean;
}

const recorded = JSON.parse(readFileSync(path.join(fixtures, 'arguments.json'), 'utf8')) as Recorded[];
/** Where kplay means to differ from Ansible, by the case's arguments and type. */
const differences = JSON.parse(readFileSync(path.join(fixtures, 'arguments-differences.json'), 'utf8')) as Record<
  string,
  string
>;

function schema(spec: Recorded['spec']): ArgumentSchema {
  const entries = Object.entries(spec).map(([name, one]) => {
    const options = one.options && schema(one.options as Recorded['spec']);
    return [name, { type: 'str', doc: '', ...one, ...(options ? { options } : {}) }] as const;
  });
  return Object.fromEntries(entries) as ArgumentSchema;
}

function rulesOf(one: Recorded): ArgumentRules {
  return {
    ...(one.mutually_exclusive ? { mutuallyExclusive: one.mutually_exclusive } : {}),
    ...(one.required_together ? { requiredTogether: one.required_together } : {}),
    ...(one.required_one_of ? { requiredOneOf: one.required_one_of } : {}),
    ...(one.required_if ? { requiredIf: one.required_if } : {}),
    ...(one.required_by ? { requiredBy: one.required_by } : {}),
  };
}

function withoutNulls(value: Value | undefined): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value as Mapping).filter(([, entry]) => entry !== null && entry !== undefined);
  return Object.fromEntries(entries.map(([key, entry]) => [key, withoutNulls(entry)]));
}

for (const [index, one] of recorded.entries()) {
  const title = `${index + 1}. ${
    one.spec.a?.type ??
    Object.keys(one)
      .filter((key) => key.includes('_'))
      .join()
  } ${JSON.stringify(one.args)}`;
  test(title, (t) => {
    const { args, problems } = validateArguments(schema(one.spec), rulesOf(one), one.args, 'module');
    const actual = problems.length > 0 ? 'failed' : withoutNulls(args);
    const expected = one.failed ? 'failed' : withoutNulls(one.values as Mapping);
    const key = title.slice(title.indexOf(' ') + 1).trim();
    if (key in differences) t.notDeepEqual(actual, expected, 'a listed difference is none any more');
    else t.deepEqual(actual, expected, `${JSON.stringify(actual)} in place of ${JSON.stringify(expected)}`);
  });
}

test('values that are templates are left for run time', (t) => {
  const { problems } = validateArguments(
    {
      count: { type: 'int', doc: '' },
      state: { type: 'str', choices: ['on'], doc: '' },
      list: { type: 'list', elements: 'int', doc: '' },
    },
    { mutuallyExclusive: [['count', 'state']], requiredIf: [['state', 'on', ['list']]] },
    { count: '{{ n }}', state: '{{ s }}', list: ['{{ n }}', 'x'] },
    'module',
    { templated: (value) => typeof value === 'string' && value.includes('{{') },
  );
  t.deepEqual(
    problems.map((problem) => problem.message),
    ['module: "list[1]" must be a whole number, not "x".'],
  );
});

test('values of secret arguments are not in messages', (t) => {
  const { problems } = validateArguments(
    { pin: { type: 'int', noLog: true, doc: '' } },
    undefined,
    { pin: 'hunter2' },
    'module',
  );
  t.deepEqual(
    problems.map((problem) => problem.message),
    ['module: "pin" must be a whole number.'],
  );
});

test('refused arguments say why, deprecated ones warn', (t) => {
  const { problems, warnings } = validateArguments(
    { a: { type: 'str', unsupported: 'Use b.', doc: '' }, b: { type: 'str', deprecated: 'use c', doc: '' } },
    undefined,
    { a: 'x', b: 'y' },
    'module',
  );
  t.deepEqual(problems, [
    { code: 'unsupported', message: 'module: the argument "a" is not supported: Use b.', position: undefined },
  ]);
  t.deepEqual(warnings, ['module: "b" is deprecated: use c']);
});

test('extra arguments are kept where a module takes them', (t) => {
  const { args } = validateArguments({}, undefined, { x: [1] }, 'module', { extraArguments: true });
  t.deepEqual({ ...args }, { x: [1] });
});
