import test from 'ava';
import { KplayError } from '../../runner/errors.ts';
import { tagsOf } from '../../runner/language/inherit.ts';
import type { Loaded } from '../../runner/language/load.ts';
import type { IncludeNode } from '../../runner/language/tree.ts';
import { walkNodes } from '../../runner/language/walk.ts';
import { copyProject, loadText, problemText } from './stubs/project.ts';
import { walkPlay } from './stubs/walk.ts';

const folder = copyProject();

async function includes(text: string): Promise<{ loaded: Loaded; nodes: IncludeNode[] }> {
  const { loaded, problems } = await loadText(folder, text);
  if (!loaded) throw new Error(problems.map((problem) => problem.message).join('\n'));
  const tasks = [...walkPlay(loaded.playbooks[0]!.plays[0]!)];
  return { loaded, nodes: tasks.filter((task) => task.type === 'include') };
}

test.serial('a file is read once for an include, and its tasks know their parents', async (t) => {
  const { loaded, nodes } = await includes(
    '- hosts: all\n  tasks:\n    - include_tasks: {file: "{{ f }}", apply: {tags: applied}}\n',
  );
  const [include] = nodes;
  const first = await loaded.includes.tasks('tasks/more.yml', include!);
  t.is(await loaded.includes.tasks('tasks/more.yml', include!), first);
  const names = [...walkNodes(first)].map((task) => task.keywords.name?.value);
  t.deepEqual(names, ['More', undefined, 'Leaf']);
  const [block] = first;
  t.is(block!.type === 'block' && block!.origin, 'include');
  t.is(block!.parent, include!);
  t.deepEqual(
    tagsOf([...walkNodes(first)][0]!).map((tag) => tag.value),
    ['applied'],
  );
});

test.serial('a file that is not there, or broken, is a problem at the include', async (t) => {
  const { loaded, nodes } = await includes('- hosts: all\n  tasks:\n    - include_tasks: "{{ f }}"\n');
  const missing = await t.throwsAsync(loaded.includes.tasks('nowhere.yml', nodes[0]!), { instanceOf: KplayError });
  t.regex(problemText(folder, missing!.problems[0]!), /^3:7 missing-file: There is no file of tasks "nowhere.yml"/);
  const broken = await t.throwsAsync(loaded.includes.tasks('tasks/dict.yml', nodes[0]!), { instanceOf: KplayError });
  t.regex(problemText(folder, broken!.problems[0]!), /^tasks\/dict.yml:1:1 parse: A file of tasks must hold a list/);
});

test.serial('an include in a role finds files of the role', async (t) => {
  const { loaded, nodes } = await includes('- hosts: all\n  roles: [web]\n');
  const found = await loaded.includes.tasks('other.yml', nodes[0]!);
  t.deepEqual(
    [...walkNodes(found)].map((task) => task.position.file),
    [`${folder}/roles/web/tasks/other.yml`],
  );
});

test.serial('a role is loaded with its dependencies, and other files of it on request', async (t) => {
  const { loaded, nodes } = await includes('- hosts: all\n  tasks:\n    - include_role: {name: "{{ r }}"}\n');
  const roles = await loaded.includes.role('web', { tasksFrom: 'other', public: true }, nodes[0]!);
  t.deepEqual(
    roles.map((role) => [role.role.name, role.via]),
    [
      ['base', 'dependency'],
      ['base', 'dependency'],
      ['web', 'include_role'],
    ],
  );
  const [, , web] = roles;
  t.true(web!.public);
  t.is(web!.parent, nodes[0]!);
  t.deepEqual([...walkNodes(web!.tasks)].length, 1);
  await t.throwsAsync(loaded.includes.role('wbe', {}, nodes[0]!), { message: 'There is no role "wbe".' });
});

test.serial('includes that include themselves end', async (t) => {
  const { loaded, nodes } = await includes('- hosts: all\n  tasks:\n    - include_tasks: tasks/again.yml\n');
  const again = await loaded.includes.tasks('tasks/again.yml', nodes[0]!);
  t.is([...walkNodes(again)].length, 2);
});
