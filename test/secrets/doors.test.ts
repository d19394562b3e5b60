import test from 'ava';
import { textOf } from '../shown-text.ts';
import { temporaryDirectory } from '../temporary.ts';
import { fewestResults, shownSecrets, writeDoors } from './doors.ts';

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
    const folder = temporaryDirectory('kplay-doors');
    const words = [...writeDoors(folder), ...mode.options];
    const output = await textOf(words, { columns: mode.live ? 200 : undefined });
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
