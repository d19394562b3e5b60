import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readlinkSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import test from 'ava';
import file from '../../modules/file.ts';
import { modeBits } from '../../modules/shared/file-mode.ts';
import { modeOf, runModule, shells, temporaryFolder } from './harness.ts';

for (const shell of shells) {
  const run = (args: Parameters<typeof runModule>[1], options = {}) => runModule(file, args, { shell, ...options });

  test(`${shell[0]}: directory makes all that is missing, with its mode, once`, async (t) => {
    const folder = temporaryFolder();
    const args = { path: `${folder}/a b/c/d`, state: 'directory', mode: '2750' };
    t.true((await run(args, { check: true })).changed);
    t.false(existsSync(`${folder}/a b`));
    const first = await run(args, { diff: true });
    t.true(first.changed, String(first.msg));
    t.is(first.diff, `--- ${args.path}\nstate: absent\n+++ ${args.path}\nstate: directory\n`);
    t.like(first.fields, { path: args.path, mode: '02750', state: 'directory' });
    t.is(modeOf(`${folder}/a b/c`), '2750');
    t.false((await run(args)).changed);
    t.true((await run({ ...args, mode: 0o755 })).changed);
    t.is(modeOf(args.path), '0755', 'the set-id bit is gone too');
  });

  test(`${shell[0]}: recurse changes what differs, whatever its name`, async (t) => {
    const folder = temporaryFolder();
    mkdirSync(`${folder}/tree/sub`, { recursive: true });
    writeFileSync(`${folder}/tree/sub/it's\na file`, '', { mode: 0o600 });
    symlinkSync('/nowhere', `${folder}/tree/link`);
    const args = { path: `${folder}/tree`, state: 'directory', recurse: true, mode: 'u=rwX,go=rX' };
    t.true((await run(args)).changed);
    t.is(modeOf(`${folder}/tree/sub/it's\na file`), '0644');
    t.is(modeOf(`${folder}/tree/sub`), '0755');
    t.false((await run(args)).changed);
    t.true((await run({ ...args, mode: '0700' })).changed);
    t.is(modeOf(`${folder}/tree/sub/it's\na file`), '0700');
    t.false((await run({ ...args, mode: '0700', owner: 'root', group: '0' })).changed);
  });

  test(`${shell[0]}: links are made, moved and left alone`, async (t) => {
    const folder = temporaryFolder();
    writeFileSync(`${folder}/one`, '');
    mkdirSync(`${folder}/two`);
    const link = `${folder}/the link`;
    t.true((await run({ path: link, src: 'one', state: 'link' })).changed);
    t.false((await run({ path: link, src: 'one', state: 'link' })).changed);
    t.true((await run({ path: link, src: `${folder}/two`, state: 'link' })).changed);
    t.is(readlinkSync(link), `${folder}/two`);
    t.true((await run({ path: link, src: 'one', state: 'link' })).changed, 'from a link to a folder');
    t.is(readlinkSync(link), 'one');
    t.regex(String((await run({ path: link, src: 'gone', state: 'link' })).msg), /src file does not exist/);
    t.true((await run({ path: link, src: 'gone', state: 'link', force: true })).changed);
    t.regex(String((await run({ path: `${folder}/one`, src: 'two', state: 'link' })).msg), /refusing to convert/);
    t.true((await run({ path: `${folder}/one`, src: 'two', state: 'link', force: true })).changed);
    t.true((await run({ path: `${folder}/two`, src: 'one', state: 'link', force: true })).changed);
  });

  test(`${shell[0]}: times that are given are those of what is made, too, and then there is nothing to do`, async (t) => {
    const folder = temporaryFolder();
    const at = { modification_time: '202001020304.05', access_time: '202001020304.05' };
    const name = (base: string): string => path.join(folder, base);
    writeFileSync(name('other'), '');
    const cases = [
      { path: name('touched'), state: 'touch' },
      { path: name('directory'), state: 'directory' },
      { path: name('link'), src: name('other'), state: 'link' },
      { path: name('hard'), src: name('other'), state: 'hard' },
    ];
    for (const [index, given] of cases.entries()) {
      const args = { ...given, ...at, modification_time: `20200102030${index}.05` };
      t.true((await run(args, { check: true })).changed, given.state);
      t.true((await run(args)).changed, given.state);
      const wanted = new Date(2020, 0, 2, 3, index, 5).getTime();
      t.is(statSync(given.path).mtimeMs, wanted, given.state);
      // Where the file system notes each reading, somebody may have read it.
      t.false((await run({ ...args, access_time: 'preserve' })).changed, given.state);
    }
  });

  test(`${shell[0]}: recurse gives times to all but links, also where others may write`, async (t) => {
    for (const mode of [0o755, 0o777]) {
      const folder = temporaryFolder();
      const name = (base: string): string => path.join(folder, base);
      mkdirSync(name('tree/sub'), { recursive: true });
      for (const base of ['tree/[a] b', 'tree/sub/c', 'out']) writeFileSync(name(base), '');
      symlinkSync('../out', name('tree/link'));
      chmodSync(name('tree/sub'), mode);
      const args = { path: name('tree'), state: 'directory', recurse: true, modification_time: '202001020304.05' };
      const inside = ['tree', 'tree/sub', 'tree/[a] b', 'tree/sub/c'];
      const set = () =>
        inside.filter((base) => statSync(name(base)).mtimeMs === new Date(2020, 0, 2, 3, 4, 5).getTime());
      t.true((await run(args, { check: true })).changed);
      t.deepEqual(set(), []);
      t.true((await run(args)).changed);
      t.deepEqual(set(), inside);
      t.false((await run(args)).changed);
      t.true(statSync(name('out')).mtimeMs > new Date(2021, 0).getTime(), 'what a link leads to is left alone');
      utimesSync(name('tree/sub/c'), 0, 0);
      t.true((await run(args)).changed, 'one file deep inside');
      t.deepEqual(set(), inside);
      t.true((await run({ ...args, modification_time: 'now' })).changed);
      t.deepEqual(set(), []);
    }
  });

  test(`${shell[0]}: touch, hard links and absent`, async (t) => {
    const folder = temporaryFolder();
    const path = `${folder}/new`;
    t.true((await run({ path, state: 'touch', mode: '0600' })).changed);
    t.is(modeOf(path), '0600');
    t.true((await run({ path, state: 'touch' })).changed);
    const kept = { path, state: 'touch', modification_time: 'preserve', access_time: 'preserve' };
    t.false((await run(kept)).changed);
    const time = { path, modification_time: '202001020304.05', state: 'file' };
    t.true((await run(time)).changed);
    t.false((await run(time)).changed);
    t.is(new Date(statSync(path).mtimeMs).getFullYear(), 2020);
    t.true((await run({ path: `${folder}/hard`, src: path, state: 'hard' })).changed);
    t.false((await run({ path: `${folder}/hard`, src: path, state: 'hard' })).changed);
    t.is(statSync(path).nlink, 2);
    t.true((await run({ path: folder, state: 'absent' })).changed);
    t.false(existsSync(folder));
    t.false((await run({ path: folder, state: 'absent' })).changed);
  });
}

