import { execFile } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import test from 'ava';
import { temporaryDirectory } from '../temporary.ts';

const main = fileURLToPath(new URL('../../runner/cli/main.js', import.meta.url));

/** Writes files, and lists a playbook's tasks. */
async function list(files: Readonly<Record<string, string>>, ...words: string[]) {
  const folder = temporaryDirectory('kplay-lists');
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
    writeFileSync(path.join(folder, name), text);
  }
  const call = ['run', path.join(folder, 'play.yml'), '-i', 'localhost,', '--list-tasks', ...words];
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [main, ...call]);
  return { said: stdout, warned: stderr.replaceAll(`${folder}/`, '') };
}

const files = {
  'play.yml': `
- hosts: all
  tags: play
  tasks:
    - import_tasks: twice.yml
    - import_tasks: twice.yml
      tags: second
    - import_role: {name: bare}
    - block:
        - action: ping
          tags: [play, own]
        - {name: Last, local_action: {module: ping}, tags: never}
      always:
        - {name: Not listed, ping: , tags: [second, cleanup]}
    - meta: flush_handlers
`,
  'twice.yml': '- name: In a file\n  vars: {a: 1, a: 2}\n  debug: {msg: "{{ not checked }"}\n',
  'roles/bare/tasks/main.yaml': '- {name: Of the role, command: hostname}\n',
};

test('lists selected tasks with all their tags; a file that is used twice is warned of once', async (t) => {
  const { said, warned } = await list(files);
  t.deepEqual(
    said.split('\n').filter((line) => line.includes('TAGS')),
    [
      '  play #1 (all): all\tTAGS: [play]',
      '      In a file\tTAGS: [play]',
      '      In a file\tTAGS: [play, second]',
      '      bare : Of the role\tTAGS: [play]',
      '      ping\tTAGS: [own, play]',
      '      meta\tTAGS: [play]',
    ],
  );
  t.is(said.split('"a" is written twice').length + warned.split('"a" is written twice').length - 2, 1, said + warned);
});

test('lists what --tags selects, and the tags of it', async (t) => {
  const { said } = await list(files, '--tags', 'never,second', '--list-tags');
  t.deepEqual(
    said.split('\n').filter((line) => line.includes('TAGS')),
    [
      '  play #1 (all): all\tTAGS: [play]',
      '      In a file\tTAGS: [play, second]',
      '      Last\tTAGS: [never, play]',
      '      TASK TAGS: [never, play, second]',
    ],
  );
});

test('lists tasks with never and their tags where tags are asked for', async (t) => {
  const { said } = await list(files, '--list-tags');
  t.regex(said, /TASK TAGS: \[never, own, play, second\]/);
  t.true(said.includes('      Last\tTAGS: [never, play]\n'));
});

test('a task without a name is listed by its action alone, as Ansible lists it', async (t) => {
  const play = '- hosts: all\n  roles: [some]\n  tasks:\n    - include_role: {name: some}\n';
  const role =
    '- ansible.builtin.ping:\n- {name: Named, ping: }\n- {name: Included, include_role: {name: other}}\n- include_role: {name: other}\n';
  const { said } = await list({
    'play.yml': play,
    'roles/some/tasks/main.yml': role,
    'roles/other/tasks/main.yml': '[]\n',
  });
  t.deepEqual(
    said.split('\n').filter((line) => line.startsWith('      ')),
    ['ansible.builtin.ping', 'some : Named', 'Included', 'include_role', 'include_role'].map(
      (name) => `      ${name}\tTAGS: []`,
    ),
  );
});
