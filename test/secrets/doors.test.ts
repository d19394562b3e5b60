import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { fewestResults, shownSecrets, writeDoors } from './doors.ts';

const main = fileURLToPath(new URL('../../runner/cli/main.cjs', import.meta.url));

interface Mode {
  readonly name: string;
  readonly options: readonly string[];
  /** On a terminal, made by script(1). */
  readonly live?: boolean;
  /** What stands once for each result, as far as this mode shows them. */
  readonly result: RegExp;
  readonly results: number;
}

const plainResult = /^(?:ok|changed|skipping|failed|fatal|included): /gm;

const modes: readonly Mode[] = [
  { name: 'plain', options: [], result: plainResult, results: fewestResults },
  { name: 'plain with -v and --diff', options: ['-v', '--diff'], result: plainResult, results: fewestResults },
  {
    name: 'plain with -vvvv and --check',
    options: ['-vvvv', '--diff', '--check'],
    result: plainResult,
    results: fewestResults,
  },
  { name: 'plain with -vvvv', options: ['-vvvv', '--diff'], result: plainResult, results: fewestResults },
  {
    name: 'json',
    options: ['--json', '-vvvv', '--diff'],
    result: /^\{"type":"host-(?:result|item)"/gm,
    results: fewestResults,
  },
  // The view of a task is drawn over and over; what failed is written below it.
  { name: 'live', options: ['-vvvv', '--diff'], live: true, result: /fatal: /g, results: 40 },
];

for (const mode of modes) {
  test.serial(`no secret comes out by any door: ${mode.name}`, async (t) => {
    const folder = mkdtempSync(path.join(tmpdir(), 'kplay-doors-'));
    t.teardown(() => rmSync(folder, { recursive: true }));
    const words = [process.execPath, main, ...writeDoors(folder), ...mode.options];
    const output = await (mode.live ? onTerminal(words) : run(words));
    t.deepEqual(shownSecrets(output), []);
    t.true((output.match(mode.result) ?? []).length >= mode.results, output.slice(-3000));
    t.regex(output, /RECAP|"recap"/);
    t.regex(output, /hidden due to the fact that 'no_log: true'/);
  });
}

test('the check finds secrets that are shown', (t) => {
  t.deepEqual(shownSecrets('nothing\nhere'), []);
  t.deepEqual(shownSecrets('x\n"it is Conn\'3ct\\"ion\\\\pw."'), ['connection: "it is Conn\'3ct\\"ion\\\\pw."']);
});

function run(words: readonly string[]): Promise<string> {
  const [program, ...args] = words as [string, ...string[]];
  return new Promise((resolve) => {
    const child = execFile(program, args, { maxBuffer: 1 << 28 }, (_error, stdout, stderr) => resolve(stdout + stderr));
    child.stdin?.end();
  });
}

function onTerminal(words: readonly string[]): Promise<string> {
  const quoted = words.map((word) => `'${word}'`).join(' ');
  return run(['script', '-qec', `stty cols 200; TERM=xterm exec ${quoted} -e asked=x`, '/dev/null']);
}
