import test from 'ava';
import {
  displayName,
  environmentOf,
  keywordsAround,
  nearest,
  notifyOf,
  tagsOf,
  whenOf,
} from '../../runner/language/inherit.ts';
import type { IncludeNode, PlayNode, TaskNode } from '../../runner/language/tree.ts';
import { copyProject, loadText } from './stubs/project.ts';
import { walkPlay, walkTasks } from './stubs/walk.ts';

const folder = copyProject();

async function play(text: string): Promise<{ play: PlayNode; tasks: (TaskNode | IncludeNode)[] }> {
  const { loaded, problems } = await loadText(folder, text);
  if (!loaded) throw new Error(problems.map((problem) => problem.message).join('\n'));
  const [only] = loaded.playbooks[0]!.plays;
  return { play: only!, tasks: [...walkPlay(only!)] };
}

const nested = `
- hosts: all
  tags: p
  become: no
  environment: {A: play}
  roles:
    - {role: web, tags: r, when: role_on, become: yes}
  tasks:
    - name: Outer
      block:
        - block:
            - name: Inner
              ping:
              when: c
              tags: [t, b]
              environment: {A: task}
            - ping:
              become: "{{ x }}"
          when: b
          tags: b
          become_user: two
      when: [a1, a2]
      become_user: one
      notify: hand
    - import_tasks: tasks/leaf.yml
      when: i
      tags: i
      run_once: yes
    - include_tasks: tasks/leaf.yml
      when: n
      tags: n
  handlers:
    - {name: hand, ping: }
`;

test.serial('conditions and environments add up from outside, tags of all levels count', async (t) => {
  const { play: only, tasks } = await play(nested);
  const inner = tasks.find((task) => task.keywords.name?.value === 'Inner')!;
  t.deepEqual(
    whenOf(inner, only).map((one) => one.value),
    ['a1', 'a2', 'b', 'c'],
  );
  t.deepEqual(
    tagsOf(inner, only).map((tag) => tag.value),
    ['p', 'b', 't'],
  );
  t.deepEqual(
    environmentOf(inner, only).map((one) => ({ ...(one.value as object) })),
    [{ A: 'play' }, { A: 'task' }],
  );
  t.deepEqual(
    notifyOf(inner as TaskNode).map((one) => one.value),
    ['hand'],
  );
});

test.serial('the nearest value of a keyword wins', async (t) => {
  const { play: only, tasks } = await play(nested);
  const inner = tasks.find((task) => task.keywords.name?.value === 'Inner')!;
  t.is(nearest(keywordsAround(inner, only), 'becomeUser')?.value, 'two');
  t.is(nearest(keywordsAround(inner, only), 'become')?.value, false);
  const after = tasks[tasks.indexOf(inner) + 1]!;
  t.is(nearest(keywordsAround(after, only), 'become')?.value, '{{ x }}');
  t.is(nearest(keywordsAround(after, only), 'runOnce'), undefined);
});

test.serial('roles hand on their keywords to dependencies and to what they import', async (t) => {
  const { play: only, tasks } = await play(nested);
  const [dependency] = tasks;
  t.is(displayName(dependency!), 'base : ping');
  t.deepEqual(
    tagsOf(dependency!, only).map((tag) => tag.value),
    ['p', 'r', 'base'],
  );
  t.deepEqual(
    whenOf(dependency!, only).map((one) => one.value),
    ['role_on'],
  );
  t.is(nearest(keywordsAround(dependency!, only), 'become')?.value, true);
  const configuration = tasks.find((task) => task.keywords.name?.value === 'Configuration')!;
  t.is(displayName(configuration), 'web : Configuration');
  t.deepEqual(
    whenOf(configuration, only).map((one) => one.value),
    ['role_on', 'web_configure'],
  );
  t.deepEqual(
    tagsOf(configuration, only).map((tag) => tag.value),
    ['p', 'r', 'configure'],
  );
});

test.serial('handlers of a role inherit from the use that they belong to', async (t) => {
  const { play: only } = await play(nested);
  const role = only.roles.find((one) => one.role.name === 'web')!;
  const handler = role.handlers[0] as TaskNode;
  t.is(displayName(handler), 'web : restart web');
  t.deepEqual(
    whenOf(handler, only).map((one) => one.value),
    ['role_on'],
  );
});

test.serial('imports hand on their keywords, includes keep them', async (t) => {
  const { loaded } = await loadText(folder, nested);
  const [only] = loaded!.playbooks[0]!.plays;
  const leaf = [...walkPlay(only!)].find((task) => task.keywords.name?.value === 'Leaf')!;
  t.deepEqual(
    whenOf(leaf, only).map((one) => one.value),
    ['i'],
  );
  t.is(nearest(keywordsAround(leaf, only), 'runOnce')?.value, true);
  const include = [...walkPlay(only!)].at(-1) as IncludeNode;
  const [block] = await loaded!.includes.tasks('tasks/leaf.yml', include);
  const included = block!.type === 'block' ? block!.block[0]! : block!;
  t.deepEqual(
    whenOf(included, only).map((one) => one.value),
    [],
  );
  t.deepEqual(
    tagsOf(included, only).map((tag) => tag.value),
    ['p'],
  );
});

test.serial('every task of a playbook is found with its play', async (t) => {
  const { loaded } = await loadText(folder, nested);
  t.deepEqual(
    [...walkTasks(loaded!.playbooks[0]!)].map(({ task }) => displayName(task)),
    [
      'base : ping',
      'base : ping',
      'web : Install',
      'web : Configuration',
      'web : include_tasks',
      'Inner',
      'ping',
      'Leaf',
      'include_tasks',
    ],
  );
});
