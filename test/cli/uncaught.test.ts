import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { temporaryDirectory } from '../temporary.ts';

const main = fileURLToPath(new URL('../../runner/cli/main.cjs', import.meta.url));

/** kplay, to which SIGUSR2 does something that nobody has foreseen. */
function run(tasks: string, defect: string, ...flags: string[]) {
  const folder = temporaryDirectory('kplay-uncaught');
  writeFileSync(`${folder}/defect.mjs`, `process.on('SIGUSR2', () => { ${defect} });\n`);
  writeFileSync(`${folder}/play.yml`, `- hosts: all\n  gather_facts: false\n  tasks:\n${tasks}`);
  const args = ['--import', `${folder}/defect.mjs`, main, 'run', '-i', 'a,', '-c', 'local', `${folder}/play.yml`];
  return spawnSync(process.execPath, [...args, ...flags], { encoding: 'utf8', cwd: folder });
}

const tasks = `
    - command: "true"
    - shell: "kill -USR2 {{ lookup('pipe', 'echo $PPID') }}; exec sleep 600"
    - debug: {msg: nobody comes here}
`;

for (const [what, defect] of [
  ['an error that nobody caught', "throw new RangeError('made up')"],
  ['a promise that nobody waited for', "void Promise.reject(new RangeError('made up'))"],
] as const) {
  test(`${what} ends the run in order`, (t) => {
    const { status, stdout, stderr } = run(tasks, defect);
    t.is(status, 250);
    t.regex(stderr, /^kplay: internal error: RangeError: made up\. This is a defect/);
    t.notRegex(stderr, /^ +at /m);
    t.regex(stdout, /PLAY RECAP \**\na +: ok=1 /);
    t.notRegex(stdout, /nobody comes here/);
  });
}

test('the stack trace is shown with -vvv', (t) => {
  t.regex(run(tasks, "throw new RangeError('made up')", '-vvv').stderr, /^ +at .*defect\.mjs/m);
});

test('secrets are hidden in what nobody foresaw, too', (t) => {
  const { stderr } = run(
    tasks,
    "throw new RangeError('made up of EXAMPLE-s3cret')",
    '-vvv',
    '-e',
    'ansible_password=EXAMPLE-s3cret',
  );
  t.regex(stderr, /RangeError: made up of \*{8}/);
  t.notRegex(stderr, /EXAMPLE-s3cret/);
});

test('a module that fails after its directory was made fails on its host only', (t) => {
  const { status, stdout, stderr } = run(
    `
    - shell: mkdir -p dest/big/full; echo x >big; tar cf t.tar big
      args: {chdir: "{{ playbook_dir }}"}
    - unarchive: {src: "{{ playbook_dir }}/t.tar", dest: "{{ playbook_dir }}/dest", remote_src: true}
      ignore_errors: true
      environment: {TMPDIR: "{{ playbook_dir }}"}
    - debug: {msg: the run goes on}
    - find: {paths: "{{ playbook_dir }}", patterns: 'kplay-*', file_type: any}
      register: left
    - assert: {that: left.matched == 0}
`,
    '',
  );
  t.is(stderr, '');
  t.is(status, 0);
  t.regex(stdout, /failed to unpack .*big: Cannot open: File exists/);
  t.regex(stdout, /the run goes on/);
});
