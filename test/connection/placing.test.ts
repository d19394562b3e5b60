import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { type Connection, type ConnectionSettings, FileChanged } from '../../runner/connection/connection.ts';
import { createConnection } from '../../runner/connection/create.ts';
import { hostFunctions, identityFormat, nothingThere } from '../../runner/connection/host-functions.ts';
import { textFunctions } from '../../runner/connection/probe-functions.ts';
import { receiveScript } from '../../runner/connection/transfer.ts';

const root = mkdtempSync(join(tmpdir(), 'kplay-placing-'));
chmodSync(root, 0o755);
const isRoot = process.getuid?.() === 0;

const settings: ConnectionSettings = {
  kind: 'local',
  host: 'localhost',
  connectTimeoutSeconds: 20,
  hostKeyChecking: true,
};

/** A connection of a user whose home is `home`; ends with the test. */
function connect(home: string): Connection {
  const shell = join(home, 'sh');
  writeFileSync(shell, `#!/bin/sh\nHOME=${home}\nexport HOME\nexec /bin/sh "$@"\n`, { mode: 0o755 });
  return createConnection({ ...settings, shell });
}

let count = 0;
function newFolder(): string {
  const folder = join(root, String(++count));
  mkdirSync(folder);
  return folder;
}

const home = newFolder();
const connection = connect(home);
test.after.always(async () => {
  await connection.close();
  rmSync(root, { recursive: true, force: true });
});

function identity(file: string): string {
  const { stdout, status } = spawnSync('stat', ['-c', identityFormat, file], {
    env: { ...process.env, TZ: 'UTC0' },
    encoding: 'utf8',
  });
  return status === 0 ? stdout.trim() : nothingThere;
}

/** Waits for what happens on the host by itself once its connection has ended. */
async function eventually(isSo: () => boolean): Promise<boolean> {
  for (let n = 0; n < 300 && !isSo(); n++) await new Promise((resolve) => setTimeout(resolve, 100));
  return isSo();
}

test('what is to be replaced must be what it was', async (t) => {
  const folder = newFolder();
  const file = join(folder, 'file');
  await connection.send(Buffer.from('one'), file, { replaces: nothingThere });
  await t.throwsAsync(connection.send(Buffer.from('two'), file, { replaces: nothingThere }), {
    instanceOf: FileChanged,
  });
  const known = identity(file);
  await connection.send(Buffer.from('two'), file, { replaces: known });
  await t.throwsAsync(connection.send(Buffer.from('three'), file, { replaces: known }), {
    instanceOf: FileChanged,
    message: /file was changed by somebody else/,
  });
  t.is(readFileSync(file, 'utf8'), 'two');
  rmSync(file);
  symlinkSync('elsewhere', file);
  await t.throwsAsync(connection.send(Buffer.from('four'), file, { replaces: known }), { instanceOf: FileChanged });
  await connection.send(Buffer.from('four'), file, { replaces: identity(file) });
  t.is(readFileSync(file, 'utf8'), 'four');
  t.deepEqual(readdirSync(folder), ['file']);
});

test('a replaced file is kept under another name, never through a link that is there', async (t) => {
  const folder = newFolder();
  const file = join(folder, 'file');
  writeFileSync(file, 'old', { mode: 0o640 });
  const { mtimeMs } = statSync(file);
  await connection.send(Buffer.from('new'), file, { backup: 'kept' });
  t.is(readFileSync(join(folder, 'kept'), 'utf8'), 'old');
  t.is(statSync(join(folder, 'kept')).mtimeMs, mtimeMs);
  t.is(readFileSync(file, 'utf8'), 'new');
  writeFileSync(join(folder, 'theirs'), 'theirs');
  symlinkSync('theirs', join(folder, 'trap'));
  await t.throwsAsync(connection.send(Buffer.from('newer'), file, { backup: 'trap' }), { message: /File exists/ });
  t.is(readFileSync(join(folder, 'theirs'), 'utf8'), 'theirs');
  t.is(readFileSync(file, 'utf8'), 'new');
  t.deepEqual(readdirSync(folder).sort(), ['file', 'kept', 'theirs', 'trap']);
});

