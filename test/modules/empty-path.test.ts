import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import path from 'node:path';
import test from 'ava';
import { directoryWith, main } from '../cli/kplay-process.ts';

/** Tasks with an empty path, as of a variable without a value, and how each ends. */
const tasks: readonly (readonly [end: 'ok' | 'fatal', task: string])[] = [
  ['ok', 'file: {path: "", state: absent}'],
  ['fatal', 'file: {path: "", state: directory, recurse: true, mode: "0700"}'],
  ['fatal', 'file: {path: "", state: touch}'],
  ['fatal', 'file: {path: "", mode: "0700"}'],
  ['fatal', 'file: {path: "$EMPTY", state: directory}'],
  ['ok', 'stat: {path: ""}'],
  ['ok', 'find: {paths: ["", there]}'],
  ['fatal', 'slurp: {src: ""}'],
  ['fatal', 'fetch: {src: "", dest: "{{ playbook_dir }}/new"}'],
  ['fatal', 'copy: {content: x, dest: ""}'],
  ['fatal', 'copy: {src: "", dest: "{{ playbook_dir }}/new"}'],
  ['fatal', 'copy: {src: "", dest: "{{ playbook_dir }}/new", remote_src: true}'],
  ['fatal', 'template: {src: play.yml, dest: ""}'],
  ['fatal', 'template: {src: "", dest: "{{ playbook_dir }}/new"}'],
  ['fatal', 'assemble: {src: "", dest: "{{ playbook_dir }}/new"}'],
  ['fatal', 'lineinfile: {path: "", line: x, create: true}'],
  ['fatal', 'blockinfile: {path: "", block: x, create: true}'],
  ['fatal', 'ini_file: {path: "", section: x, option: y, value: z}'],
  ['fatal', 'get_url: {url: "file:///etc/passwd", dest: ""}'],
  ['fatal', 'unarchive: {src: "", dest: "{{ playbook_dir }}"}'],
  ['fatal', 'unarchive: {src: /etc/passwd, dest: "", remote_src: true}'],
  ['fatal', 'mount: {path: "", src: tmpfs, fstype: tmpfs, state: present, fstab: "{{ playbook_dir }}/new"}'],
];

test('an empty path leads nowhere: neither to the login’s folder nor to the playbook’s', (t) => {
  const texts = tasks.map(
    ([, task], index) => `    - ${task}\n      name: Number ${index}\n      ignore_errors: true\n`,
  );
  const play = `- hosts: h\n  gather_facts: false\n  environment: {EMPTY: ""}\n  tasks:\n${texts.join('')}`;
  const folder = directoryWith(t, { 'play.yml': play, kept: 'x' });
  const { stdout } = spawnSync(
    process.execPath,
    [main, 'run', path.join(folder, 'play.yml'), '-i', 'h,', '-c', 'local'],
    {
      encoding: 'utf8',
      cwd: folder,
      env: { ...process.env, HOME: folder },
    },
  );
  const ends = new Map(
    [...stdout.matchAll(/TASK \[Number (\d+)\].*\n(\w+)/g)].map(([, index, end]) => [Number(index), end]),
  );
  t.deepEqual(
    tasks.map(([, task], index) => [ends.get(index), task]),
    tasks.map(([end, task]) => [end, task]),
    stdout,
  );
  t.deepEqual(readdirSync(folder).sort(), ['kept', 'play.yml']);
});
