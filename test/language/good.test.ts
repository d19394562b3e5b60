import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import test from 'ava';
import { mapping } from '../../runner/value.ts';
import { copyProject, fixtures, loadText, problemText } from './stubs/project.ts';
import { plainTree, wrongParents } from './stubs/tree-text.ts';

/** Extra vars of all playbooks here. */
const extraVars = mapping([['file', 'imported']]);
const good = path.join(fixtures, 'good');
const folder = copyProject();

for (const file of readdirSync(good).filter((name) => name.endsWith('.yml'))) {
  test.serial(file, async (t) => {
    const { loaded, problems } = await loadText(folder, readFileSync(path.join(good, file), 'utf8'), extraVars, file);
    t.deepEqual(
      problems.map((problem) => problemText(folder, problem)),
      [],
    );
    const expected = JSON.parse(readFileSync(path.join(good, file.replace('.yml', '.json')), 'utf8')) as unknown;
    t.deepEqual(JSON.parse(JSON.stringify(plainTree(folder, loaded!.playbooks[0]!.plays))), expected);
    t.deepEqual(wrongParents(loaded!.playbooks[0]!), []);
  });
}