test('where there can be no second link the backup is a copy', async (t) => {
  const folder = newFolder();
  const file = join(folder, 'file');
  writeFileSync(file, 'old', { mode: 0o640 });
  mkdirSync(join(folder, 'bin'));
  writeFileSync(join(folder, 'bin', 'ln'), '#!/bin/sh\necho "ln: no links here" >&2\nexit 1\n', { mode: 0o755 });
  const script = `PATH=${folder}/bin:$PATH; ${hostFunctions}\n${receiveScript(file, 3, { backup: 'kept' })}`;
  const { status, stderr } = spawnSync('/bin/sh', ['-c', script], { input: 'new', encoding: 'utf8' });
  t.is(status, 0, stderr);
  const kept = statSync(join(folder, 'kept'));
  t.is(kept.mode & 0o777, 0o640);
  t.not(kept.ino, statSync(file).ino);
  t.is(readFileSync(join(folder, 'kept'), 'utf8'), 'old');
});

test('where cp copies no attributes alone, as on busybox, a replaced file leaves its mode and owner', (t) => {
  const folder = newFolder();
  const file = join(folder, 'file');
  writeFileSync(file, 'old', { mode: 0o644 });
  if (isRoot) chownSync(file, 1, 2);
  const { uid, gid } = statSync(file);
  mkdirSync(join(folder, 'bin'));
  writeFileSync(join(folder, 'bin', 'cp'), '#!/bin/sh\necho "cp: unrecognized option" >&2\nexit 1\n', { mode: 0o755 });
  // With all functions of a shell: one function must not take the name of another.
  const script = `PATH=${folder}/bin:$PATH; ${textFunctions}\n${receiveScript(file, 3, {})}`;
  const { status, stderr } = spawnSync('/bin/sh', ['-c', script], { input: 'new', encoding: 'utf8' });
  t.is(status, 0, stderr);
  const after = statSync(file);
  t.deepEqual([after.uid, after.gid, after.mode & 0o777], [uid, gid, 0o644]);
  t.is(readFileSync(file, 'utf8'), 'new');
});

test('no function of the host takes the name of another', (t) => {
  // Alternatives for shells that cannot do better.
  const alternatives = new Set(['kplay_mine', 'kplay_print']);
  const names = [...textFunctions.matchAll(/\b(kplay_\w+)\(\)/g)].map(([, name]) => name!);
  t.true(names.length > 20);
  const twice = names.filter((name, index) => names.indexOf(name) !== index && !alternatives.has(name));
  t.deepEqual(twice, []);
});

test('a replaced file leaves its owner, ACL and extended attributes', async (t) => {
  if (!isRoot) return t.log('only root gives files away: skipped');
  const folder = newFolder();
  const file = join(folder, 'file');
  writeFileSync(file, 'old');
  chownSync(file, 1, 2);
  chmodSync(file, 0o664);
  const have = (command: string, ...args: string[]) => spawnSync(command, [...args, file], { encoding: 'utf8' });
  if (have('setfacl', '-m', 'u:7:rw').status !== 0 || have('setfattr', '-n', 'user.kplay', '-v', 'yes').status !== 0) {
    return t.log('no ACLs or extended attributes here: skipped');
  }
  const acl = () =>
    have('getfacl', '-cpn')
      .stdout.replaceAll(/\t.*|\n$/gm, '')
      .trim();
  const before = acl();
  await connection.send(Buffer.from('new'), file, {});
  t.is(acl(), before);
  t.regex(have('getfattr', '-d').stdout, /user\.kplay="yes"/);
  const { uid, gid } = statSync(file);
  t.deepEqual([uid, gid], [1, 2]);
  // A mode that is asked for narrows the mask, as chmod does.
  await connection.send(Buffer.from('newer'), file, { mode: '0640', group: '3' });
  t.is(acl(), before.replace('mask::rw-', 'mask::r--').replace('other::r--', 'other::---'));
  t.deepEqual([statSync(file).uid, statSync(file).gid, statSync(file).mode & 0o777], [1, 3, 0o640]);
  await connection.send(Buffer.from('newest'), file, { mode: '0660' });
  t.is(acl(), before.replace('other::r--', 'other::---'));
});

