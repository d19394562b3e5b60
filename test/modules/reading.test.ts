import { execFileSync } from 'node:child_process';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { userInfo } from 'node:os';
import test from 'ava';
import fetch from '../../modules/fetch.ts';
import slurp from '../../modules/slurp.ts';
import stat from '../../modules/stat.ts';
import tempfile from '../../modules/tempfile.ts';
import type { Mapping } from '../../runner/value.ts';
import { modeOf, runModule, runWithAnswers, shells, temporaryFolder } from './harness.ts';

for (const shell of shells) {
  test(`${shell[0]}: stat tells what Node tells`, async (t) => {
    const path = `${temporaryFolder()}/it's a\nfile`;
    writeFileSync(path, 'text', { mode: 0o640 });
    const found = (await runModule(stat, { path }, { shell })).fields.stat as Mapping;
    const real = statSync(path);
    t.like(found, {
      exists: true,
      path,
      mode: '0640',
      isreg: true,
      isdir: false,
      islnk: false,
      uid: real.uid,
      gid: real.gid,
      size: 4,
      inode: real.ino,
      dev: real.dev,
      nlink: 1,
      rusr: true,
      wgrp: false,
      xoth: false,
      readable: true,
      executable: false,
      pw_name: userInfo().username,
      checksum: '372ea08cab33e71c02c651dbc83a474d32c676ea',
    });
    t.true(Math.abs(Number(found.mtime) - real.mtimeMs / 1000) < 1);
    t.deepEqual((await runModule(stat, { path: `${path}/x` }, { shell })).fields, { stat: { exists: false } });
  });

  test(`${shell[0]}: stat follows links when asked`, async (t) => {
    const folder = temporaryFolder();
    symlinkSync('target dir', `${folder}/link`);
    mkdirSync(`${folder}/target dir`);
    const link = (await runModule(stat, { path: `${folder}/link` }, { shell })).fields.stat as Mapping;
    t.like(link, { islnk: true, lnk_target: 'target dir', lnk_source: `${folder}/target dir` });
    const led = (await runModule(stat, { path: `${folder}/link`, follow: true }, { shell })).fields.stat as Mapping;
    t.like(led, { islnk: false, isdir: true });
  });

  test(`${shell[0]}: slurp reads bytes`, async (t) => {
    const path = `${temporaryFolder()}/bytes`;
    const bytes = Buffer.from(Array.from({ length: 1000 }, (_, index) => index % 256));
    writeFileSync(path, bytes);
    const result = await runModule(slurp, { src: path }, { shell });
    t.is(result.fields.content, bytes.toString('base64'));
    t.regex(String((await runModule(slurp, { src: `${path}.no` }, { shell })).msg), /file not found/);
    t.regex(String((await runModule(slurp, { src: '/tmp' }, { shell })).msg), /source is a directory/);
  });
}

test('stat knows the other checksums', async (t) => {
  const path = `${temporaryFolder()}/f`;
  writeFileSync(path, 'abc');
  for (const algorithm of ['md5', 'sha256', 'sha512']) {
    const { fields } = await runModule(stat, { path, checksum_algorithm: algorithm });
    t.is(
      (fields.stat as Mapping).checksum,
      execFileSync(`${algorithm}sum`, [path], { encoding: 'utf8' }).split(' ')[0],
    );
  }
});

test('a host without base64 is read all the same', async (t) => {
  const folder = temporaryFolder();
  writeFileSync(`${folder}/f`, 'a\0b\n');
  for (const tool of ['od', 'tr', 'stat', 'id', 'wc', 'sh', 'sha1sum']) {
    symlinkSync(execFileSync('sh', ['-c', `command -v ${tool}`], { encoding: 'utf8' }).trim(), `${folder}/${tool}`);
  }
  const result = await runModule(slurp, { src: `${folder}/f` }, { shell: ['/bin/sh'], environment: { PATH: folder } });
  t.is(result.fields.content, Buffer.from('a\0b\n').toString('base64'));
});

