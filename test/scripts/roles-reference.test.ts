import { readFileSync } from 'node:fs';
import path from 'node:path';
import test from 'ava';
import { packageRoot } from '../../runner/root.ts';
import { readDefaults, rolesReference } from '../../scripts/roles-reference.ts';

test('comments of a defaults file go with the variables below them', (t) => {
  const yaml = `---
# What the role is.
# In two lines.

# First and second.
a: 1
b: "two"

# A list.
c:
  # Inside.
  - x

d: {}
# Without an empty line before it.
e: []
`;
  t.deepEqual(readDefaults(yaml), {
    summary: 'What the role is. In two lines.',
    entries: [
      {
        text: 'First and second.',
        variables: [
          ['a', '1'],
          ['b', '"two"'],
        ],
      },
      { text: 'A list.', variables: [['c', '\n  # Inside.\n  - x']] },
      { text: '', variables: [['d', '{}']] },
      { text: 'Without an empty line before it.', variables: [['e', '[]']] },
    ],
  });
});

test('docs/roles.md is what the roles’ defaults say: npm run docs writes it', (t) => {
  t.is(readFileSync(path.join(packageRoot, 'docs', 'roles.md'), 'utf8'), rolesReference(packageRoot));
});
