import { statSync } from 'node:fs';
import test from 'ava';
import { failureFields } from '../../runner/execute/failure.ts';
import { ModuleFailure } from '../../runner/module/contract.ts';

/** What a function throws. */
function thrownBy(action: () => unknown): unknown {
  try {
    action();
  } catch (error) {
    return error;
  }
  throw new Error('nothing was thrown');
}

const defect = thrownBy(() => (undefined as unknown as { name: string }).name);

test('an error that nobody foresaw fails the task with one sentence', (t) => {
  const fields = failureFields(defect, 0);
  t.like(fields, { failed: true, changed: false });
  t.regex(String(fields.msg), /^kplay: internal error: TypeError: Cannot read.*please report it/);
  t.notRegex(JSON.stringify(fields), /failure\.test/);
});

test('its stack trace is shown from -vvv on', (t) => {
  t.regex(String(failureFields(defect, 3).exception), /failure\.test/);
});

test('what the system says of a file of this machine is no defect', (t) => {
  const fields = failureFields(
    thrownBy(() => statSync('/nowhere/at/all')),
    0,
  );
  t.is(fields.msg, "on this machine: ENOENT: no such file or directory, stat '/nowhere/at/all'");
});

test('a module’s own failure keeps its words and fields', (t) => {
  t.deepEqual(failureFields(new ModuleFailure('no such disk', { disk: 'sdz' }), 3), {
    changed: false,
    disk: 'sdz',
    failed: true,
    msg: 'no such disk',
  });
});
