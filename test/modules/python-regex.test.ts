import { readFileSync } from 'node:fs';
import path from 'node:path';
import test from 'ava';
import { expandTemplate, pythonRegex, pythonReplace, pythonSearch } from '../../modules/shared/python-regex.ts';
import { packageRoot } from '../../runner/root.ts';

/** Where Python's re.search finds each pattern in each text; null for a pattern that it refuses. */
const recorded = JSON.parse(
  readFileSync(path.join(packageRoot, 'test/fixtures/modules/python-regex.json'), 'utf8'),
) as {
  readonly texts: readonly string[];
  readonly cases: readonly (readonly [string, readonly (readonly [number, number] | null)[] | null])[];
};

test('patterns find what Python finds', (t) => {
  t.true(recorded.cases.length > 50);
  for (const [pattern, found] of recorded.cases) {
    if (found === null) {
      t.throws(() => pythonRegex(pattern), { message: /regular expression/ }, pattern);
      continue;
    }
    const regex = pythonRegex(pattern);
    for (const [index, text] of recorded.texts.entries()) {
      const match = pythonSearch(regex, text);
      t.deepEqual(
        match && [match.index, match.index + match[0].length],
        found[index],
        `${pattern} in ${JSON.stringify(text)}`,
      );
    }
  }
});

test('replacements are filled in as Python does it', (t) => {
  const match = pythonSearch(pythonRegex('(?P<first>a)(b)?'), 'ac')!;
  t.is(expandTemplate('\\1-\\2-\\g<first>\\g<0>\\n\\\\\\-', match), 'a--aa\n\\\\-');
  t.throws(() => expandTemplate('\\3', match), { message: /invalid group reference/ });
  t.throws(() => expandTemplate('\\q', match), { message: /bad escape/ });
  t.deepEqual(pythonReplace(pythonRegex('x*'), '-', 'axb'), { text: '-a--b-', count: 4 });
});

test('what JavaScript cannot do is refused', (t) => {
  for (const pattern of ['(?i:a)', '(a)(?(1)b|c)', '(?>a)', 'a++']) {
    t.throws(() => pythonRegex(pattern), { message: /not supported/ }, pattern);
  }
});
