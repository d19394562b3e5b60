import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import test from 'ava';
import copy from '../../modules/copy.ts';
import { modeOf, runModule, shells, temporaryFolder } from './harness.ts';

for (const shell of shells) {
  test(`${shell[0]}: content is placed once, with its mode, and shown in the diff`, async (t) => {
    const args = { content: 'one\n', dest: path.join(temporaryFolder(), "it's a \nfile"), mode: 0o640 };
    const dry = await runModule(copy, args, { check: true, diff: true, shell });
    t.true(dry.changed, String(dry.msg));
    t.false(existsSync(args.dest));
    t.true(dry.diff.includes(`+++ ${args.dest}\none\n`));
    const first = await runModule(copy, args, { shell });
    t.true(first.changed);
    t.like(first.fields, { mode: '0640', state: 'file', size: 4, dest: args.dest });
    t.is(readFileSync(args.dest, 'utf8'), 'one\n');
    t.is(modeOf(args.dest), '0640');
    t.false((await runModule(copy, args, { shell })).changed);
    const changed = await runModule(copy, { ...args, content: 'two\n', backup: true }, { diff: true, shell });
    t.true(changed.diff.includes(`\none\n+++ ${args.dest}\ntwo\n`), changed.diff);
    t.is(readFileSync(String(changed.fields.backup_file), 'utf8'), 'one\n');
    const mode = await runModule(copy, { ...args, content: 'two\n', mode: 'u=rw,go=r' }, { diff: true, shell });
    t.is(mode.diff, `--- ${args.dest}\nmode: 0640\n+++ ${args.dest}\nmode: 0644\n`);
    t.is(modeOf(args.dest), '0644');
  });

  test(`${shell[0]}: a folder is compared in one round trip and made like its source`, async (t) => {
    const folder = temporaryFolder();
    const source = path.join(folder, 'tree');
    mkdirSync(path.join(source, 'sub/empty'), { recursive: true });
    writeFileSync(path.join(source, 'a.txt'), 'a');
    writeFileSync(path.join(source, 'sub/b c.txt'), 'b');
    symlinkSync('a.txt', path.join(source, 'link'));
    const dest = path.join(folder, 'target');
    const args = { src: `${source}/`, dest, local_follow: false, mode: 'preserve' };
    const first = await runModule(copy, args, { shell });
    t.true(first.changed, String(first.msg));
    t.deepEqual(readdirSync(dest, { recursive: true }).sort(), ['a.txt', 'link', 'sub', 'sub/b c.txt', 'sub/empty']);
    t.true(lstatSync(path.join(dest, 'link')).isSymbolicLink());
    const second = await runModule(copy, args, { shell });
    t.false(second.changed);
    t.is(second.scripts.length, 1);
    writeFileSync(path.join(dest, 'sub/b c.txt'), 'other');
    const third = await runModule(copy, { ...args, src: source, dest: folder }, { shell });
    t.false(third.changed, 'the folder itself is its own copy');
    t.deepEqual((await runModule(copy, args, { shell })).sent, [path.join(dest, 'sub/b c.txt')]);
  });

  test(`${shell[0]}: remote_src copies on the host`, async (t) => {
    const folder = temporaryFolder();
    writeFileSync(path.join(folder, 'from'), 'text\n');
    chmodSync(path.join(folder, 'from'), 0o600);
    const args = { src: path.join(folder, 'from'), dest: path.join(folder, 'to'), remote_src: true, mode: 'preserve' };
    const first = await runModule(copy, args, { shell, diff: true });
    t.true(first.changed, String(first.msg));
    t.is(modeOf(args.dest), '0600');
    t.false((await runModule(copy, args, { shell })).changed);
    mkdirSync(path.join(folder, 'tree/sub'), { recursive: true });
    writeFileSync(path.join(folder, 'tree/sub/file'), 'x');
    const tree = { src: `${folder}/tree`, dest: `${folder}/copies/`, remote_src: true };
    const copied = await runModule(copy, tree, { shell });
    t.true(copied.changed, String(copied.msg));
    t.is(readFileSync(path.join(folder, 'copies/tree/sub/file'), 'utf8'), 'x');
    t.false((await runModule(copy, tree, { shell })).changed);
    writeFileSync(path.join(folder, 'tree/sub/file'), 'y');
    t.true((await runModule(copy, tree, { shell })).changed);
  });
}

test('force: no leaves a file alone that is there', async (t) => {
  const dest = path.join(temporaryFolder(), 'file');
  writeFileSync(dest, 'mine');
  t.false((await runModule(copy, { content: 'yours', dest, force: false })).changed);
  t.is(readFileSync(dest, 'utf8'), 'mine');
});

test('a link is replaced, or followed when asked', async (t) => {
  const folder = temporaryFolder();
  const link = path.join(folder, 'link');
  writeFileSync(path.join(folder, 'file'), 'old');
  symlinkSync('file', link);
  t.true((await runModule(copy, { content: 'new', dest: link, follow: true })).changed);
  t.true(lstatSync(link).isSymbolicLink());
  t.is(readFileSync(path.join(folder, 'file'), 'utf8'), 'new');
  t.true((await runModule(copy, { content: 'new', dest: link })).changed);
  t.false(lstatSync(link).isSymbolicLink());
});

test('a file that fails its validation is not put in place', async (t) => {
  const dest = path.join(temporaryFolder(), 'file');
  writeFileSync(dest, 'good');
  const result = await runModule(copy, { content: 'bad', dest, validate: 'grep -q good %s' });
  t.true(result.failed);
  t.regex(String(result.msg), /failed to validate/);
  t.is(readFileSync(dest, 'utf8'), 'good');
});

test('what cannot be done is said', async (t) => {
  const folder = temporaryFolder();
  const cases: [Record<string, string | boolean>, RegExp][] = [
    [{ content: 'x', dest: `${folder}/missing/file` }, /Destination directory .*missing does not exist/],
    [{ content: 'x', dest: folder }, /is a directory/],
    [{ content: 'x', dest: `${folder}/` }, /can not use content with a dir as dest/],
    [{ src: '/nonexistent/file', dest: folder }, /Could not find or access/],
    [{ content: 'x', dest: `${folder}/f`, mode: 'rwx!' }, /octal or symbolic/],
    [{ content: 'x', dest: `${folder}/f`, owner: 'nobody-of-that-name' }, /failed to look up user nobody-of-that-name/],
    [{ content: 'x', dest: `${folder}/f`, unsafe_writes: true }, /not supported/],
    [{ dest: folder }, /one of|required/],
  ];
  for (const [args, message] of cases) {
    const result = await runModule(copy, args);
    t.true(result.failed, JSON.stringify(args));
    t.regex(String(result.msg), message);
  }
});

test('dict content is JSON, and a dest with a slash gets the source’s name', async (t) => {
  const folder = temporaryFolder();
  await runModule(copy, { content: { a: [1, true, null] }, dest: `${folder}/data.json` });
  t.is(readFileSync(`${folder}/data.json`, 'utf8'), '{"a": [1, true, null]}');
  const result = await runModule(copy, { src: `${folder}/data.json`, dest: `${folder}/new/deep/` });
  t.is(result.fields.dest, `${folder}/new/deep/data.json`);
  t.true(existsSync(`${folder}/new/deep/data.json`));
});