test('the owner of a directory turns nothing to other files', async (t) => {
  if (!isRoot) return t.log('only root writes to directories of others: skipped');
  const folder = newFolder();
  const outside = join(newFolder(), 'outside');
  writeFileSync(outside, 'outside', { mode: 0o600 });
  chownSync(folder, 65534, 65534);
  const before = identity(outside);
  // Puts links to the file outside in the place of all that comes to stand here, as fast as it can.
  const attack = `
    const { readdirSync, renameSync, symlinkSync, unlinkSync } = require('node:fs');
    process.stdout.write('ready');
    for (;;) for (const name of readdirSync('.')) {
      if (name.startsWith('taken')) continue;
      try { renameSync(name, 'taken' + process.hrtime.bigint()); symlinkSync(${JSON.stringify(outside)}, name); } catch {}
    }`;
  const attacker = spawn(process.execPath, ['-e', attack], { cwd: folder, uid: 65534, gid: 65534, stdio: 'pipe' });
  try {
    await once(attacker.stdout, 'data');
    for (let n = 0; n < 40; n++) {
      const placement = { mode: '0644', owner: '65534', ...(n % 2 === 0 ? {} : { backup: `kept-${n}` }) };
      await connection.send(Buffer.from('content'), join(folder, 'file'), placement).catch(() => {});
    }
  } finally {
    attacker.kill('SIGKILL');
    await once(attacker, 'exit');
  }
  t.true(readdirSync(folder).length > 10, 'the attacker was there');
  t.is(identity(outside), before);
  t.is(readFileSync(outside, 'utf8'), 'outside');
});

test('what a killed shell was writing is removed, whatever becomes of the run', async (t) => {
  const folder = newFolder();
  const own = newFolder();
  const first = connect(own);
  const script = `( kplay_new ${folder}/file 0123456789abcdef01; echo half >&9; kplay_scratch 0123; echo x >"$kplay_d/x"; ls -A ${folder} ${own}; kill -KILL $kplay_keeper; sleep 100 )`;
  const { stdout } = await first.run({ script });
  t.regex(stdout, /\.kplay-0123456789abcdef01\.tmp/);
  t.regex(stdout, /\.notes/);
  await first.close();
  t.true(await eventually(() => readdirSync(folder).length === 0));
  await eventually(() => readdirSync(own).join() === 'sh');
  t.deepEqual(readdirSync(own), ['sh']);
});

