import { readFileSync } from 'node:fs';
import path from 'node:path';
import test from 'ava';
import { packageRoot } from '../../runner/root.ts';
import { languageReference } from '../../scripts/language-reference.ts';

test('docs/language.md is what the tables of keywords say: npm run docs writes it', (t) => {
  t.is(readFileSync(path.join(packageRoot, 'docs', 'language.md'), 'utf8'), languageReference());
});
