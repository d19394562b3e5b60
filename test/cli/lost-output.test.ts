import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, openSync } from 'node:fs';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import test, { type ExecutionContext } from 'ava';
import { directoryWith, main } from './kplay-process.ts';

/** Every host leaves a file in each task; each waits for all of the first task. */
const files = {
  'play.yml': `
- hosts: all
  gather_facts: false
  tasks:
    - name: First
      command: "touch {{ playbook_dir }}/first-{{ inventory_hostname }}"
    - name: Second
      command: "touch {{ playbook_dir }}/second-{{ inventory_hostname }}"
    - name: Third
      command: "touch {{ playbook_dir }}/third-{{ inventory_hostname }}"
`,
};
const run = ['run', 'play.yml', '-i', 'a,b,', '-c', 'local'];

/** Runs kplay with its standard output on a full disk. */
async function onFullDisk(t: ExecutionContext, directory: string, args: readonly string[]) {
  const full = openSync('/dev/full', 'w');
  t.teardown(() => closeSync(full));
  const child = spawn(process.execPath, [main, ...args], { cwd: directory, stdio: ['ignore', full, 'pipe'] });
  const [stderr, [code]] = await Promise.all([text(child.stderr!), once(child, 'close')]);
  return { code, stderr };
}

for (const options of [[], ['--json']]) {
  test(`a run ${options.join('')} whose standard output is full ends in order, before its last task`, async (t) => {
    const directory = directoryWith(t, files);
    const { code, stderr } = await onFullDisk(t, directory, [...run, ...options]);
    t.is(code, 74);
    t.regex(
      stderr,
      /^ERROR Standard output cannot be written to \(ENOSPC: [^\n]*\): hosts finished the task that they were at, and the run was ended\.\n$/,
    );
    t.false(existsSync(path.join(directory, 'third-a')));
    // The hosts are where each other is.
    for (const task of ['first', 'second']) {
      t.is(existsSync(path.join(directory, `${task}-a`)), existsSync(path.join(directory, `${task}-b`)));
    }
  });
}

for (const args of [['doc', 'command'], ['--version'], ['run', 'play.yml', '-i', 'a,', '--list-tasks']]) {
  test(`kplay ${args.join(' ')} says that standard output is full`, async (t) => {
    const { code, stderr } = await onFullDisk(t, directoryWith(t, files), args);
    t.is(code, 74);
    t.regex(stderr, /^kplay: standard output cannot be written to: ENOSPC: [^\n]*\n$/);
  });
}

test('a run whose reader stops reading ends in order', async (t) => {
  const directory = directoryWith(t, files);
  const child = spawn(process.execPath, [main, ...run], { cwd: directory, stdio: ['ignore', 'pipe', 'pipe'] });
  child.stdout.destroy();
  const [stderr, [code]] = await Promise.all([text(child.stderr), once(child, 'close')]);
  t.is(code, 74);
  t.regex(stderr, /^ERROR Standard output cannot be written to \(its reader has closed it\): /);
  t.false(existsSync(path.join(directory, 'third-a')));
});

test('standard error that is full leaves the run and its exit code alone', async (t) => {
  const directory = directoryWith(t, files);
  const full = openSync('/dev/full', 'w');
  t.teardown(() => closeSync(full));
  const child = spawn(process.execPath, [main, ...run], { cwd: directory, stdio: ['ignore', 'pipe', full] });
  const [stdout, [code]] = await Promise.all([text(child.stdout!), once(child, 'close')]);
  t.is(code, 0);
  t.regex(stdout, /b +: ok=3/);
});
