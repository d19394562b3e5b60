import { readFileSync } from 'node:fs';
import path from 'node:path';
import test from 'ava';
import { collectors, parseFacts, selectCollectors } from '../../../modules/setup/gather.ts';
import { selectSubsets } from '../../../modules/setup/subsets.ts';
import { packageRoot } from '../../../runner/root.ts';
import { Float } from '../../../runner/value.ts';

// What ansible-core's setup said of a machine, and what kplay's script printed there: record-tree.ts records both again.
const folder = path.join(packageRoot, 'test/conformance/facts/recorded');
const read = (file: string): unknown => JSON.parse(readFileSync(path.join(folder, file), 'utf8'));
const printed = (read('printed.json') as string[]).join('\n');
const { facts: theirs, names } = read('facts.json') as {
  readonly facts: Readonly<Record<string, unknown>>;
  readonly names: Readonly<Record<string, readonly string[]>>;
};

/** What kplay has not, or says otherwise: docs/facts.md says why. */
const different = new Set([
  '.ansible_python',
  '.ansible_python_version',
  '.ansible_selinux_python_present',
  // Of the shell and the interpreter that ask.
  '.ansible_env._',
  '.ansible_env.PWD',
  '.ansible_env.OLDPWD',
  '.ansible_env.SHLVL',
  '.ansible_env.LC_CTYPE',
]);

// Ansible does not find out that a mount is a bind mount where its path holds a blank.
for (const [index, { mount }] of (theirs.ansible_mounts as readonly { readonly mount: string }[]).entries())
  if (mount.includes(' ')) different.add(`.ansible_mounts[${index}].options`);

/** What is another one a second later: only its type is compared. */
const changing =
  /^\.ansible_(date_time\.(?!tz|year)|loadavg|memfree_mb|swapfree_mb|memory_mb\.|uptime_seconds|mounts\[\d+\]\.(size_available|(block|inode)_(available|used)))/;

/** Lists whose order means nothing. */
const unordered = /^\.ansible_(interfaces|virtualization_tech_\w+|all_ipv[46]_addresses)$/;

for (const [subset, expected] of Object.entries(names)) {
  test(`gather_subset ${subset}: the names of facts`, (t) => {
    const own = Object.keys(gathered(subset)).sort();
    t.deepEqual(
      own.filter((name) => !different.has(`.${name}`)),
      expected.filter((name) => !different.has(`.${name}`) && name !== 'gather_subset' && name !== 'module_setup'),
    );
  });
}

test('all facts have the types and values of Ansible’s', (t) => {
  const own = gathered('all');
  t.deepEqual(differences('', theirs, own), []);
});

function gathered(subset: string): Record<string, unknown> {
  const selected = selectCollectors(selectSubsets(subset.split(',')), collectors('/etc/ansible/facts.d'));
  const facts = parseFacts(printed, selected, (text) => {
    throw new Error(text);
  });
  return Object.fromEntries(Object.entries(facts).map(([name, value]) => [`ansible_${name}`, value]));
}

/** Where two trees are not the same. */
function differences(place: string, their: unknown, own: unknown): string[] {
  if (different.has(place) || /^\.(gather_subset|module_setup)$/.test(place)) return [];
  if (kindOf(their) !== kindOf(own)) return [`${place}: ${JSON.stringify(their)} and ${JSON.stringify(own)}`];
  if (Array.isArray(their) && Array.isArray(own)) return ofLists(place, their, own);
  if (kindOf(their) === 'dict') {
    const [one, other] = [their as Record<string, unknown>, own as Record<string, unknown>];
    const keys = new Set([...Object.keys(one), ...Object.keys(other)]);
    return [...keys].flatMap((key) => differences(`${place}.${key}`, one[key], other[key]));
  }
  if (changing.test(place)) return [];
  const value = own instanceof Float ? own.value : own;
  return their === value ? [] : [`${place}: ${JSON.stringify(their)} and ${JSON.stringify(value)}`];
}

function ofLists(place: string, their: readonly unknown[], own: readonly unknown[]): string[] {
  if (their.length !== own.length) return [`${place}: ${JSON.stringify(their)} and ${JSON.stringify(own)}`];
  const [one, other] = unordered.test(place) ? [[...their].sort(), [...own].sort()] : [their, own];
  return one.flatMap((entry, index) => differences(`${place}[${index}]`, entry, other[index]));
}

/** The type as a playbook sees it; JSON does not tell 1 from 1.0. */
function kindOf(value: unknown): string {
  if (value === null) return 'none';
  if (value instanceof Float) return 'number';
  return Array.isArray(value) ? 'list' : typeof value === 'object' ? 'dict' : typeof value;
}
