import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { temporaryFolder } from './harness.ts';

const main = fileURLToPath(new URL('../../runner/cli/main.cjs', import.meta.url));

/** A run of its own that adds lines to a file, one task a line, on three hosts that are all this machine. */
function run(folder: string, name: string, lines: number): Promise<[number, string]> {
  const playbook = path.join(folder, `${name}.yml`);
  const task = `lineinfile: {path: "${folder}/shared", line: "{{ inventory_hostname }} ${name} {{ item }}"}`;
  writeFileSync(
    playbook,
    `- hosts: all\n  gather_facts: false\n  tasks:\n    - ${task}\n      loop: "{{ range(${lines}) | list }}"\n`,
  );
  const kplay = spawn(process.execPath, [main, 'run', playbook, '-i', 'a,b,c,', '-c', 'local'], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  return Promise.all([once(kplay, 'exit').then(([code]) => code as number), text(kplay.stdout)]);
}

test('two runs that add lines to one file lose none', async (t) => {
  const folder = temporaryFolder();
  writeFileSync(path.join(folder, 'shared'), 'first\n');
  const ended = await Promise.all([run(folder, 'one', 8), run(folder, 'two', 8)]);
  for (const [code, said] of ended) t.is(code, 0, said);
  const lines = readFileSync(path.join(folder, 'shared'), 'utf8').trimEnd().split('\n');
  const wanted = ['a', 'b', 'c'].flatMap((host) =>
    ['one', 'two'].flatMap((name) => Array.from({ length: 8 }, (_, item) => `${host} ${name} ${item}`)),
  );
  t.deepEqual(lines.sort(), ['first', ...wanted].sort());
  t.deepEqual(
    readdirSync(folder).filter((entry) => entry.includes('kplay')),
    [],
  );
});
