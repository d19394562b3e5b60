import { readFileSync } from 'node:fs';
import path from 'node:path';
import test from 'ava';
import { copyProject, fixtures, loadText, problemText } from './stubs/project.ts';

/** Every case: `=== title`, a playbook, `---> `, and what is said about it. */
const cases = readFileSync(path.join(fixtures, 'broken.txt'), 'utf8')
  .split(/^=== /m)
  .slice(1)
  .map((section) => {
    const [head = '', expected = ''] = section.split(/^--->\n/m);
    const newline = head.indexOf('\n');
    return { title: head.slice(0, newline), playbook: head.slice(newline + 1), expected: expected.trimEnd() };
  });

const folder = copyProject();

// One after another, as all write the same file.
for (const [index, { title, playbook, expected }] of cases.entries()) {
  test.serial(`${index + 1}. ${title}`, async (t) => {
    const { problems } = await loadText(folder, playbook, undefined, undefined, true);
    t.is(problems.map((problem) => problemText(folder, problem)).join('\n'), expected);
  });
}
