import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import test from 'ava';
import { temporaryDirectory } from '../temporary.ts';
import { loadText, problemText } from './stubs/project.ts';

// What stands here of ansible-core was seen with 2.21.5: it runs acme.tools.ping for "ping" in each of the refused tasks.

const runtime = `plugin_routing:
  modules:
    copy: {redirect: acme.more.copy}
    fail: {redirect: ansible.builtin.fail}
    command: {tombstone: {removal_version: 1.0.0}}
    debug: {deprecation: {removal_version: 3.0.0}}
`;

function project(): string {
  const folder = temporaryDirectory('kplay-collections');
  const tools = path.join(folder, 'collections/ansible_collections/acme/tools');
  const files: Record<string, string> = {
    'plugins/modules/ping.py': '',
    'plugins/action/assert.py': '',
    'meta/runtime.yml': runtime,
    'roles/pings/tasks/main.yml': '- ping:\n- ansible.builtin.ping:\n',
  };
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(tools, name)), { recursive: true });
    writeFileSync(path.join(tools, name), text);
  }
  writeFileSync(path.join(folder, 'tasks.yml'), '- ping:\n');
  return folder;
}

const folder = project();

async function problemsOf(play: string): Promise<string[]> {
  const text = `- hosts: all\n  ${play.replaceAll('\n', '\n  ')}\n`;
  const { problems } = await loadText(folder, text, undefined, undefined, true);
  return problems.map((problem) => problemText(folder, problem));
}

const means = (module: string, place: string, list: string): string =>
  `${place} unsupported: "${module}" means acme.tools.${module} here, which kplay does not have.\n` +
  `    acme.tools comes first by play.yml:${list}. Write ansible.builtin.${module} where that is meant.`;

const refused: readonly (readonly [title: string, play: string, problem: string])[] = [
  ['of a play', 'collections: [acme.tools]\ntasks:\n  - ping:', means('ping', '4:7', '2:17')],
  ['of a handler', 'collections: [acme.tools]\nhandlers:\n  - {name: x, ping: }', means('ping', '4:17', '2:17')],
  ['of a block', 'tasks:\n  - collections: acme.tools\n    block: [{ping: }]', means('ping', '4:16', '3:20')],
  ['of a task', 'tasks:\n  - ping:\n    collections: [acme.tools]', means('ping', '3:7', '4:21')],
  ['in an older form', 'tasks:\n  - action: ping\n    collections: [acme.tools]', means('ping', '3:15', '4:21')],
  ['of an import', 'tasks:\n  - import_tasks: tasks.yml\n    collections: [acme.tools]', ''],
  ['of an action', 'tasks:\n  - assert: {that: true}\n    collections: [acme.tools]', means('assert', '3:7', '4:21')],
  [
    'led elsewhere',
    'tasks:\n  - copy: {content: a, dest: /b}\n    collections: [acme.tools]',
    means('copy', '3:7', '4:21'),
  ],
  ['that is gone', 'tasks:\n  - command: a\n    collections: [acme.tools]', means('command', '3:7', '4:21')],
];

for (const [title, play, problem] of refused) {
  test.serial(`a module ${title} that means a collection’s is refused`, async (t) => {
    const found = await problemsOf(play);
    if (problem !== '') t.deepEqual(found, [problem]);
    else t.regex(found.join('\n'), /tasks\.yml:1:3 unsupported: "ping" means acme\.tools\.ping/);
  });
}

test.serial('a collection’s role knows its own modules first', async (t) => {
  const found = await problemsOf('roles: [acme.tools.pings]');
  t.is(found.length, 1);
  t.regex(found[0]!, /main\.yml:1:3 unsupported: "ping" means acme\.tools\.ping/);
  t.regex(found[0]!, /The role is of acme\.tools, which comes first\. Write ansible\.builtin\.ping/);
});

for (const [title, play] of [
  ['full names', 'collections: [acme.tools]\ntasks: [{ansible.builtin.ping: }]'],
  ['a list without collections', 'collections: [acme.tools]\ntasks: [{ping: , collections: []}]'],
  ['Ansible’s own before others', 'collections: [ansible.builtin, acme.tools]\ntasks: [{ping: }]'],
  ['modules that the collection has not', 'collections: [acme.tools]\ntasks: [{set_fact: {a: 1}}]'],
  ['names led to Ansible’s own', 'collections: [acme.tools]\ntasks: [{fail: }]'],
  ['names with a deprecation', 'collections: [acme.tools]\ntasks: [{debug: }]'],
  ['what include_tasks brings', 'tasks:\n  - {include_tasks: tasks.yml, collections: [acme.tools]}'],
] as const) {
  test.serial(`collections change nothing for ${title}`, async (t) => t.deepEqual(await problemsOf(play), []));
}

test.serial('what a collections keyword does not do is warned of with its place', async (t) => {
  const { problems, warnings } = await loadText(
    folder,
    `- hosts: all
  collections: ["{{ x }}", acme, acme.absent, community.general, acme.absent]
  roles: [{role: acme.tools.pings, collections: [acme.tools]}]
  tasks:
    - ping:
    - {include_tasks: tasks.yml, collections: [acme.tools]}
    - {include_role: {name: acme.tools.pings, apply: {collections: [acme.tools]}}}
`,
  );
  t.is(problems.length, 1);
  t.deepEqual(
    warnings.map((warning) => warning.replace(/ is not in [^;]*;/, ' is not in …;')),
    [
      'collections: "{{ x }}" is no name of a collection (NAMESPACE.NAME) and is passed over',
      'collections: "acme" is no name of a collection (NAMESPACE.NAME) and is passed over',
      'collections means nothing beside the name of a role: in Ansible, too, those of the play and of the role count',
      "collections: acme.absent is not in …; short names mean kplay's own modules, whatever it has",
      'collections means nothing beside include_tasks: what is included does not inherit it, but what stands in apply',
      'collections means nothing in apply of include_role: a role has its own (meta/main.yml)',
    ],
  );
});
