import { readFileSync } from 'node:fs';
import path from 'node:path';
import test from 'ava';
import { KplayError } from '../../runner/errors.ts';
import { parseYaml, parseYamlDocuments, positionOfRoot } from '../../runner/language/yaml.ts';
import { placeOfKey, placeOfValue, rememberPlace } from '../../runner/position.ts';
import { entriesOf } from '../../runner/python/dict.ts';
import { packageRoot } from '../../runner/root.ts';
import { Float, isMapping, isTemporal, type Mapping, UnsafeText, type Value } from '../../runner/value.ts';

interface Recorded {
  readonly text: string;
  readonly value?: unknown;
  readonly error?: string;
}

const folder = path.join(packageRoot, 'test', 'fixtures', 'language', 'yaml');
const recorded = JSON.parse(readFileSync(path.join(folder, 'recorded.json'), 'utf8')) as Recorded[];
/** Where kplay means to differ from PyYAML, by text, and why. */
const differences = JSON.parse(readFileSync(path.join(folder, 'differences.json'), 'utf8')) as Record<string, string>;

/** A value in the form of the recording. */
function plain(value: Value): unknown {
  if (value instanceof Float) return { $float: pythonFloat(value.value) };
  if (value instanceof UnsafeText) return { $unsafe: value.text };
  if (typeof value === 'bigint') return { $int: String(value) };
  if (typeof value === 'number' && !Number.isInteger(value)) return { $float: pythonFloat(value) };
  if (isTemporal(value)) return { $date: value.text() };
  if (Array.isArray(value)) return value.map(plain);
  return isMapping(value) ? plainDict(value) : value;
}

/** JSON's objects hold keys that are strings, and in JavaScript not in the order of those that are whole numbers. */
function plainDict(dict: Mapping): unknown {
  const entries = entriesOf(dict);
  if (entries.every(([key]) => typeof key === 'string' && !/^\d+$/.test(key)))
    return Object.fromEntries(entries.map(([key, entry]) => [key, plain(entry)]));
  return { $dict: entries.map(([key, entry]) => [plain(key as Value), plain(entry)]) };
}

function pythonFloat(value: number): string {
  if (Number.isNaN(value)) return 'nan';
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf';
  return Object.is(value, -0) ? '-0.0' : Number.isInteger(value) ? value.toFixed(1) : String(value);
}

function read(text: string): unknown {
  try {
    return plain(parseYaml(text, 'case.yml'));
  } catch (error) {
    if (!(error instanceof KplayError)) throw error;
    return { $error: error.message };
  }
}

for (const { text, value, error } of recorded) {
  test(`reads as Ansible does: ${JSON.stringify(text)}`, (t) => {
    const actual = read(text);
    const failed = typeof actual === 'object' && actual !== null && '$error' in actual;
    const same = error !== undefined ? failed : !failed && t.deepEqual !== undefined;
    if (text in differences) {
      const expected = error !== undefined ? undefined : JSON.stringify(value);
      t.true(
        error !== undefined ? !failed : JSON.stringify(actual) !== expected,
        'a listed difference is none any more',
      );
      return;
    }
    t.true(same, `kplay: ${JSON.stringify(actual)}, Ansible: ${error ?? JSON.stringify(value)}`);
    if (error === undefined) t.deepEqual(actual, value);
  });
}

test('remembers where entries stand', (t) => {
  const text = '---\n- name: "x y"\n  list:\n    - {a: 1}\n  text: |\n    one\n    two\n  none:\n';
  const root = parseYaml(text, 'f.yml') as Value[];
  const first = root[0] as Mapping;
  t.deepEqual(positionOfRoot(root), { file: 'f.yml', line: 2, column: 1 });
  t.deepEqual(placeOfValue(root, 0), { file: 'f.yml', line: 2, column: 3 });
  t.deepEqual(placeOfKey(first, 'name'), { file: 'f.yml', line: 2, column: 3 });
  t.deepEqual(placeOfValue(first, 'name'), { file: 'f.yml', line: 2, column: 10 });
  t.deepEqual(placeOfValue((first.list as Value[])[0] as Mapping, 'a'), { file: 'f.yml', line: 4, column: 11 });
  t.deepEqual(placeOfValue(first, 'text'), { file: 'f.yml', line: 6, column: 5 });
  t.deepEqual(placeOfKey(first, 'none'), { file: 'f.yml', line: 8, column: 3 });
});

