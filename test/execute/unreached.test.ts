import type { ExecutionContext } from 'ava';
import test from 'ava';
import { directoryWith, start } from '../cli/kplay-process.ts';

const head = '- hosts: one\n  gather_facts: false\n  vars: {passed: false, taken: true}\n';

/** What kplay says of a play and of what it includes. */
async function kplay(
  t: ExecutionContext,
  words: readonly string[],
  play: string,
  files: Readonly<Record<string, string>> = {},
): Promise<{ readonly code: number | null; readonly stdout: string; readonly stderr: string }> {
  const directory = directoryWith(t, { ...files, 'play.yml': head + play });
  return start([...words, '-i', 'one,', '-c', 'local', `${directory}/play.yml`], { PATH: process.env.PATH! }).end;
}

/** Tasks that cannot be run, and what is said of them. */
const broken: readonly (readonly [title: string, task: string, said: RegExp])[] = [
  ['an unknown module', 'acme.tools.thing: {a: 1}', /There is no module "acme\.tools\.thing"/],
  ['an unknown module in the older form', 'action: thing a=1', /There is no module "thing"/],
  ['an unknown argument', 'command: {cmd: "true", colour: red}', /there is no argument "colour"/],
  ['a missing argument', 'copy: {dest: /tmp/never}', /one of "src" or "content" is required/],
  ['text that is no argument', 'set_fact: no pair', /this is no name=value/],
  ['an unknown filter', 'debug: {msg: "{{ 1 | nosuch }}"}', /There is no filter "nosuch"/],
  ['an unknown test', 'debug: {msg: "{{ 1 is nosuch }}"}', /There is no test "nosuch"/],
  ['a file that is not there', 'copy: {src: nowhere, dest: /tmp/never}', /nowhere/],
  ['a template that is not there', 'template: {src: nowhere.j2, dest: /tmp/never}', /nowhere\.j2/],
  ['an include that is not there', 'include_tasks: nowhere.yml', /There is no file of tasks "nowhere\.yml"/],
  ['a role that is not there', 'include_role: {name: nowhere}', /There is no role "nowhere"/],
  [
    'an unknown argument of an include',
    'include_tasks: {file: tasks.yml, colour: red}',
    /there is no argument "colour"/,
  ],
  ['a keyword that is not supported', '{command: "true", async: 5, poll: 0}', /poll: 0/],
  ['a way to become another user that there is not', '{command: "true", become: true, become_method: magic}', /magic/],
  ['the debugger', '{command: "true", debugger: always}', /no task debugger/],
];

const asTask = (task: string, keywords: string): string =>
  task.startsWith('{') ? `{${task.slice(1, -1)}, ${keywords}}` : `{${task}, ${keywords}}`;
const included = { 'tasks.yml': '- debug: {msg: included}\n' };

for (const [title, task, said] of broken) {
  test(`${title} behind a condition is a warning, and an error only where it is reached`, async (t) => {
    const never = await kplay(t, ['run'], `  tasks:\n    - ${asTask(task, 'when: passed')}\n`, included);
    t.regex(never.stderr, said);
    t.regex(never.stderr, /\[WARNING\]: play\.yml:5:\d+: |\[WARNING\]: .*play\.yml:5:\d+: /);
    t.is(never.code, 0, never.stdout + never.stderr);
    const reached = await kplay(t, ['run'], `  tasks:\n    - ${asTask(task, 'when: taken')}\n`, included);
    t.is(reached.code, 2, reached.stdout + reached.stderr);
    t.regex(reached.stdout, /^fatal: \[one\]: FAILED!/m);
  });

  test(`${title} stops a run that is sure to reach it, a strict one and lint`, async (t) => {
    const sure = await kplay(t, ['run'], `  tasks:\n    - ${asTask(task, 'tags: []')}\n`, included);
    t.regex(sure.stderr, said);
    t.not(sure.code, 0);
    t.is(sure.stdout, '');
    for (const words of [['run', '--strict'], ['lint']]) {
      const strict = await kplay(t, words, `  tasks:\n    - ${asTask(task, 'when: passed')}\n`, included);
      t.regex(strict.stderr, said);
      t.not(strict.code, 0);
      t.is(strict.stdout, '');
    }
  });
}

test('so it is where a failure is rescued or ignored, and among handlers', async (t) => {
  const play = `  tasks:
    - {thing: {}, ignore_errors: true, register: result}
    - debug: {msg: "{{ result.failed }} {{ result.msg }}"}
    - block: [{thing: {}}]
      rescue: [{debug: {msg: "rescued: {{ ansible_failed_result.msg }}"}}]
  handlers:
    - {name: never, thing: {}}
`;
  const { stdout, stderr, code } = await kplay(t, ['run'], play);
  t.is(code, 0, stdout + stderr);
  t.regex(stdout, /"msg": "True There is no module \\"thing\\"/);
  t.regex(stdout, /"msg": "rescued: There is no module \\"thing\\"/);
  t.is(stderr.match(/There is no module "thing"/g)?.length, 3);
});

test('what is included behind a condition is read when it is reached, and fails at its task', async (t) => {
  const files = { 'tasks.yml': '- debug: {msg: first}\n- {thing: {}}\n', 'no.yml': 'a: [' };
  const play = `  tasks:
    - {include_tasks: no.yml, when: passed}
    - {include_tasks: tasks.yml, when: taken}
`;
  const { stdout, stderr, code } = await kplay(t, ['run'], play, files);
  t.is(code, 2, stdout + stderr);
  t.regex(stdout, /"msg": "first"[\s\S]*fatal: \[one\]: FAILED! => \{.*There is no module \\"thing\\"/);
});

test('a notified handler that is not there is a warning behind a condition', async (t) => {
  const never = await kplay(t, ['run'], '  tasks:\n    - {command: "true", notify: nobody, when: passed}\n');
  t.is(never.code, 0, never.stderr);
  t.regex(never.stderr, /There is no handler "nobody"/);
  const sure = await kplay(t, ['run'], '  tasks:\n    - {command: "true", notify: nobody}\n');
  t.not(sure.code, 0);
  t.is(sure.stdout, '');
});

test('a condition that is asked for sure stops the run when its syntax is wrong', async (t) => {
  const { stdout, stderr, code } = await kplay(t, ['run'], '  tasks:\n    - {debug: {msg: x}, when: a = b}\n');
  t.not(code, 0);
  t.is(stdout, '');
  t.regex(stderr, /"=" is no operator|unexpected|operator/);
});

test('what is wrong in a variable is a warning, and fails the task that uses it', async (t) => {
  const play = `  tasks:
    - {debug: {msg: fine}, vars: {unused: "{{ 1 | nosuch }}"}}
    - {debug: {msg: "{{ used }}"}, vars: {used: "{{ 1 | nosuch }}"}, ignore_errors: true}
`;
  const { stdout, stderr, code } = await kplay(t, ['run'], play);
  t.is(code, 0, stdout + stderr);
  t.regex(stdout, /"msg": "fine"[\s\S]*fatal: \[one\]: FAILED! => .*There is no filter \\"nosuch\\"/);
  t.is(stderr.match(/There is no filter "nosuch"/g)?.length, 2);
  t.not((await kplay(t, ['lint'], play)).code, 0);
});

test('words that name a secret are hidden in the warning and in the failure', async (t) => {
  const play = '  tasks:\n    - {set_fact: "no pair password=swordfish pair", when: taken}\n';
  const { stdout, stderr, code } = await kplay(t, ['run'], play);
  t.is(code, 2);
  t.regex(stderr, /this is no name=value/);
  t.notRegex(stdout + stderr, /swordfish/);
});
