import test from 'ava';
import { isSelected } from '../../runner/strategy/tags.ts';

// Expected values are what ansible-playbook --list-tasks of ansible-core 2.14 shows for a play with one task of each kind.
const kinds: Record<string, string[]> = {
  plain: [],
  a: ['a'],
  always: ['always'],
  never: ['never'],
  'a-never': ['a', 'never'],
};

const cases: [only: string[], skip: string[], selected: string[]][] = [
  [[], [], ['plain', 'a', 'always']],
  [['a'], [], ['a', 'always', 'a-never']],
  [['tagged'], [], ['a', 'always']],
  [['untagged'], [], ['plain', 'always']],
  [['never'], [], ['always', 'never', 'a-never']],
  [['all'], ['a'], ['plain', 'always']],
  [[], ['always'], ['plain', 'a']],
  [[], ['tagged'], ['plain']],
  [[], ['untagged'], ['a', 'always']],
  [[], ['all'], ['always']],
  [['a'], ['never'], ['a', 'always']],
];

for (const [only, skip, selected] of cases) {
  test(`--tags "${only.join()}" --skip-tags "${skip.join()}"`, (t) => {
    const chosen = Object.keys(kinds).filter((kind) => isSelected(kinds[kind]!, { only, skip }));
    t.deepEqual(chosen, selected);
  });
}
