import test from 'ava';
import type { TaskOutcome } from '../../runner/execute/outcome.ts';
import { reported } from '../../runner/execute/outcome.ts';
import { RunState } from '../../runner/execute/run-state.ts';

const outcome: TaskOutcome = {
  outcome: 'changed',
  ignored: false,
  result: {
    changed: true,
    stdout: 'the password is hunter2',
    stdout_lines: ['the password is hunter2'],
    invocation: { password: 'hunter2' },
  },
  diffs: [{ before: '', after: 'password=hunter2\n' }],
  warnings: ['hunter2 is weak'],
  noLog: false,
  duration: 3,
};

test('no_log leaves nothing but the state', (t) => {
  const shown = reported({ ...outcome, noLog: true, item: { label: 'hunter2' } });
  t.deepEqual(Object.keys(shown.fields).sort(), ['censored', 'changed']);
  t.deepEqual([shown.diffs, shown.warnings], [[], []]);
  t.notRegex(JSON.stringify(shown), /hunter2/);
});

test('the recap counts as Ansible does', (t) => {
  const state = new RunState();
  const failed: TaskOutcome = { ...outcome, outcome: 'failed', result: { failed: true } };
  state.count('a', outcome, false);
  state.count('a', { ...outcome, outcome: 'ok' }, false);
  state.count('a', { ...outcome, outcome: 'skipped' }, false);
  state.count('a', failed, true);
  state.count('a', { ...failed, ignored: true, result: { failed: true, changed: true } }, false);
  state.count('a', failed, false);
  state.count('a', { ...outcome, outcome: 'unreachable' }, false);
  t.deepEqual(state.statsOf('a'), { ok: 3, changed: 2, unreachable: 1, failed: 1, skipped: 1, rescued: 1, ignored: 1 });
});