test('the next shell removes what dead ones left, and nothing else', async (t) => {
  const folder = newFolder();
  const own = newFolder();
  const host = readFileSync('/proc/sys/kernel/hostname', 'utf8').trim();
  const [boot] = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').split('-');
  const startOf = (pid: number) => readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/.*\) /s, '').split(' ')[19];
  const here = `${boot}-${startOf(1)}`;
  const noteOf = (space: string, name: string, ...paths: string[]) => {
    const file = join(own, `.kplay-${host}-${space}-${name}`);
    writeFileSync(file, paths.map((path) => `${path}\n`).join(''));
    return file;
  };
  const note = (name: string, ...paths: string[]) => noteOf(here, name, ...paths);
  const made = (name: string): string => {
    const path = join(folder, name);
    writeFileSync(path, name);
    return path;
  };
  mkdirSync(join(folder, 'line\nend'));
  mkdirSync(join(folder, '.kplay-directory.tmp'));
  note('4194305-1.notes', made('.kplay-1.tmp'), made(join('line\nend', '.kplay-2.tmp')), made('important'));
  note('4194305-2.notes', join(folder, '.kplay-directory.tmp'), made('.kplay-linked.tmp'));
  symlinkSync('important', join(folder, '.kplay-link.tmp'));
  note('4194305-3.notes', join(folder, '.kplay-link.tmp'));
  note('x-1.notes', made('.kplay-no-number.tmp'));
  note(`${process.pid}-${startOf(process.pid)}.notes`, made('.kplay-alive.tmp'));
  noteOf(`0b00${boot?.slice(4)}-1`, `${process.pid}-${startOf(process.pid)}.notes`, made('.kplay-boot.tmp'));
  const elsewhere = `${boot}-7${startOf(1)}`;
  noteOf(elsewhere, '4194305-6.notes', made('.kplay-elsewhere.tmp'));
  const old = noteOf(elsewhere, '4194305-7.notes', made('.kplay-old.tmp'));
  utimesSync(old, 0, Date.now() / 1000 - 700);
  mkdirSync(join(own, `.kplay-${host}-${here}-4194305-4.aa.dir`, 'below'), { recursive: true });
  symlinkSync(folder, join(own, `.kplay-${host}-${here}-4194305-5.bb.dir`));
  const next = connect(own);
  await next.run({ script: ':' });
  t.deepEqual(readdirSync(folder).sort(), [
    '.kplay-alive.tmp',
    '.kplay-directory.tmp',
    '.kplay-elsewhere.tmp',
    '.kplay-no-number.tmp',
    'important',
    'line\nend',
  ]);
  t.deepEqual(readdirSync(join(folder, 'line\nend')), []);
  t.false(readdirSync(own).some((name) => /4194305-[^6]/.test(name) && !name.endsWith('.bb.dir')));
  await next.close();
});

test('nothing stays in the home directory', async (t) => {
  const own = newFolder();
  const folder = newFolder();
  const short = connect(own);
  await short.send(Buffer.from('x'), join(folder, 'file'), {});
  await short.run({ script: 'cat >/dev/null', stdin: Buffer.alloc(100_000) });
  t.is(readdirSync(own).length, 2);
  await short.close();
  t.true(await eventually(() => readdirSync(own).join() === 'sh'));
  t.deepEqual(readdirSync(folder), ['file']);
});

test('a full disk, and one that cannot be written to, leave the old file and say why', (t) => {
  const folder = newFolder();
  const inside = (mount: string, size: number) => {
    const script = `mount -t tmpfs -o size=1m kplay ${folder} || { echo no-mount; exit 0; }
echo old >${folder}/file; ${mount}
( ${hostFunctions}
${receiveScript(join(folder, 'file'), size, {})} ); echo "rc $?"; cat ${folder}/file; ls -A ${folder}`;
    return spawnSync('unshare', ['--mount', 'sh', '-c', script], { input: Buffer.alloc(size), encoding: 'utf8' });
  };
  const full = inside(':', 3_000_000);
  if (full.status !== 0 || full.stdout.includes('no-mount')) return t.log('only root can mount: skipped');
  t.regex(full.stderr, /No space left on device/);
  t.is(full.stdout, 'rc 255\nold\nfile\n');
  const fixed = inside(`mount -o remount,ro ${folder}`, 10);
  t.regex(fixed.stderr, /Read-only file system/);
  t.is(fixed.stdout, 'rc 255\nold\nfile\n');
});

test('a file that has other names keeps them', async (t) => {
  const folder = newFolder();
  writeFileSync(join(folder, 'file'), 'old');
  linkSync(join(folder, 'file'), join(folder, 'other'));
  await connection.send(Buffer.from('new'), join(folder, 'file'), {});
  t.is(readFileSync(join(folder, 'other'), 'utf8'), 'old');
  t.true(lstatSync(join(folder, 'file')).isFile());
});
