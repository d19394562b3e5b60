import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { temporaryDirectory } from '../temporary.ts';

const main = fileURLToPath(new URL('../../runner/cli/main.cjs', import.meta.url));
const count = 5000;

/** Starts a listing that is far longer than what a pipe holds. */
function list() {
  const playbook = path.join(temporaryDirectory('kplay-output'), 'play.yml');
  const tasks = Array.from(
    { length: count },
    (_, index) => `    - {name: A task number ${index} ${'with a long name '.repeat(10)}, command: "true"}\n`,
  );
  writeFileSync(playbook, `- hosts: all\n  tasks:\n${tasks.join('')}`);
  return spawn(process.execPath, [main, 'run', playbook, '-i', 'localhost,', '--list-tasks'], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

test('all output is there at the end, however slowly it is read', async (t) => {
  const kplay = list();
  const ended = once(kplay, 'exit');
  await setTimeout(1500);
  const [said, [code]] = await Promise.all([text(kplay.stdout), ended]);
  t.is(code, 0);
  t.is(said.match(/A task number/g)?.length, count);
});

test('who stops reading does no harm', async (t) => {
  const kplay = list();
  kplay.stdout.destroy();
  const [said, [code]] = await Promise.all([text(kplay.stderr), once(kplay, 'exit')]);
  t.is(said, '');
  t.is(code, 0);
});
