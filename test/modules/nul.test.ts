import { existsSync, readdirSync, readFileSync } from 'node:fs';
import test from 'ava';
import command from '../../modules/command.ts';
import copy from '../../modules/copy.ts';
import file from '../../modules/file.ts';
import { RequestError } from '../../runner/connection/connection.ts';
import type { Module } from '../../runner/module/contract.ts';
import type { Mapping } from '../../runner/value.ts';
import { runModule, temporaryFolder } from './harness.ts';

const folder = temporaryFolder();

const refused: readonly [string, Module, Mapping][] = [
  ['a path', file, { path: `${folder}/a\0b`, state: 'touch' }],
  ['a folder', file, { path: `${folder}/a\0b`, state: 'directory' }],
  ['a path with ~', file, { path: `~/a\0b`, state: 'touch' }],
  ['a destination', copy, { content: 'x', dest: `${folder}/a\0b` }],
  ['an owner', file, { path: folder, owner: 'ro\0ot', state: 'directory' }],
  ['a word of a command', command, { argv: ['touch', `${folder}/a\0b`] }],
];

// ansible-core 2.21 refuses all of them, too ("embedded null byte"); without the NUL another file would be made.
for (const [what, module, args] of refused) {
  test(`${what} with a NUL byte is refused, and nothing is made`, async (t) => {
    await t.throwsAsync(runModule(module, args), { instanceOf: RequestError, message: /NUL byte/ });
    t.false(existsSync(`${folder}/ab`));
  });
}

test.serial('content may hold NUL bytes', async (t) => {
  const other = temporaryFolder();
  t.true((await runModule(copy, { content: 'a\0b', dest: `${other}/x` })).changed);
  t.is(readFileSync(`${other}/x`, 'latin1'), 'a\0b');
  t.deepEqual(readdirSync(other), ['x']);
});
