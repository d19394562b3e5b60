import { chmodSync, mkdirSync, readFileSync, readlinkSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import test from 'ava';
import copy from '../../modules/copy.ts';
import file from '../../modules/file.ts';
import { modeOf, runModule, shells, temporaryFolder } from './harness.ts';

test('a link that leads nowhere is copied as a link', async (t) => {
  const folder = temporaryFolder();
  mkdirSync(path.join(folder, 'from'));
  symlinkSync('nowhere', path.join(folder, 'from', 'gone'));
  const args = { src: `${folder}/from/`, dest: `${folder}/to/` };
  const copied = await runModule(copy, args);
  t.false(copied.failed, String(copied.msg));
  t.is(readlinkSync(path.join(folder, 'to', 'gone')), 'nowhere');
  t.false((await runModule(copy, args)).changed);
});

for (const shell of shells) {
  test(`${shell[0]}: a folder of the host is copied with the modes of what is in it`, async (t) => {
    const folder = temporaryFolder();
    const from = path.join(folder, 'from');
    mkdirSync(path.join(from, 'd'), { recursive: true });
    writeFileSync(path.join(from, 'd', 'g'), 'g');
    chmodSync(path.join(from, 'd', 'g'), 0o640);
    chmodSync(path.join(from, 'd'), 0o711);
    const args = { src: `${from}/`, dest: `${folder}/to/`, remote_src: true, mode: 'preserve' };
    t.true((await runModule(copy, args, { shell })).changed);
    t.deepEqual([modeOf(`${folder}/to/d`), modeOf(`${folder}/to/d/g`)], ['0711', '0640']);
  });

  test(`${shell[0]}: a tree in which others may write gets its modes without its names`, async (t) => {
    const folder = path.join(temporaryFolder(), 'tree');
    mkdirSync(path.join(folder, 'open', 'below'), { recursive: true });
    chmodSync(path.join(folder, 'open'), 0o777);
    const outside = path.join(temporaryFolder(), 'outside');
    writeFileSync(outside, 'x', { mode: 0o600 });
    symlinkSync(outside, path.join(folder, 'open', 'link'));
    writeFileSync(path.join(folder, 'open', 'below', '-a file'), 'x', { mode: 0o600 });
    const args = { path: folder, state: 'directory', recurse: true, mode: 'u=rwX,g=rX,o=' };
    const given = await runModule(file, args, { shell });
    t.false(given.failed, String(given.msg));
    t.is(modeOf(outside), '0600');
    t.deepEqual(
      ['open', 'open/below', 'open/below/-a file'].map((name) => modeOf(path.join(folder, name))),
      ['0750', '0750', '0640'],
    );
    t.false((await runModule(file, args, { shell })).changed);
  });
}

test('touch for an owner that there is not makes nothing, and tells what would be', async (t) => {
  const made = path.join(temporaryFolder(), 'file');
  const touched = await runModule(file, { path: made, state: 'touch', owner: 'nobodyhere' });
  t.is(touched.msg, 'chown failed: failed to look up user nobodyhere');
  t.is(touched.fields.state, 'file');
  t.is((await runModule(file, { path: made, state: 'absent' })).changed, false);
});

test('an owner that there is not fails in check mode too, where the file is there', async (t) => {
  const there = path.join(temporaryFolder(), 'file');
  writeFileSync(there, '');
  const failed = await runModule(file, { path: there, owner: 'nobodyhere' }, { check: true });
  t.true(failed.failed);
  t.deepEqual(failed.fields.warnings, ['failed to look up user nobodyhere. Create user up to this point in real play']);
});

test('modes with set-id bits are told with a zero before them', async (t) => {
  const made = path.join(temporaryFolder(), 'file');
  t.is((await runModule(file, { path: made, state: 'touch', mode: '4755' })).fields.mode, '04755');
  t.is((await runModule(file, { path: made, mode: 'u-s,o+t' })).fields.mode, '01755');
  t.is(modeOf(made), '1755');
});

test('copy: in check mode an unknown owner fails what is only to change hands, not what is still to be written', async (t) => {
  const dest = `${temporaryFolder()}/file`;
  writeFileSync(dest, 'old\n');
  const args = { dest, owner: 'nobodyhere' };
  const same = await runModule(copy, { ...args, content: 'old\n' }, { check: true });
  t.is(same.msg, 'chown failed: failed to look up user nobodyhere');
  t.deepEqual(same.fields.warnings, ['failed to look up user nobodyhere. Create user up to this point in real play']);
  const other = await runModule(copy, { ...args, content: 'new\n' }, { check: true });
  t.deepEqual([other.failed, other.changed], [false, true], String(other.msg));
  const run = await runModule(copy, { ...args, content: 'new\n' });
  t.true(run.failed);
  t.is(readFileSync(dest, 'utf8'), 'old\n');
});
