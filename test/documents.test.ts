import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import test from 'ava';
import { load } from 'js-yaml';
import { packageRoot } from '../runner/root.ts';
import { defaultsOf, playbooks, roles } from './sample-inventories.ts';

/** How many rows each document has. */
const rows = { D1: 18, D2: 13, D3: 12, D4: 23, D5: 14 };

interface Row {
  readonly id: string;
  readonly tasks: string;
  readonly variables: string;
  readonly tests: string;
}

function readRows(): Row[] {
  const lines = readFileSync(path.join(packageRoot, 'docs', 'documents.md'), 'utf8').split('\n');
  return lines
    .filter((line) => /^\| D\d\.\d/.test(line))
    .map((line) => {
      const [, id, , tasks, variables, tests] = line.split('|').map((cell) => cell.trim());
      return { id: id!, tasks: tasks!, variables: variables!, tests: tests! };
    });
}

function words(cell: string): string[] {
  return [...cell.matchAll(/`([^`]+)`/g)].map(([, word]) => word!);
}

const expected = Object.entries(rows).flatMap(([document, count]) =>
  Array.from({ length: count }, (_, index) => `${document}.${index + 1}`),
);

test('docs/documents.md has each row of the documents once', (t) => {
  t.deepEqual(
    readRows().map(({ id }) => id),
    expected,
  );
});

test('the roles, task files and playbooks that docs/documents.md names exist', (t) => {
  for (const { id, tasks } of readRows()) {
    t.true(words(tasks).length > 0, id);
    for (const word of words(tasks)) {
      t.regex(word, /^(roles|playbooks|docs)\//, `${id}: ${word}`);
      t.true(existsSync(path.join(packageRoot, word)), `${id}: ${word}`);
    }
  }
});

test('the variables that docs/documents.md names are some role’s, or the inventory’s', (t) => {
  const known = new Set(roles().flatMap(defaultsOf));
  for (const { id, variables } of readRows()) {
    for (const word of words(variables)) t.true(known.has(word) || word === 'ansible_host', `${id}: ${word}`);
  }
});

test('the tests that docs/documents.md names exist, by their titles', (t) => {
  for (const { id, tests } of readRows()) {
    t.true(words(tests).length > 0, id);
    for (const part of tests.split(/;\s*(?=`)/)) {
      const [file] = words(part);
      t.true(file !== undefined && /^test\/.*\.ts$/.test(file), `${id}: ${part}`);
      const there = existsSync(path.join(packageRoot, file!));
      t.true(there, `${id}: ${file}`);
      const text = there ? readFileSync(path.join(packageRoot, file!), 'utf8') : '';
      for (const [, title] of part.matchAll(/"([^"]+)"/g)) t.true(text.includes(title!), `${id}: ${file}: ${title}`);
    }
  }
});

test('docs/playbooks.md names every playbook, and variables and tags that there are', (t) => {
  const text = readFileSync(path.join(packageRoot, 'docs', 'playbooks.md'), 'utf8');
  const named = new Set(text.match(/playbooks\/[\w-]+\.yml/g));
  t.deepEqual([...named].sort(), playbooks());
  const known = new Set(roles().flatMap(defaultsOf));
  const variables = words(text).filter(
    (word) => /^[a-z]+(_[a-z]+)+$/.test(word) && !/^(cri_dockerd|group_vars|host_vars)$/.test(word),
  );
  const tags = new Set(
    playbooks().flatMap((file) => readFileSync(path.join(packageRoot, file), 'utf8').match(/[\w-]+/g) ?? []),
  );
  t.deepEqual(
    variables.filter((word) => !known.has(word) && !tags.has(word)),
    [],
  );
  const table = text.split('\n## ').find((part) => part.startsWith('What ha.yml does'))!;
  const first = table.split('\n').filter((line) => line.startsWith('| `'));
  t.deepEqual(
    first.flatMap((line) => words(line.split('|')[1]!)).filter((tag) => !tags.has(tag)),
    [],
  );
});

test('the roles’ defaults can be read, and each variable begins with its role’s name', (t) => {
  for (const role of roles()) {
    const file = path.join(packageRoot, 'roles', role, 'defaults', 'main.yml');
    if (!existsSync(file)) continue;
    const names = Object.keys((load(readFileSync(file, 'utf8')) ?? {}) as object);
    t.deepEqual(
      names.filter((name) => !name.startsWith(`${role}_`)),
      [],
      role,
    );
  }
});
