import { writeFileSync } from 'node:fs';
import path from 'node:path';
import test from 'ava';
import { formatProblem } from '../../runner/language/snippet.ts';
import { temporaryDirectory } from '../temporary.ts';

const file = path.join(temporaryDirectory('kplay-snippet'), 'play.yml');
writeFileSync(file, '- hosts: all\n  tasks:\n    - debgu: x\n\tb: c\n  db_password: hunter2\n');

test('shows the line, the one before it, a caret, and what to do', (t) => {
  const text = formatProblem({
    code: 'unknown-module',
    message: 'There is no module "debgu".',
    position: { file, line: 3, column: 7 },
    hint: 'Did you mean "debug"?',
  });
  t.is(
    text,
    `ERROR There is no module "debgu".
  at ${file}:3:7

  2 |   tasks:
  3 |     - debgu: x
    |       ^
  hint: Did you mean "debug"?`,
  );
});

test('keeps tabs, so that the caret stands below its character', (t) => {
  const text = formatProblem({ code: 'yaml', message: 'x', position: { file, line: 4, column: 2 } });
  t.regex(text, /\n {2}4 \| \tb: c\n {4}\| \t\^$/);
});

test('shows no secrets', (t) => {
  const text = formatProblem({ code: 'yaml', message: 'x', position: { file, line: 5, column: 3 } });
  t.notRegex(text, /hunter2/);
  t.regex(text, /db_password: \*+/);
});

test('does without a place, a file, or a line that is there', (t) => {
  t.is(formatProblem({ code: 'options', message: 'No.' }), 'ERROR No.');
  t.is(
    formatProblem({ code: 'yaml', message: 'x', position: { file: '/nowhere', line: 1, column: 2 } }),
    'ERROR x\n  at /nowhere:1:2',
  );
  t.is(
    formatProblem({ code: 'yaml', message: 'x', position: { file, line: 99, column: 2 } }),
    `ERROR x\n  at ${file}:99:2`,
  );
});
