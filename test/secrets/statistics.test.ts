import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { temporaryDirectory } from '../temporary.ts';

const main = fileURLToPath(new URL('../../runner/cli/main.cjs', import.meta.url));

const play = `
- hosts: all
  gather_facts: false
  tasks:
    - set_stats: {data: {shown: 1, both: [a]}}
    - set_stats: {data: {hidden: hunter2, both: [hunter2]}}
      no_log: true
    - set_stats: {data: {shown: 2, both: [b]}}
    - set_stats: {data: {own: hunter2}, per_host: true}
      no_log: true
`;

for (const flags of [[], ['--json']]) {
  test(`what a task with no_log counts is not shown (${flags.join() || 'text'})`, (t) => {
    const folder = temporaryDirectory('kplay-statistics');
    writeFileSync(`${folder}/play.yml`, play);
    const args = [main, 'run', 'play.yml', '-i', 'a,', '-c', 'local', ...flags];
    const { status, stdout } = spawnSync(process.execPath, args, { cwd: folder, encoding: 'utf8' });
    t.is(status, 0, stdout);
    t.notRegex(stdout, /hunter2/);
    t.regex(stdout, /"?hidden"?: ?"?\(censored due to no_log\)/);
    t.regex(stdout, /"?both"?: ?"?\(censored due to no_log\)/);
    t.regex(stdout, /"?own"?: ?"?\(censored due to no_log\)/);
    t.regex(stdout, /"?shown"?: ?3/);
  });
}