test('tempfile makes what only its user can read', async (t) => {
  const folder = temporaryFolder();
  const made = await runModule(tempfile, { path: folder, prefix: "it's ", suffix: '.conf' });
  t.regex(String(made.fields.path), /it's \w{8}\.conf$/);
  t.is(modeOf(String(made.fields.path)), '0600');
  const dir = await runModule(tempfile, { path: folder, state: 'directory' });
  t.is(modeOf(String(dir.fields.path)), '0700');
  t.true((await runModule(tempfile, { path: `${folder}/none` })).failed);
});

test('fetch names the file here by the task’s src, whatever the host says of it', async (t) => {
  const folder = temporaryFolder();
  mkdirSync(`${folder}/there`);
  writeFileSync(`${folder}/there/site.yml`, 'x');
  symlinkSync('site.yml', `${folder}/there/hostname`);
  const options = { playbookFolder: folder };
  const src = `${folder}/there/hostname`;
  const flat = await runModule(fetch, { src, dest: 'here/', flat: true }, options);
  t.is(flat.fields.dest, `${folder}/here/hostname`);
  const tree = await runModule(fetch, { src, dest: 'tree' }, options);
  t.is(tree.fields.dest, `${folder}/tree/testhost${src}`);
  const home = { ...options, environment: { HOME: `${folder}/there` } };
  const inHome = await runModule(fetch, { src: '~/hostname', dest: 'home' }, home);
  t.is(inHome.fields.dest, `${folder}/home/testhost${src}`);
  t.deepEqual(readdirSync(`${folder}/here`), ['hostname']);
});

test('fetch writes nothing above dest', async (t) => {
  const folder = temporaryFolder();
  writeFileSync(`${folder}/source`, 'x');
  const options = { playbookFolder: `${folder}/project` };
  const refused = [
    { src: '../../source', dest: 'out' },
    { src: '..', dest: 'out/', flat: true },
    { src: `${folder}/source`, dest: 'out', name: '../..' },
    { src: `${folder}/source`, dest: 'out', name: '../out-of-it' },
  ];
  for (const { name, ...args } of refused) {
    const outcome = await runWithAnswers(fetch, args, ['--\npath=/etc/passwd\nstat=81a4 0 0 1 0\n'], {
      ...options,
      name,
    });
    t.regex(String(outcome.msg), /directory traversal/, JSON.stringify(args));
  }
  const answers = ['--\npath=/root/x\nstat=81a4 0 0 1 0\n', '/../../etc'];
  t.regex(String((await runWithAnswers(fetch, { src: '~/x', dest: 'out' }, answers, options)).msg), /path with "\.\."/);
  t.false(existsSync(`${folder}/project`));
  const dots = await runModule(fetch, { src: `${folder}/source`, dest: 'out' }, { ...options, name: '..host' });
  t.is(dots.fields.dest, `${folder}/project/out/..host${folder}/source`);
});

test('fetch writes the file that a link at dest leads to, and makes directories until one cannot be made', async (t) => {
  const folder = temporaryFolder();
  writeFileSync(`${folder}/source`, 'x');
  symlinkSync('target', `${folder}/link`);
  const options = { playbookFolder: folder };
  await runModule(fetch, { src: `${folder}/source`, dest: 'link', flat: true }, options);
  t.is(readFileSync(`${folder}/target`, 'utf8'), 'x');
  t.true(lstatSync(`${folder}/link`).isSymbolicLink());
  const nowhere = runModule(fetch, { src: `${folder}/source`, dest: '/proc/kplay/nowhere' }, options);
  await t.throwsAsync(nowhere, { code: 'ENOENT' });
});

test('fetch puts a file under the host’s name, or flat, once', async (t) => {
  const folder = temporaryFolder();
  writeFileSync(`${folder}/source`, 'x');
  const options = { playbookFolder: folder };
  const args = { src: `${folder}/source`, dest: 'fetched' };
  t.true((await runModule(fetch, args, { ...options, check: true })).changed);
  t.false(existsSync(`${folder}/fetched`));
  const first = await runModule(fetch, args, options);
  t.is(first.fields.dest, `${folder}/fetched/testhost${folder}/source`);
  t.is(readFileSync(String(first.fields.dest), 'utf8'), 'x');
  t.false((await runModule(fetch, args, options)).changed);
  const flat = await runModule(fetch, { ...args, dest: 'flat/', flat: true }, options);
  t.is(flat.fields.dest, `${folder}/flat/source`);
  t.regex(String((await runModule(fetch, { ...args, flat: true }, options)).msg), /existing directory/);
  t.true((await runModule(fetch, { ...args, src: '/nowhere' }, options)).failed);
  const ignored = await runModule(fetch, { ...args, src: '/nowhere', fail_on_missing: false }, options);
  t.like(ignored, { failed: false, changed: false });
});
