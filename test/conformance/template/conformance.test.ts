import { readFileSync } from 'node:fs';
import path from 'node:path';
import test from 'ava';
import { KplayError } from '../../../runner/errors.ts';
import { readYamlFile } from '../../../runner/language/yaml.ts';
import { entriesOf } from '../../../runner/python/dict.ts';
import { floatText } from '../../../runner/python/literal.ts';
import { packageRoot } from '../../../runner/root.ts';
import { createTemplar } from '../../../runner/template/create.ts';
import type { TemplateRules } from '../../../runner/template/rules.ts';
import type { TemplateContext } from '../../../runner/template/templar.ts';
import { Float, isMapping, isTemporal, type Mapping, type Value } from '../../../runner/value.ts';

/** What real Ansible made of a case, written by record.py. */
interface Recorded {
  readonly kind: 'expr' | 'text' | 'file' | 'test';
  readonly source: string;
  readonly result?: unknown;
  readonly error?: string;
  readonly undefined?: boolean;
}

const folder = path.join(packageRoot, 'test/conformance/template');
/** Recordings, by version of ansible-core, and the rules that kplay is to follow for them. */
const versions: Readonly<Record<string, TemplateRules>> = { '2.14': '2.18', '2.18': '2.18', '2.21': '2.19' };
/** Where kplay means to differ, by version and case, and why. */
const differences = JSON.parse(readFileSync(path.join(folder, 'known-differences.json'), 'utf8')) as Record<
  string,
  Record<string, string>
>;
process.env.KPLAY_CASE = 'from the environment';

const templar = createTemplar();

function freshContext(rules: TemplateRules): TemplateContext {
  const variables = readYamlFile(path.join(folder, 'variables.yml')) as Mapping;
  return {
    scope: {
      get: (name) => (Object.hasOwn(variables, name) ? variables[name] : undefined),
      has: (name) => Object.hasOwn(variables, name),
      names: () => Object.keys(variables),
      trustedText: (name) => (typeof variables[name] === 'string' ? variables[name] : undefined),
    },
    rules,
    searchPath: [folder],
    playbookFolder: folder,
  };
}

function encode(value: Value): unknown {
  if (value instanceof Float) return { $float: floatText(value.value) };
  if (typeof value === 'number') return Number.isFinite(value) ? value : { $float: floatText(value) };
  if (typeof value === 'bigint') return { $int: String(value) };
  if (Array.isArray(value)) {
    const list = Array.from(value, encode);
    return value.constructor.name === 'Tuple' ? { $tuple: list } : list;
  }
  if (isTemporal(value)) return { $text: value.text() };
  if (isMapping(value)) return encodeDict(value);
  return value;
}

function encodeDict(dict: Mapping): unknown {
  const entries = entriesOf(dict);
  if (entries.every(([key]) => typeof key === 'string'))
    return Object.fromEntries(entries.map(([key, item]) => [key, encode(item)]));
  return { $dict: entries.map(([key, item]) => [encode(key as Value), encode(item)]) };
}

function evaluate({ kind, source }: Recorded, rules: TemplateRules): Value {
  const context = freshContext(rules);
  if (kind === 'expr') return templar.evaluate(source, context);
  if (kind === 'text') return templar.render(source, context);
  if (kind === 'file') return templar.renderFile(source, path.join(folder, 'templates/case.j2'), context);
  return templar.test(source, context);
}

/** What kplay makes of a case, in the form of the recording. */
function outcome(item: Recorded, rules: TemplateRules): Omit<Recorded, 'kind' | 'source'> {
  try {
    return { result: encode(evaluate(item, rules)) };
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

for (const [version, rules] of Object.entries(versions)) {
  test(`templates mean what they mean in ansible-core ${version}`, (t) => {
    const text = readFileSync(path.join(folder, `recorded-${version}.json`), 'utf8');
    const recorded = JSON.parse(text) as Recorded[];
    const known = differences[version] ?? {};
    const failures: string[] = [];
    const seen = new Set<string>();
    for (const item of recorded) {
      const actual = outcome(item, rules);
      const name = `${item.kind}: ${item.source}`;
      seen.add(name);
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
    t.deepEqual(
      Object.keys(known).filter((name) => !seen.has(name)),
      [],
    );
  });
}