test('finds the places of entries in dicts of any size, and those that were remembered since', (t) => {
  for (const count of [3, 100]) {
    const names = Array.from({ length: count }, (_, index) => `key_${index}`);
    const dict = parseYaml(`${names.map((name) => `${name}: 1\n`).join('')}key_1: 2\n`, 'f.yml') as Mapping;
    t.deepEqual(placeOfValue(dict, 'key_2'), { file: 'f.yml', line: 3, column: 8 });
    t.is(placeOfKey(dict, 'key_1')?.line, count + 1, 'the last of two counts');
    t.is(placeOfValue(dict, 'other'), undefined);
    rememberPlace(dict, 'key_2', { file: 'g.yml', line: 7, column: 1 });
    rememberPlace(dict, 'other', { file: 'g.yml', line: 8, column: 1 });
    t.deepEqual(placeOfKey(dict, 'key_2'), { file: 'g.yml', line: 7, column: 1 });
    t.is(placeOfValue(dict, 'other')?.line, 8);
    t.is(placeOfKey(dict, 'key_0')?.line, 1);
  }
});

test('tells of duplicate keys, the last of which counts', (t) => {
  const warnings: string[] = [];
  const value = parseYaml('a: 1\nb: 2\na: 3\n', 'f.yml', {
    warn: (text, position) => warnings.push(`${position?.line} ${text}`),
  });
  t.deepEqual(plain(value), { a: 3, b: 2 });
  t.deepEqual(warnings, ['3 The key "a" is written twice in this dict; the last one counts.']);
});

test('reads several documents', (t) => {
  t.deepEqual(parseYamlDocuments('a\n---\n- 1\n', 'f.yml').map(plain), ['a', [1]]);
});

test('keys named like parts of objects are ordinary keys', (t) => {
  const value = parseYaml('__proto__: {x: 1}\nconstructor: 2\n', 'f.yml') as Mapping;
  t.deepEqual(Object.keys(value), ['__proto__', 'constructor']);
  t.is((value as { x?: unknown }).x, undefined);
});

for (const [text, place, message, hint] of [
  ['a:\n\tb: 1\n', '2:1', 'A tab is used for indentation.', /spaces/],
  ['- name: {{ x }}\n', '1:10', 'This template is not quoted, so YAML reads it as a dict.', /must be quoted/],
  ['- name: {{ x }}/y\n', '1:16', 'This template is not quoted, so YAML reads it as a dict.', /must be quoted/],
  ["a: 'b\nc: d\n", '3:1', 'A single quoted text is not closed.', /closing quote/],
  ['a: "b\nc: d\n', '3:1', 'A double quoted text is not closed.', /closing quote/],
  ['- name: a: b\n', '1:10', 'A plain text holds ": ", which YAML reads as another key.', /Quote/],
  ['- when: "a" in b\n', '1:13', 'There is text after a closing quote.', /whole/],
  ['a: [1, 2\nb: 3\n', '2:2', 'A comma is missing between two entries.', /closing/],
  ['a: [1, 2\n', '2:1', 'A "[" or "{" is not closed.', /closing/],
  ['a: 1\n b: 2\n', '2:3', 'This line is indented in a way that fits no dict or list around it.', /Align/],
  ['a: !foo x\n', '1:4', 'The YAML tag "!foo" is not known.', /Quote/],
  ['a: !vault |\n  x\n', '1:4', 'Values encrypted with ansible-vault (!vault) are not supported.', /secret/],
  ['a: *x\n', '1:4', 'There is no anchor "&x" before this alias.', undefined],
  ['a: &x [*x]\n', '1:8', 'The alias "*x" stands inside of what it means.', undefined],
] as const) {
  test(`explains ${JSON.stringify(text)}`, (t) => {
    const error = t.throws(() => parseYaml(text, 'f.yml'), { instanceOf: KplayError })!;
    const [problem] = error.problems;
    t.is(problem!.message, message);
    t.is(`${problem!.position!.line}:${problem!.position!.column}`, place);
    if (hint) t.regex(problem!.hint ?? '', hint);
  });
}
