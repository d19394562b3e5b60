import { readFileSync } from 'node:fs';
import path from 'node:path';
import test from 'ava';
import { collectors, selectCollectors } from '../../../modules/setup/gather.ts';
import { selectSubsets } from '../../../modules/setup/subsets.ts';
import { packageRoot } from '../../../runner/root.ts';

// What ansible-core gathers is in recorded/; record-subsets.py records it again.
const recorded = JSON.parse(
  readFileSync(path.join(packageRoot, 'test/conformance/facts/recorded/subsets.json'), 'utf8'),
) as readonly { readonly asked: readonly string[]; readonly gathered: readonly string[] | null }[];

for (const { asked, gathered } of recorded) {
  test(`gather_subset: ${JSON.stringify(asked)}`, (t) => {
    if (gathered === null) {
      t.throws(() => selectSubsets(asked), { message: /^Bad subset 'nonsense' given to Ansible\. .*: all, all_ipv4/ });
      return;
    }
    const selection = selectSubsets(asked);
    t.deepEqual([...selection.subsets].sort(), [...gathered]);
    const kinds = selectCollectors(selection, collectors('/etc/ansible/facts.d')).map(({ subset }) => subset);
    const empty = ['facter', 'ohai', 'python'];
    t.deepEqual(
      [...new Set(kinds)].sort(),
      gathered.filter((name) => !empty.includes(name)),
    );
  });
}

test('a single kind of hardware can be left out', (t) => {
  const kinds = (...asked: string[]): string[] =>
    selectCollectors(selectSubsets(asked), collectors('/etc/ansible/facts.d')).map(({ name }) => name);
  t.false(kinds('all', '!mounts').includes('mounts'));
  t.true(kinds('all', '!mounts').includes('devices'));
  t.true(kinds('!all', '!min', 'hardware').includes('mounts'));
  t.true(kinds('all', '!mounts', 'mounts').includes('mounts'));
});
