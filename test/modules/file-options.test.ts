import { readFileSync } from 'node:fs';
import path from 'node:path';
import test from 'ava';
import { load } from 'js-yaml';
import { createCatalog } from '../../runner/module/catalog.ts';
import { packageRoot } from '../../runner/root.ts';

interface Option {
  readonly type: string;
  readonly required?: boolean;
  readonly choices?: readonly string[];
  readonly aliases?: readonly string[];
  readonly elements?: string;
  readonly default?: unknown;
}

const file = path.join(packageRoot, 'test/fixtures/modules/ansible-file-options.json');
const ansible = JSON.parse(readFileSync(file, 'utf8')) as Record<string, Record<string, Option>>;

/** Where kplay is different on purpose: `module.option`, and what of it. */
const different: Readonly<Record<string, readonly string[]>> = {
  // A list or dict becomes JSON.
  'copy.content': ['type'],
  // The characters themselves are taken too.
  'template.newline_sequence': ['choices'],
  // Any regular expression.
  'lineinfile.insertafter': ['choices', 'default'],
  'lineinfile.insertbefore': ['choices'],
  'blockinfile.insertafter': ['choices', 'default'],
  'blockinfile.insertbefore': ['choices'],
  // Files of other encodings are changed byte by byte.
  'replace.encoding': ['choices'],
  'unarchive.extra_opts': ['default'],
  'known_hosts.hash_host': ['default'],
  'mount.fstab': ['default'],
  // Paths of the host, as those of command.
  'script.chdir': ['type'],
  'script.creates': ['type'],
  'script.removes': ['type'],
};

for (const [name, options] of Object.entries(ansible)) {
  test(`${name} has Ansible's arguments, documentation and an example`, async (t) => {
    const module = (await createCatalog().load(name))!;
    for (const [option, wanted] of Object.entries(options)) {
      const spec = module.args[option === 'free_form' ? module.freeForm! : option];
      t.truthy(spec, `${name} lacks ${option}`);
      if (!spec || spec.unsupported !== undefined || option === 'free_form') continue;
      const skipped = different[`${name}.${option}`] ?? [];
      const same = (property: string, actual: unknown, expected: unknown): void => {
        if (!skipped.includes(property)) t.deepEqual(actual, expected, `${property} of ${name}.${option}`);
      };
      same('type', spec.type, wanted.type);
      same('required', spec.required ?? false, wanted.required ?? false);
      same('choices', [...(spec.choices ?? [])].sort(), [...(wanted.choices ?? [])].sort());
      same('aliases', [...(spec.aliases ?? [])].sort(), [...(wanted.aliases ?? [])].sort());
      same('elements', spec.elements, wanted.elements);
      same('default', plain(spec.default), plain(wanted.default));
    }
    const tasks = load(module.examples!) as Record<string, unknown>[];
    t.true(tasks.every((task) => Object.keys(task).some((key) => key.endsWith(`.${name}`) || key.endsWith('.debug'))));
    t.true(Object.keys(module.returns ?? {}).length > 0);
  });
}

/** None, an empty one and false are the same. */
function plain(value: unknown): unknown {
  return value === undefined || value === false || value === '' || JSON.stringify(value) === '[]' ? null : value;
}
