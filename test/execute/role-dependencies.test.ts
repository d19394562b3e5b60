import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import test from 'ava';
import { directoryWith, start } from '../cli/kplay-process.ts';

const files: Readonly<Record<string, string>> = {
  'base/defaults': 'base_value: from the base\n',
  'outer/meta': 'dependencies: [{role: base}]\n',
  'outer/defaults': 'outer_value: "{{ base_value }}, through the outer"\n',
  'outer/tasks': '- import_role: {name: inner}\n  vars: {inner_value: "{{ outer_value }}"}\n',
  'inner/meta': 'dependencies: [{role: base}]\n',
  'inner/tasks': '- debug: {msg: "{{ inner_value }}; {{ base_value }}"}\n',
};

// As ansible-core 2.21.5 has it; its output differs in the lines of include_role.
test('a dependency that does not run again is seen by the tasks of the role that asks for it', async (t) => {
  const play = '- hosts: all\n  gather_facts: false\n  tasks:\n    - include_role: {name: outer}\n';
  const directory = directoryWith(t, { 'play.yml': play });
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(path.join(directory, 'roles', name), { recursive: true });
    writeFileSync(path.join(directory, 'roles', name, 'main.yml'), text);
  }
  const { code, stdout } = await start(['run', path.join(directory, 'play.yml'), '-i', 'a,', '-c', 'local']).end;
  t.is(code, 0, stdout);
  t.regex(stdout, /"msg": "from the base, through the outer; from the base"/);
});
