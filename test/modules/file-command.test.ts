import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import test, { type ExecutionContext } from 'ava';
import copy from '../../modules/copy.ts';
import file from '../../modules/file.ts';
import lineinfile from '../../modules/lineinfile.ts';
import type { Module } from '../../runner/module/contract.ts';
import type { Mapping } from '../../runner/value.ts';
import { isInstalled, modeOf, type Options, runModule, temporaryFolder } from './harness.ts';

// Other users' directories, and devices, are root's to make.
const asRoot = process.getuid?.() === 0 ? test : test.skip;
// Neither mksh nor zsh: nobody takes the aliases away here, nor asks for sh, as a connection does.
const shells = ['sh', 'bash', 'ksh', 'yash', 'busybox']
  .filter(isInstalled)
  .map((shell) => (shell === 'busybox' ? [shell, 'sh'] : [shell]));
const stranger = 65_533;

/** A directory that another user owns, and one that nobody but root may write to. */
const directories: readonly [string, (folder: string) => void][] = [
  ["another user's", (folder) => chownSync(folder, stranger, stranger)],
  ['our own', () => {}],
];

function make(folder: string, kind: string): string {
  const path = `${folder}/it's a ${kind}`;
  const words = { device: ['mknod', path, 'c', '1', '3'], pipe: ['mkfifo', path], file: ['touch', path] }[kind]!;
  spawnSync(words[0]!, words.slice(1));
  return path;
}

async function change(t: ExecutionContext, args: Mapping, options: Options): Promise<void> {
  const result = await runModule(file, args, options);
  t.true(result.changed, String(result.msg));
  t.false((await runModule(file, args, options)).changed);
}

for (const shell of shells) {
  for (const [whose, own] of directories) {
    asRoot(`${shell[0]}: devices and pipes in ${whose} directory get their mode, owner and times`, async (t) => {
      const folder = temporaryFolder();
      own(folder);
      for (const kind of ['device', 'pipe']) {
        const path = make(folder, kind);
        await change(t, { path, mode: '0604', owner: String(stranger), group: '0' }, { shell });
        const times = { modification_time: '200101020304.05', access_time: 'preserve' };
        await change(t, { path, ...times }, { shell });
        const { uid, mtime } = lstatSync(path);
        t.deepEqual([modeOf(path), uid, mtime.getFullYear()], ['0604', stranger, 2001]);
      }
      t.deepEqual(readdirSync(folder).sort(), ["it's a device", "it's a pipe"]);
    });
  }
}

/** Whether chattr works where the tests have their files. */
function hasFlags(): boolean {
  const path = `${temporaryFolder()}/file`;
  writeFileSync(path, '');
  return spawnSync('chattr', ['+d', path]).status === 0;
}

const flags = (path: string): string => spawnSync('lsattr', ['-d', path]).stdout.toString().split(' ')[0]!;

for (const [whose, own] of directories) {
  (process.getuid?.() === 0 && hasFlags() ? test : test.skip)(`flags of files in ${whose} directory`, async (t) => {
    const folder = temporaryFolder();
    own(folder);
    const path = make(folder, 'file');
    // What is immutable has no second name.
    for (const [attributes, is] of [
      ['+d', /d/],
      ['+i', /i/],
      ['-i', /^[^i]*$/],
    ] as const) {
      await change(t, { path, attributes }, {});
      t.regex(flags(path), is);
    }
    await change(t, { path: folder, attributes: '+d' }, {});
    t.regex(flags(folder), /d/);
    const fresh = await runModule(file, { path: `${folder}/new`, state: 'touch', attributes: '+d' });
    t.true(fresh.changed, String(fresh.msg));
    t.regex(flags(`${folder}/new`), /d/);
    t.deepEqual(readdirSync(folder).sort(), ["it's a file", 'new']);
  });
}

/** The module, while the directory's owner puts a link in the place of what was looked at. */
function disturbed(path: string, victim: string): Module {
  let looks = 0;
  const state = file as Extract<Module, { kind: 'state' }>;
  return {
    ...state,
    async probe(args: never, host) {
      const current: unknown = await state.probe(args, host);
      if (++looks === 1) {
        rmSync(path);
        symlinkSync(victim, path);
      }
      return current;
    },
  };
}

