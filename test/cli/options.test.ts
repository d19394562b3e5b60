import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { parseOptions } from '../../runner/cli/options.ts';
import { runOptions } from '../../runner/cli/run-options.ts';
import { KplayError } from '../../runner/errors.ts';
import { temporaryDirectory } from '../temporary.ts';

test('letters, names, repeated options and words are read as ansible-playbook reads them', (t) => {
  const parsed = parseOptions(
    ['-i', 'a,', 'play.yml', '-vvv', '-CD', '--extra-vars', 'x=1', '-e', 'y=2', '--tags=a,b', '-f5'],
    runOptions,
  );
  t.deepEqual(parsed.words, ['play.yml']);
  t.deepEqual(parsed.texts('inventory'), ['a,']);
  t.deepEqual(parsed.texts('extra-vars'), ['x=1', 'y=2']);
  t.is(parsed.count('verbose'), 3);
  t.true(parsed.flag('check') && parsed.flag('diff'));
  t.false(parsed.flag('step'));
  t.is(parsed.text('forks'), '5');
});

test('a value may begin with a dash', (t) => {
  const parsed = parseOptions(['--ssh-common-args', '-o ProxyJump=x', '-e', '-x', 'play.yml', '--', '-y'], runOptions);
  t.is(parsed.text('ssh-common-args'), '-o ProxyJump=x');
  t.deepEqual(parsed.texts('extra-vars'), ['-x']);
  t.deepEqual(parsed.words, ['play.yml', '-y']);
});

for (const [args, message, hint] of [
  [['--limt', 'x'], /no option --limt/, /--limit/],
  [['-Z'], /no option -Z/, /--help/],
  [['--forks'], /forks/, undefined],
] as const) {
  test(`kplay run ${args.join(' ')} is refused`, (t) => {
    const error = t.throws(() => parseOptions(args, runOptions), { instanceOf: KplayError });
    t.regex(error.message, message);
    t.is(error.exitCode, 5);
    if (hint) t.regex(error.problems[0]!.hint ?? '', hint);
  });
}

const main = fileURLToPath(new URL('../../runner/cli/main.cjs', import.meta.url));

test('a become method that is none is refused before the run', (t) => {
  const args = [main, 'run', 'none.yml', '-i', 'h,', '--become-method', 'pfexec'];
  const { status, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  t.is(status, 5);
  t.regex(stderr, /--become-method: The become method "pfexec" is not supported.*\n.*Use sudo, su, doas or run0/);
});

test('a working directory that was removed is said so', (t) => {
  const folder = temporaryDirectory('kplay-gone');
  const script = 'cd "$1" && rmdir "$1" && exec "$2" "$3" run -i h, -c local play.yml';
  const { status, stderr } = spawnSync('/bin/sh', ['-c', script, 'sh', folder, process.execPath, main]);
  t.is(status, 5);
  t.regex(String(stderr), /the working directory is not there any more.*\n.*Change to a directory that exists/);
  t.false(String(stderr).includes('internal error'));
});
