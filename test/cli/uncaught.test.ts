import { spawn, spawnSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ExecutionContext } from 'ava';
import test from 'ava';

const main = fileURLToPath(new URL('../../runner/cli/main.cjs', import.meta.url));

function temporaryFolder(t: ExecutionContext): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'kplay-uncaught-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  return folder;
}

/** kplay, to which SIGUSR2 does something that nobody has foreseen. */
function run(t: ExecutionContext, tasks: string, defect: string, ...flags: string[]) {
  const folder = temporaryFolder(t);
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
    const { status, stdout, stderr } = run(t, tasks, defect);
    t.is(status, 250);
    t.regex(stderr, /^kplay: internal error: RangeError: made up\. This is a defect/);
    t.notRegex(stderr, /^ +at /m);
    t.regex(stdout, /PLAY RECAP \**\na +: ok=1 /);
    t.notRegex(stdout, /nobody comes here/);
  });
}

test('the stack trace is shown with -vvv', (t) => {
  t.regex(run(t, tasks, "throw new RangeError('made up')", '-vvv').stderr, /^ +at .*defect\.mjs/m);
});

test('a module that fails after its directory was made fails on its host only', (t) => {
  const { status, stdout, stderr } = run(
    t,
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

test('a full disk under the output ends the run with a sentence', async (t) => {
  const folder = temporaryFolder(t);
  writeFileSync(`${folder}/play.yml`, '- hosts: all\n  gather_facts: false\n  tasks:\n    - command: sleep 600\n');
  const out = openSync('/dev/full', 'w');
  const errors = openSync(`${folder}/errors`, 'w');
  const kplay = spawn(process.execPath, [main, 'run', '-i', 'a,', '-c', 'local', `${folder}/play.yml`], {
    stdio: ['ignore', out, errors],
  });
  const code = await new Promise((resolve) => kplay.once('exit', resolve));
  closeSync(out);
  closeSync(errors);
  t.is(code, 1);
  const said = readFileSync(`${folder}/errors`, 'utf8');
  t.regex(said, /^kplay: ENOSPC: no space left on device, write\n/);
  t.notRegex(said, /^ +at /m);
});