for (const kind of ['device', 'pipe', 'file']) {
  for (const [what, args] of [
    ['mode', { mode: '0777' }],
    ['owner', { owner: String(stranger) }],
    ['times', { modification_time: '200101020304.05', state: 'file' }],
    ...(kind === 'file' && hasFlags() ? [['flags', { attributes: '+d' }] as const] : []),
  ] as const) {
    asRoot(`the ${what} of a ${kind} that became a link reaches nothing else`, async (t) => {
      const folder = temporaryFolder();
      chownSync(folder, stranger, stranger);
      const victim = `${temporaryFolder()}/victim`;
      writeFileSync(victim, 'x', { mode: 0o600 });
      const path = make(folder, kind);
      const before = lstatSync(victim);
      await runModule(disturbed(path, victim), { path, ...args, follow: false });
      const after = lstatSync(victim);
      t.deepEqual([after.mode, after.uid, after.mtimeMs], [before.mode, before.uid, before.mtimeMs]);
      t.notRegex(flags(victim), /d/);
    });
  }
}

asRoot('a name that is turned to another file at the last moment reaches nothing else', async (t) => {
  const folder = temporaryFolder();
  chownSync(folder, stranger, stranger);
  const path = make(folder, 'pipe');
  const victim = `${temporaryFolder()}/victim`;
  writeFileSync(victim, 'x', { mode: 0o600 });
  const bin = `${temporaryFolder()}/bin`;
  mkdirSync(bin);
  const turn = `#!/bin/sh\nrm -f "$1"; /bin/ln -s ${victim} "$1"; echo turned >>${bin}/log; exec /bin/ln "$@"\n`;
  writeFileSync(`${bin}/ln`, turn, { mode: 0o755 });
  const environment = { PATH: `${bin}:${process.env.PATH}` };
  const result = await runModule(file, { path, mode: '0777', follow: false }, { environment });
  t.is(modeOf(victim), '0600', String(result.msg));
  t.regex(readFileSync(`${bin}/log`, 'utf8'), /turned/);
  t.deepEqual(readdirSync(folder), ["it's a pipe"]);
});

for (const shell of shells) {
  test(`${shell[0]}: what is read of a file is what was looked at, though its name leads to another one by then`, async (t) => {
    const folder = temporaryFolder();
    const path = `${folder}/it's a file`;
    writeFileSync(path, 'one\ntwo\n');
    writeFileSync(`${folder}/other`, 'secret\n');
    const bin = `${temporaryFolder()}/bin`;
    mkdirSync(bin);
    const turn = `#!/bin/sh\n/bin/stat "$@" || exit\n/bin/ln -sfn other "${path}"; echo turned >>${bin}/log\n`;
    writeFileSync(`${bin}/stat`, turn, { mode: 0o755 });
    // bash may read a file of the home directory, which may call stat, too.
    const environment = { PATH: `${bin}:${process.env.PATH}`, HOME: bin };
    const options = { shell, environment, check: true };
    const edited = await runModule(lineinfile, { path, regexp: 'two', line: 'three' }, options);
    t.regex(readFileSync(`${bin}/log`, 'utf8'), /turned/);
    t.regex(edited.diff, /one\ntwo\n[\s\S]*one\nthree\n/, String(edited.msg));
    t.notRegex(edited.diff, /secret/);
  });
}

const asRootWithBusybox = isInstalled('busybox') ? asRoot : test.skip;

asRootWithBusybox('busybox: an owner or a group that is given alone leaves the other as it is', async (t) => {
  const folder = temporaryFolder();
  const bin = `${folder}/bin`;
  mkdirSync(bin);
  for (const name of ['chown', 'chgrp'])
    symlinkSync(spawnSync('sh', ['-c', 'command -v busybox'], { encoding: 'utf8' }).stdout.trim(), `${bin}/${name}`);
  const options = { environment: { PATH: `${bin}:${process.env.PATH}` } };
  const path = `${folder}/file`;
  const owners = (one: string) => [lstatSync(one).uid, lstatSync(one).gid];
  writeFileSync(path, '');
  chownSync(path, 1, 1);
  await change(t, { path, group: String(stranger) }, options);
  t.deepEqual(owners(path), [1, stranger]);
  await change(t, { path, owner: '2' }, options);
  t.deepEqual(owners(path), [2, stranger]);
  await change(t, { path, owner: '3', group: '4' }, options);
  t.deepEqual(owners(path), [3, 4]);
  // The group of what is made in a directory with the set-group-id bit is the directory's.
  const directory = `${folder}/directory`;
  mkdirSync(directory);
  chownSync(directory, 0, stranger);
  chmodSync(directory, 0o2755);
  await runModule(copy, { content: 'text', dest: `${directory}/made`, owner: '2' }, options);
  t.deepEqual(owners(`${directory}/made`), [2, stranger]);
});
