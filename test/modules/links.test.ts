import { lstatSync, mkdirSync, readdirSync, readFileSync, readlinkSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import test from 'ava';
import assemble from '../../modules/assemble.ts';
import blockinfile from '../../modules/blockinfile.ts';
import copy from '../../modules/copy.ts';
import file from '../../modules/file.ts';
import iniFile from '../../modules/ini_file.ts';
import knownHosts from '../../modules/known_hosts.ts';
import lineinfile from '../../modules/lineinfile.ts';
import replace from '../../modules/replace.ts';
import template from '../../modules/template.ts';
import type { Module } from '../../runner/module/contract.ts';
import type { Mapping } from '../../runner/value.ts';
import { modeOf, runModule, temporaryFolder } from './harness.ts';

/** What is at dest before: a file, a link to one, to nothing or to a directory, or nothing. */
type Before = 'regular' | 'link' | 'dangling' | 'directory' | 'missing';

/** What stands there afterwards: `file MODE` and its text in one line, where a link leads to with what it leads to, or that the module refuses. */
type After = Readonly<Partial<Record<Before, string>>>;

interface Case {
  readonly module: Module;
  readonly args: (folder: string) => Mapping;
  readonly after: After;
}

const source = temporaryFolder();
writeFileSync(path.join(source, 'source'), 'new\n');
const pieces = temporaryFolder();
writeFileSync(path.join(pieces, 'a'), 'new\n');
const key = 'h ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl';

const replaced: After = {
  regular: 'file 0640 new',
  link: 'file 0644 new',
  dangling: 'file 0644 new',
  directory: 'link target/source',
  missing: 'file 0644 new',
};
const followed: After = { ...replaced, link: 'link file 0640 new' };
/** A link is followed: what the file holds afterwards, and what one that is made holds. */
const edited = (whole: string, alone: string): After => ({
  regular: `file 0640 ${whole}`,
  link: `link file 0640 ${whole}`,
  dangling: `link file 0644 ${alone}`,
  directory: 'refused',
  missing: `file 0644 ${alone}`,
});
/** As Ansible's atomic_move has it: a file takes the link's place, with what the link leads to, and its mode. */
const moved = (whole: string, alone: string): After => ({
  ...edited(whole, alone),
  link: `file 0640 ${whole}`,
  dangling: `file 0644 ${alone}`,
});

/** What ansible-core 2.21 leaves, run as root with umask 022, and a second run finds nothing to change. */
const cases: Readonly<Record<string, Case>> = {
  copy: {
    module: copy,
    args: (folder) => ({ src: path.join(source, 'source'), dest: `${folder}/dest` }),
    after: replaced,
  },
  'copy with follow': {
    module: copy,
    args: (folder) => ({ src: path.join(source, 'source'), dest: `${folder}/dest`, follow: true }),
    after: followed,
  },
  'copy of content with follow': {
    module: copy,
    args: (folder) => ({ content: 'new\n', dest: `${folder}/dest`, follow: true }),
    after: { ...followed, directory: 'refused' },
  },
  'copy without force': {
    module: copy,
    args: (folder) => ({ content: 'new\n', dest: `${folder}/dest`, force: false }),
    after: {
      regular: 'file 0640 old',
      link: 'link file 0640 old',
      dangling: 'link nothing',
      missing: 'file 0644 new',
    },
  },
  'copy on the host': {
    module: copy,
    args: (folder) => ({ src: path.join(source, 'source'), remote_src: true, dest: `${folder}/dest` }),
    after: { ...replaced, regular: 'file 0644 new' },
  },
  'copy on the host with follow': {
    module: copy,
    args: (folder) => ({ src: path.join(source, 'source'), remote_src: true, dest: `${folder}/dest`, follow: true }),
    after: { ...followed, regular: 'file 0644 new', link: 'link file 0644 new' },
  },
  template: {
    module: template,
    args: (folder) => ({ src: path.join(source, 'source'), dest: `${folder}/dest` }),
    after: replaced,
  },
  'template with follow': {
    module: template,
    args: (folder) => ({ src: path.join(source, 'source'), dest: `${folder}/dest`, follow: true }),
    after: followed,
  },
  assemble: {
    module: assemble,
    args: (folder) => ({ src: pieces, dest: `${folder}/dest` }),
    after: moved('new', 'new'),
  },
  lineinfile: {
    module: lineinfile,
    args: (folder) => ({ path: `${folder}/dest`, line: 'new', create: true }),
    after: edited('old new', 'new'),
  },
  blockinfile: {
    module: blockinfile,
    args: (folder) => ({ path: `${folder}/dest`, block: 'new', marker: '#{mark}', create: true }),
    after: edited('old #BEGIN new #END', '#BEGIN new #END'),
  },
  replace: {
    module: replace,
    args: (folder) => ({ path: `${folder}/dest`, regexp: '^old$', replace: 'new' }),
    after: { ...edited('new', ''), dangling: 'refused', missing: 'refused' },
  },
  ini_file: {
    module: iniFile,
    args: (folder) => ({ path: `${folder}/dest`, section: 's', option: 'a', value: 'b', no_extra_spaces: true }),
    after: { link: 'file 0640 old [s] a=b', directory: 'refused' },
  },
  'ini_file with follow': {
    module: iniFile,
    args: (folder) => ({
      path: `${folder}/dest`,
      section: 's',
      option: 'a',
      value: 'b',
      no_extra_spaces: true,
      follow: true,
    }),
    after: { link: 'link file 0640 old [s] a=b', directory: 'refused' },
  },
  known_hosts: {
    module: knownHosts,
    args: (folder) => ({ path: `${folder}/dest`, name: 'h', key }),
    after: moved(`old ${key}`, key),
  },
  'file with a mode': {
    module: file,
    args: (folder) => ({ path: `${folder}/dest`, mode: '0600' }),
    after: { regular: 'file 0600 old', link: 'link file 0600 old', missing: 'refused' },
  },
  'file as a directory': {
    module: file,
    args: (folder) => ({ path: `${folder}/dest`, state: 'directory' }),
    after: { regular: 'refused', link: 'refused', dangling: 'link directory 0755', missing: 'directory 0755' },
  },
};

function prepare(before: Before): string {
  const folder = temporaryFolder();
  mkdirSync(path.join(folder, 'directory'));
  writeFileSync(path.join(folder, 'real'), 'old\n', { mode: 0o640 });
  const dest = path.join(folder, 'dest');
  if (before === 'regular') writeFileSync(dest, 'old\n', { mode: 0o640 });
  else if (before === 'link') symlinkSync('real', dest);
  else if (before === 'dangling') symlinkSync('nowhere', dest);
  else if (before === 'directory') symlinkSync('directory', dest);
  return folder;
}

function describe(file: string): string {
  const stat = lstatSync(file, { throwIfNoEntry: false });
  if (!stat) return 'nothing';
  if (stat.isSymbolicLink()) {
    const target = path.resolve(path.dirname(file), readlinkSync(file));
    const into = lstatSync(target, { throwIfNoEntry: false })?.isDirectory() ? readdirSync(target) : [];
    return into.length > 0 ? `link target/${into.join()}` : `link ${describe(target)}`;
  }
  if (stat.isDirectory()) return `directory ${modeOf(file)}`;
  return `file ${modeOf(file)} ${readFileSync(file, 'utf8').trim().replaceAll('\n', ' ')}`;
}

for (const [name, { module, args, after }] of Object.entries(cases)) {
  test(`${name}: what stands at dest, and that it stays`, async (t) => {
    for (const [before, expected] of Object.entries(after) as [Before, string][]) {
      const folder = prepare(before);
      const dest = path.join(folder, 'dest');
      const untouched = describe(dest);
      const first = await runModule(module, args(folder));
      t.is(first.failed, expected === 'refused', `${before}: ${String(first.msg)}`);
      t.is(describe(dest), expected === 'refused' ? untouched : expected, before);
      if (!expected.startsWith('link')) t.is(readFileSync(path.join(folder, 'real'), 'utf8'), 'old\n', before);
      const second = await runModule(module, args(folder));
      t.is(second.failed, first.failed, before);
      t.false(second.changed, `${before}: the second run`);
      t.deepEqual(
        readdirSync(folder).filter((entry) => entry.includes('kplay')),
        [],
      );
    }
  });
}

test('touch makes nothing where a link leads to nothing', async (t) => {
  for (const follow of [true, false]) {
    const folder = prepare('dangling');
    const touched = await runModule(file, { path: `${folder}/dest`, state: 'touch', follow });
    t.true(touched.failed);
    t.is(describe(path.join(folder, 'dest')), 'link nothing');
  }
});
