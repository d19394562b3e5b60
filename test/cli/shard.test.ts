import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import type { RunEvent } from '../../runner/events.ts';
import { temporaryDirectory } from '../temporary.ts';

const program = fileURLToPath(new URL('../../runner/cli/main.cjs', import.meta.url));
const folder = temporaryDirectory('kplay-shard');
const inventory = path.join(folder, 'hosts.ini');
writeFileSync(inventory, '[web]\na mine=1\nb mine=2\nc mine=3\nd mine=4\ne mine=5\n');

function write(name: string, text: string): string {
  const file = path.join(folder, name);
  writeFileSync(file, text);
  return file;
}

function kplay(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [program, ...args], { cwd: folder }, (error, stdout, stderr) =>
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, stdout, stderr }),
    );
  });
}

const run = (playbook: string, ...args: string[]) => kplay('run', playbook, '-i', inventory, '-c', 'local', ...args);

test('shards take every host once, see all hosts’ variables, and their recaps are merged', async (t) => {
  const playbook = write(
    'all.yml',
    `
- hosts: localhost
  gather_facts: false
  tasks: [{ansible.builtin.debug: {msg: here}}]
- hosts: web
  gather_facts: false
  tasks:
    - ansible.builtin.debug:
        msg: "{{ groups['web'] | map('extract', hostvars, 'mine') | sum }} {{ ansible_play_hosts | length }}"
    - ansible.builtin.fail: {msg: no}
      when: inventory_hostname == 'd'
`,
  );
  const outputs: string[] = [];
  const seen: string[] = [];
  for (const index of [1, 2, 3]) {
    const { stdout } = await run(playbook, '--shard', `${index}/3`, '--json');
    const file = write(`shard-${index}.json`, stdout);
    outputs.push(file);
    for (const line of stdout.trim().split('\n')) {
      const event = JSON.parse(line) as RunEvent;
      if (event.type !== 'host-result' || event.task.action !== 'ansible.builtin.debug') continue;
      if (event.host === 'localhost') continue;
      seen.push(event.host);
      t.is(event.result.fields.msg, `15 ${index === 3 ? 1 : 2}`);
    }
  }
  t.deepEqual(seen.sort(), ['a', 'b', 'c', 'd', 'e']);
  const merged = await kplay('report', 'merge', ...outputs);
  t.is(merged.code, 2);
  t.regex(merged.stdout, /^d +: ok=1 .*failed=1/m);
  t.regex(merged.stdout, /^localhost +: ok=3 /m);
  t.is((await kplay('report', 'merge', outputs[0]!, outputs[1]!)).code, 1);
  const json = await kplay('report', 'merge', '--json', ...outputs);
  const events = json.stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as RunEvent);
  t.deepEqual(
    events.map((event) => event.type),
    ['recap', 'run-end'],
  );
});

test('a listing shows a shard’s hosts', async (t) => {
  const playbook = write('list.yml', '- hosts: web\n  gather_facts: false\n  tasks: []\n');
  t.regex((await run(playbook, '--shard', '2/2', '--list-hosts')).stdout, /hosts \(2\):\n {6}b\n {6}d\n/);
});

test('serial and run_once over several shards are refused before the run, with their places', async (t) => {
  const playbook = write(
    'serial.yml',
    `
- hosts: web
  serial: 1
  gather_facts: false
  tasks:
    - block:
        - ansible.builtin.debug: {}
      run_once: true
- hosts: a
  serial: 1
  gather_facts: false
  tasks: [{ansible.builtin.debug: {}, run_once: true}]
`,
  );
  const { code, stderr, stdout } = await run(playbook, '--shard', '1/2');
  t.not(code, 0);
  t.is(stdout, '');
  t.regex(stderr, /"serial" cannot be kept.*serial\.yml:3/s);
  t.regex(stderr, /"run_once" cannot be kept.*serial\.yml:8/s);
  t.is(stderr.match(/cannot be kept/g)?.length, 2);
  t.is((await run(playbook, '--shard', '1/1')).code, 0);
  t.is((await run(playbook, '--shard', '1/2', '--limit', 'a,c,e')).code, 0);
});

test('run_once in what is included is refused when it comes, and limits on failures are told', async (t) => {
  write('once.yml', '- ansible.builtin.debug: {}\n  run_once: true\n');
  const playbook = write(
    'include.yml',
    '- hosts: web\n  any_errors_fatal: true\n  gather_facts: false\n  tasks: [{ansible.builtin.include_tasks: once.yml}]\n',
  );
  const { code, stderr } = await run(playbook, '--shard', '1/2');
  t.is(code, 4);
  t.regex(stderr, /include\.yml:1:\d+: --shard \S+: any_errors_fatal counts the hosts of this shard only/);
  t.regex(stderr, /"run_once" cannot be kept.*once\.yml:2/s);
});

test('a shard that makes no sense is refused', async (t) => {
  const { code, stderr } = await run('none.yml', '--shard', '3/2');
  t.is(code, 5);
  t.regex(stderr, /--shard must be PART\/PARTS, not "3\/2"/);
});
