import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { hostFunctions } from '../../runner/connection/host-functions.ts';
import { receiveScript } from '../../runner/connection/transfer.ts';
import { placeCommand } from '../../runner/module/host-files.ts';
import { temporaryDirectory } from '../temporary.ts';

// A power cut that loses what was not flushed cannot be had here. What it may lose follows from the order of system calls.
const calls = 'write,pwrite64,sendfile,splice,copy_file_range,ftruncate,fsync,fdatasync,rename,renameat,renameat2';
const strace = ['strace', '-f', '-y', '-qq', '-e', `trace=${calls}`];
const missing = spawnSync(strace[0]!, [...strace.slice(1), '-o', '/dev/null', 'true']).status !== 0;
const withStrace = missing ? test.skip : test;
if (missing) test('SKIPPED: strace (Debian: strace) is not installed, or may not trace', (t) => t.pass());

/** What was done to the file that is put in place, one letter each: written to, flushed, renamed. */
function history(t: ExecutionContext, shell: readonly string[], text: string, input: Buffer): string {
  const folder = temporaryDirectory('kplay-flushing');
  const script = join(folder, 'script');
  writeFileSync(script, `HOME=${folder}\n${hostFunctions}\n${text}\n`);
  const log = join(folder, 'log');
  const [program, ...more] = strace;
  const { status, stderr } = spawnSync(program!, [...more, '-o', log, ...shell, script], { input });
  t.is(status, 0, String(stderr));
  const done = readFileSync(log, 'utf8')
    .split('\n')
    // With a descriptor strace tells the file that it is of; a rename has the name itself.
    .filter((line) => /<[^<>]*\/\.kplay-\w+\.tmp>|rename.*\.kplay-\w+\.tmp"/.test(line) && / = \d+/.test(line))
    .map((line) => /\d+ +(\w+)\(/.exec(line)?.[1] ?? '?');
  return done.map((call) => (call.startsWith('rename') ? 'r' : call.includes('sync') ? 'f' : 'w')).join('');
}

for (const shell of [['dash'], ['bash'], ['busybox', 'sh']].filter(([name]) => !spawnSync(name!, ['true']).error)) {
  for (const [what, before] of [
    ['a new file', undefined],
    ['a file that is there', 'old'],
  ] as const) {
    for (const size of [5, 5_000_000]) {
      const destination = (): string => {
        const path = join(temporaryDirectory('kplay-flushed'), 'file');
        if (before !== undefined) writeFileSync(path, before);
        return path;
      };
      const input = Buffer.alloc(size, 'x');

      withStrace(`${shell[0]}: ${what} of ${size} bytes that is sent is flushed before it is renamed`, (t) => {
        const path = destination();
        t.regex(history(t, shell, receiveScript(path, size, { mode: '0640' }), input), /^w+fr$/);
        t.true(readFileSync(path).equals(input));
      });

      withStrace(`${shell[0]}: ${what} of ${size} bytes that the host makes is flushed before it is renamed`, (t) => {
        const path = destination();
        t.regex(history(t, shell, placeCommand(path, 'cat', { mode: '0640' }), input), /^w+fr$/);
        t.true(readFileSync(path).equals(input));
      });
    }
  }
}
