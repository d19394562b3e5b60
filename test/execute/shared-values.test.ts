import path from 'node:path';
import test from 'ava';
import { directoryWith, start } from '../cli/kplay-process.ts';

/** Variables that are 2^40 values in 40 lines: each line holds the one before twice. */
function vars(): string {
  const lines = ['v0: &v0 ["{{ 1 }}"]'];
  for (let level = 1; level <= 40; level++) lines.push(`v${level}: &v${level} [*v${level - 1}, *v${level - 1}]`);
  return lines.join('\n');
}

test('values that YAML aliases share are looked at once, and not shown in full', async (t) => {
  const directory = directoryWith(t, {
    'vars.yml': vars(),
    'inventory.yml': 'all:\n  hosts: {a: }\n',
    'play.yml': `
- hosts: all
  gather_facts: false
  vars_files: [vars.yml]
  tasks:
    - set_fact: {kept: "{{ v40 }}"}
    - debug: {var: kept}
    - debug: {msg: "{{ kept | length }} {{ kept == v40 }}"}
      loop: "{{ [v40] }}"
    - debug: {msg: "{{ v40 }}"}
    - add_host: {name: b, big: "{{ v40 }}"}
    - add_host: {name: b, big: "{{ v40 }}"}
    - debug: {var: hostvars.b}
    - copy: {content: "{{ v40 }}", dest: /dev/null}
      ignore_errors: true
    - command: "true"
      environment: {LIST: "{{ v40 }}"}
`,
  });
  for (const format of [['-vvv'], ['--json']]) {
    const arguments_ = [
      'run',
      path.join(directory, 'play.yml'),
      '-i',
      path.join(directory, 'inventory.yml'),
      '-c',
      'local',
    ];
    const { stdout, stderr, code } = await start([...arguments_, ...format]).end;
    t.is(code, 2, stderr);
    t.regex(stdout, /\(\d+ values, too many to show\)/);
    t.regex(stdout, /2 True/);
    t.regex(stdout, /The argument ..?content..? holds \d+ values, which is too many to write out/);
    t.regex(stdout, /The environment holds \d+ values, which is too many to write out/);
  }
});