test('a mode of a file that a link leads to, or of the link’s owner', async (t) => {
  const folder = temporaryFolder();
  writeFileSync(`${folder}/file`, '', { mode: 0o600 });
  symlinkSync('file', `${folder}/link`);
  t.true((await runModule(file, { path: `${folder}/link`, mode: '0640', state: 'file' })).changed);
  t.is(modeOf(`${folder}/file`), '0640');
  t.true(lstatSync(`${folder}/link`).isSymbolicLink());
  const linked = await runModule(file, { path: `${folder}/new`, src: 'file', state: 'link', mode: '0604' });
  t.true(linked.changed);
  t.is(modeOf(`${folder}/file`), '0604');
});

test('what cannot be done is said', async (t) => {
  const folder = temporaryFolder();
  linkSync(process.execPath.startsWith('/tmp') ? process.execPath : createFile(folder), `${folder}/second`);
  const cases: [Parameters<typeof runModule>[1], RegExp][] = [
    [{ path: `${folder}/gone`, state: 'file' }, /is absent, cannot continue/],
    [{ path: `${folder}/gone` }, /is absent, cannot continue/],
    [{ path: `${folder}/second`, state: 'directory' }, /already exists as a file/],
    [{ path: folder, state: 'file', recurse: true }, /recurse option requires state/],
    [{ path: folder, src: 'x', state: 'directory' }, /src option requires state/],
    [{ path: `${folder}/l`, state: 'link' }, /src is required/],
    [{ path: folder, state: 'nowhere' }, /must be one of/],
    [{ path: '/', state: 'absent' }, /not removed/],
    [{ path: folder, state: 'directory', owner: 'no-such-user-here' }, /failed to look up user/],
  ];
  for (const [args, message] of cases) {
    const result = await runModule(file, args);
    t.true(result.failed, JSON.stringify(args));
    t.regex(String(result.msg), message);
  }
});

function createFile(folder: string): string {
  writeFileSync(`${folder}/first`, '');
  utimesSync(`${folder}/first`, 1, 1);
  return `${folder}/first`;
}

const modes: [string | number, number, boolean, number][] = [
  ['0644', 0o777, false, 0o644],
  [420, 0o777, false, 0o644],
  ['u+x', 0o644, false, 0o744],
  ['a=r', 0o777, false, 0o444],
  ['go-w', 0o666, false, 0o644],
  ['u=rwX,g=rX,o=', 0o600, false, 0o640],
  ['u=rwX,g=rX,o=', 0o600, true, 0o750],
  ['u=rwX,g=rX', 0o100, false, 0o750],
  ['g=u', 0o740, false, 0o770],
  ['+x', 0o644, false, 0o755],
  ['u+s,+t', 0o755, true, 0o5755],
  ['g+s', 0o755, true, 0o2755],
  ['u=rwx,go=rx', 0o2700, true, 0o2755],
  ['u=rw,u+x', 0o4600, false, 0o700],
];
for (const [mode, now, directory, wanted] of modes) {
  test(`mode ${mode} of ${now.toString(8)}${directory ? ' (folder)' : ''}, as chmod does it`, (t) => {
    t.is(modeBits(mode, { mode: now, directory, umask: 0o022 }), wanted);
    if (typeof mode === 'number') return;
    const path = `${temporaryFolder()}/x`;
    if (directory) mkdirSync(path);
    else writeFileSync(path, '');
    execFileSync('chmod', [`0${now.toString(8).padStart(4, '0')}`, path]);
    execFileSync('sh', ['-c', `umask 022; chmod ${mode} ${path}`]);
    t.is(modeOf(path), wanted.toString(8).padStart(4, '0'));
  });
}
