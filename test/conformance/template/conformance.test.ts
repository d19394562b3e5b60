import { readFileSync } from 'node:fs';
import path from 'node:path';
import test from 'ava';
import { KplayError } from '../../../runner/errors.ts';
import { readYamlFile } from '../../../runner/language/yaml.ts';
import { packageRoot } from '../../../runner/root.ts';
import { createTemplar } from '../../../runner/template/create.ts';
import type { TemplateContext } from '../../../runner/template/templar.ts';
import { Float, isMapping, type Mapping, type Value } from '../../../runner/value.ts';

/** What real Ansible made of a case, written by record.py. */
interface Recorded {
  readonly kind: 'expr' | 'text' | 'file' | 'test';
  readonly source: string;
  readonly result?: unknown;
  readonly error?: string;
  readonly undefined?: boolean;
}

const folder = path.join(packageRoot, 'test/conformance/template');
const recorded = JSON.parse(readFileSync(path.join(folder, 'recorded.json'), 'utf8')) as Recorded[];
const known = JSON.parse(readFileSync(path.join(folder, 'known-differences.json'), 'utf8')) as Record<string, string>;
process.env.KPLAY_CASE = 'from the environment';

const templar = createTemplar();

function freshContext(): TemplateContext {
  const variables = readYamlFile(path.join(folder, 'variables.yml')) as Mapping;
  return {
    scope: {
      get: (name) => (Object.hasOwn(variables, name) ? variables[name] : undefined),
      has: (name) => Object.hasOwn(variables, name),
      names: () => Object.keys(variables),
    },
    searchPath: [folder],
    playbookFolder: folder,
  };
}

function encode(value: Value): unknown {
  if (value instanceof Float) return { $float: value.value };
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) return { $float: value > 0 ? 'inf' : value < 0 ? '-inf' : 'nan' };
    return value;
  }
  if (typeof value === 'bigint') return { $int: String(value) };
  if (Array.isArray(value)) {
    const list = Array.from(value, encode);
    return value.constructor.name === 'Tuple' ? { $tuple: list } : list;
  }
  if (isMapping(value)) return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, encode(item)]));
  return value;
}

function evaluate({ kind, source }: Recorded): Value {
  const context = freshContext();
  if (kind === 'expr') return templar.evaluate(source, context);
  if (kind === 'text') return templar.render(source, context);
  if (kind === 'file') return templar.renderFile(source, path.join(folder, 'templates/case.j2'), context);
  return templar.test(source, context);
}

/** What kplay makes of a case, in the form of the recording. */
function outcome(item: Recorded): Omit<Recorded, 'kind' | 'source'> {
  try {
    return { result: encode(evaluate(item)) };
  } catch (error) {
    if (!(error instanceof KplayError)) throw error;
    const problem = error.problems[0]!;
    return {
      error: problem.message,
      undefined: problem.code === 'undefined',
      ...(problem.code === 'internal' ? { result: error.cause } : {}),
    };
  }
}

/** Without the order of keys, which JavaScript changes for keys that are numbers. */
function same(a: unknown, b: unknown): boolean {
  return canonical(a) === canonical(b);
}

/** A recorded value with lists for tuples: that is how they leave a template from ansible-core 2.19 on. */
function withoutTuples(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutTuples);
  if (typeof value !== 'object' || value === null) return value;
  if ('$tuple' in value) return withoutTuples(value.$tuple);
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, withoutTuples(item)]));
}

function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, item) =>
    typeof item === 'object' && item !== null && '$text' in item ? item.$text : item,
  );
}

function agrees(expected: Recorded, actual: Omit<Recorded, 'kind' | 'source'>): boolean {
  if (expected.error === undefined) {
    if (actual.error !== undefined) return false;
    return (
      same(expected.result, actual.result) ||
      (expected.kind === 'text' && same(withoutTuples(expected.result), actual.result))
    );
  }
  if (actual.error === undefined || 'result' in actual) return false;
  return !expected.undefined || actual.undefined === true;
}

test('templates mean what they mean in Ansible', (t) => {
  const failures: string[] = [];
  for (const item of recorded) {
    const actual = outcome(item);
    const name = `${item.kind}: ${item.source}`;
    const { kind, source, ...expected } = item;
    if (agrees(item, actual) === (known[name] === undefined)) continue;
    failures.push(
      known[name] === undefined
        ? `${kind}: ${source}\n    Ansible: ${canonical(expected)}\n    kplay:   ${canonical(actual)}`
        : `${name}\n    is listed as a known difference, but agrees`,
    );
  }
  t.true(recorded.length > 1000);
  t.deepEqual(failures, [], `${failures.length} of ${recorded.length} differ:\n${failures.join('\n')}`);
});
