import { mkdirSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import test from 'ava';
import find from '../../modules/find.ts';
import { fnmatch } from '../../runner/python/fnmatch.ts';
import type { Mapping } from '../../runner/value.ts';
import { runModule, shells, temporaryFolder } from './harness.ts';

function tree(): string {
  const folder = temporaryFolder();
  mkdirSync(`${folder}/sub/deep`, { recursive: true });
  writeFileSync(`${folder}/one.yaml`, 'kind: Pod\n');
  writeFileSync(`${folder}/it's\ntwo.txt`, 'first\nsecond line\n');
  writeFileSync(`${folder}/.hidden`, '');
  writeFileSync(`${folder}/sub/three.yaml`, 'x'.repeat(2048));
  writeFileSync(`${folder}/sub/deep/four.yml`, '');
  symlinkSync('sub', `${folder}/link`);
  utimesSync(`${folder}/one.yaml`, 1e9, 1e9);
  return folder;
}

const cases: [Mapping, string[]][] = [
  [{}, ["it's\ntwo.txt", 'one.yaml']],
  [{ hidden: true }, ['.hidden', "it's\ntwo.txt", 'one.yaml']],
  [{ recurse: true, patterns: '*.yaml,*.yml' }, ['one.yaml', 'sub/deep/four.yml', 'sub/three.yaml']],
  [{ recurse: true, patterns: ['*.y*ml'], excludes: 'four*' }, ['one.yaml', 'sub/three.yaml']],
  [{ recurse: true, depth: 2, patterns: '*.y*' }, ['one.yaml', 'sub/three.yaml']],
  [
    { recurse: true, use_regex: true, patterns: ['^[a-z]+\\.ya?ml$'] },
    ['one.yaml', 'sub/deep/four.yml', 'sub/three.yaml'],
  ],
  [{ recurse: true, file_type: 'directory' }, ['sub', 'sub/deep']],
  [{ file_type: 'link' }, ['link']],
  [{ recurse: true, file_type: 'any', patterns: '[ls]*' }, ['link', 'sub']],
  [{ recurse: true, size: '1k' }, ['sub/three.yaml']],
  [{ recurse: true, size: '-1k', patterns: '*.yml' }, ['sub/deep/four.yml']],
  [{ age: '1w' }, ['one.yaml']],
  [{ age: '-1h' }, ["it's\ntwo.txt"]],
  [{ contains: 'second' }, ["it's\ntwo.txt"]],
  [{ contains: 'line' }, []],
  [{ contains: 'first\\nsecond', read_whole_file: true }, ["it's\ntwo.txt"]],
  [{ recurse: true, follow: true, patterns: 'three*' }, ['link/three.yaml', 'sub/three.yaml']],
];

for (const shell of shells) {
  test(`${shell[0]}: files are found as Ansible finds them`, async (t) => {
    const folder = tree();
    for (const [args, wanted] of cases) {
      const result = await runModule(find, { paths: folder, ...args }, { shell });
      t.false(result.failed, String(result.msg));
      const files = (result.fields.files as Mapping[]).map(({ path }) => String(path).slice(folder.length + 1)).sort();
      t.deepEqual(files, wanted, JSON.stringify(args));
      t.is(result.fields.matched, wanted.length);
    }
  });
}

test('checksums and stat fields, and paths that are none', async (t) => {
  const folder = tree();
  const result = await runModule(find, { paths: [folder, '/no/where'], patterns: 'one*', get_checksum: true });
  t.like((result.fields.files as Mapping[])[0], {
    isreg: true,
    size: 10,
    checksum: '51200384a3fe6c8134dd91cfc72a58d038255b88',
  });
  t.deepEqual(result.fields.skipped_paths, { '/no/where': "'/no/where' is not a directory" });
  t.regex(String(result.msg), /Not all paths examined/);
  t.regex(String((await runModule(find, { paths: folder, age: 'old' })).msg), /failed to process age/);
});

test('shell patterns are Python’s', (t) => {
  const fits: [string, string, boolean][] = [
    ['a.b', '*.b', true],
    ['a\nb', 'a?b', true],
    ['axb', 'a.b', false],
    ['b', '[!a]', true],
    ['a', '[!a]', false],
    [']', '[]]', true],
    ['[x', '[x', true],
    ['(1)', '(?)', true],
    ['A', 'a', false],
  ];
  for (const [name, pattern, wanted] of fits) t.is(fnmatch(name, pattern), wanted, `${name} ${pattern}`);
});
