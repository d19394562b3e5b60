import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import test from 'ava';
import copy from '../../modules/copy.ts';
import file from '../../modules/file.ts';
import lineinfile from '../../modules/lineinfile.ts';
import type { Module } from '../../runner/module/contract.ts';
import { type Options, runModule, temporaryFolder } from './harness.ts';

// SELinux itself needs a kernel that has it. Here its files are made in a namespace, and its programs note what they are given.
const namespace = ['unshare', '--user', '--map-root-user', '--mount'];
const selinux = 'mount -t tmpfs none /sys/fs && mkdir /sys/fs/selinux && : >/sys/fs/selinux/enforce';
const possible = spawnSync(namespace[0]!, [...namespace.slice(1), 'sh', '-c', selinux]).status === 0;
const withNamespace = possible ? test : test.skip;
if (!possible) test('SKIPPED: no mount namespace can be made here', (t) => t.pass());

const usual = 'system_u:object_r:tmp_t:s0';

interface Ground {
  readonly folder: string;
  readonly options: Options;
  /** What chcon was called with, and the name of the file that it reached; forgets it. */
  readonly chcon: () => string[];
  /** Says what context all files have. */
  readonly context: (text: string) => void;
}

function ground(has = true): Ground {
  const folder = temporaryFolder();
  const bin = path.join(temporaryFolder(), 'bin');
  mkdirSync(bin);
  const program = (name: string, text: string) =>
    writeFileSync(`${bin}/${name}`, `#!/bin/sh\n${text}\n`, { mode: 0o755 });
  program('stat', `[ "$1 $2" = "-c %C" ] && { [ -e "$3" ] || exit 1; exec cat ${bin}/context; }\nexec /bin/stat "$@"`);
  program(
    'chcon',
    `for last; do :; done
case $last in /proc/*) name=$(readlink "$last");; *) name=$(readlink -f "\${last%/*}")/\${last##*/};; esac
echo "$* | \${name##*/}" >>${bin}/log`,
  );
  program('matchpathcon', 'echo "policy:of:${2##*/}"');
  program('host', `${has ? `${selinux} && ` : ''}exec "$@"`);
  const context = (text: string) => writeFileSync(`${bin}/context`, `${text}\n`);
  context(usual);
  const chcon = (): string[] => {
    if (!existsSync(`${bin}/log`)) return [];
    const lines = readFileSync(`${bin}/log`, 'utf8').trimEnd().split('\n');
    writeFileSync(`${bin}/log`, '');
    return lines.filter((line) => line !== '');
  };
  const environment = { PATH: `${bin}:${process.env.PATH}`, HOME: bin };
  return { folder, options: { shell: [...namespace, `${bin}/host`, 'sh'], environment }, chcon, context };
}

withNamespace('the parts of a context that are asked for are set, and those only', async (t) => {
  const { folder, options, chcon, context } = ground();
  const args = { path: `${folder}/file`, setype: 'etc_t', selevel: 's0:c1,c2', seuser: 'system_u' };
  writeFileSync(args.path, '');
  const dry = await runModule(file, args, { ...options, check: true });
  t.regex(dry.diff, /system_u:object_r:tmp_t:s0\n[\s\S]*system_u:object_r:etc_t:s0:c1,c2\n/);
  t.deepEqual(chcon(), []);
  t.true((await runModule(file, args, options)).changed);
  t.deepEqual(chcon(), ['-t etc_t -l s0:c1,c2 /proc/self/fd/0 | file']);
  context('system_u:object_r:etc_t:s0:c1,c2');
  t.false((await runModule(file, args, options)).changed);
  t.deepEqual(chcon(), []);
});

withNamespace('a directory gets its context, and a link its own', async (t) => {
  const { folder, options, chcon } = ground();
  mkdirSync(`${folder}/directory`);
  symlinkSync('directory', `${folder}/link`);
  t.true((await runModule(file, { path: `${folder}/directory`, serole: 'r', state: 'directory' }, options)).changed);
  t.deepEqual(chcon(), ['-r r /proc/self/fd/0 | directory']);
  t.true((await runModule(file, { path: `${folder}/link`, setype: 'x', follow: false }, options)).changed);
  t.deepEqual(chcon(), ['-h -t x ./link | link']);
});

withNamespace('a file that replaces another takes over its context', async (t) => {
  const { folder, options, chcon } = ground();
  writeFileSync(`${folder}/file`, 'old');
  const result = await runModule(copy, { content: 'new', dest: `${folder}/file` }, options);
  t.true(result.changed, String(result.msg));
  const [given, ...others] = chcon();
  t.regex(given!, /^--reference=\.\/file \/proc\/self\/fd\/0 \| \.kplay-[0-9a-f]+\.tmp$/);
  t.deepEqual(others, []);
  t.deepEqual(readdirSync(folder), ['file']);
});

withNamespace('a new file gets the context that the policy has for its place, then what is asked for', async (t) => {
  const { folder, options, chcon, context } = ground();
  const result = await runModule(copy, { content: 'new', dest: `${folder}/file`, setype: 'etc_t' }, options);
  t.true(result.changed, String(result.msg));
  const [fresh, ...others] = chcon();
  t.regex(fresh!, /^policy:of:file \/proc\/self\/fd\/0 \| \.kplay-/);
  t.deepEqual(others, ['-h -t etc_t ./file | file']);
  context('system_u:object_r:etc_t:s0');
  t.false((await runModule(copy, { content: 'new', dest: `${folder}/file`, setype: 'etc_t' }, options)).changed);
  for (const [module, args] of [
    [file, { path: `${folder}/touched`, state: 'touch' }],
    [file, { path: `${folder}/made`, state: 'directory' }],
    [lineinfile, { path: `${folder}/lines`, line: 'x', create: true }],
  ] as const) {
    context(usual);
    t.true((await runModule(module as Module, { ...args, setype: 'etc_t' }, options)).changed);
    t.regex(chcon().at(-1)!, /-t etc_t .* \| (touched|made|lines)$/);
  }
});

withNamespace('a host without SELinux has no contexts', async (t) => {
  const { folder, options, chcon } = ground(false);
  writeFileSync(`${folder}/file`, '');
  t.false((await runModule(file, { path: `${folder}/file`, setype: 'etc_t' }, options)).changed);
  t.true((await runModule(copy, { content: 'new', dest: `${folder}/file`, setype: 'etc_t' }, options)).changed);
  t.deepEqual(chcon(), []);
});

withNamespace('what the policy says cannot be asked for by _default', async (t) => {
  const { folder, options } = ground();
  writeFileSync(`${folder}/file`, '');
  const result = await runModule(file, { path: `${folder}/file`, setype: '_default' }, options);
  t.regex(String(result.msg), /_default SELinux contexts are not supported/);
});
