import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import test from 'ava';
import { secretValues, splitOptions } from '../../modules/mount/credentials.ts';
import { parseMountinfo } from '../../modules/mount/fstab.ts';
import mount from '../../modules/mount.ts';
import { isInstalled, runModule, temporaryFolder } from './harness.ts';

/** Whether this process may mount; where it may not, there is nothing to try. */
function mayMount(): boolean {
  const folder = temporaryFolder();
  try {
    execFileSync('mount', ['-t', 'tmpfs', 'tmpfs', folder], { stdio: 'ignore' });
    execFileSync('umount', [folder], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

function isMounted(path: string): boolean {
  return parseMountinfo(readFileSync('/proc/self/mountinfo', 'utf8')).has(path);
}

const real = mayMount() ? test : test.skip;

real('a file system is mounted, remounted and taken away, and fstab says so', async (t) => {
  const folder = temporaryFolder();
  const path = `${folder}/mount point`;
  const fstab = `${folder}/fstab`;
  const args = { path, src: 'tmpfs', fstype: 'tmpfs', opts: 'size=1m', fstab, state: 'mounted' };
  t.true((await runModule(mount, args, { check: true })).changed);
  t.false(existsSync(path));
  const first = await runModule(mount, args);
  t.true(first.changed, String(first.msg));
  t.true(isMounted(path));
  t.is(readFileSync(fstab, 'utf8'), `tmpfs ${folder}/mount\\040point tmpfs size=1m 0 0\n`);
  t.false((await runModule(mount, args)).changed);
  t.true((await runModule(mount, { ...args, opts: 'size=2m' })).changed);
  t.true(isMounted(path));
  t.true((await runModule(mount, { path, fstab, state: 'unmounted' })).changed);
  t.false(isMounted(path));
  t.false((await runModule(mount, { path, fstab, state: 'unmounted' })).changed);
  t.true((await runModule(mount, { ...args, opts: 'size=2m' })).changed);
  t.true((await runModule(mount, { path, fstab, state: 'absent' })).changed);
  t.false(isMounted(path));
  t.false(existsSync(path));
  t.is(readFileSync(fstab, 'utf8'), '');
});

real('what cannot be mounted leaves neither a folder nor an entry', async (t) => {
  const folder = temporaryFolder();
  const args = { path: `${folder}/m`, src: '/dev/no-such-device', fstype: 'ext4', fstab: `${folder}/fstab` };
  const result = await runModule(mount, { ...args, state: 'mounted' });
  t.true(result.failed);
  t.false(existsSync(`${folder}/m`));
  t.false(existsSync(`${folder}/fstab`));
});

real('ephemeral mounts are in no fstab, and never hide another', async (t) => {
  const folder = temporaryFolder();
  mkdirSync(`${folder}/m`);
  const args = { path: `${folder}/m`, src: 'tmpfs', fstype: 'tmpfs', fstab: `${folder}/fstab`, state: 'ephemeral' };
  t.true((await runModule(mount, args)).changed);
  t.true(isMounted(`${folder}/m`));
  t.false(existsSync(`${folder}/fstab`));
  const other = await runModule(mount, { ...args, src: 'other' });
  t.regex(String(other.msg), /already mounted with a different source/);
  execFileSync('umount', [`${folder}/m`]);
});

real('options for others than mount stand in fstab and are not given to mount', async (t) => {
  // busybox's mount gives the kernel what it does not know itself.
  const folder = temporaryFolder();
  const fstab = `${folder}/fstab`;
  const environment = isInstalled('busybox') ? { PATH: `${folder}/bin:${process.env.PATH}` } : {};
  mkdirSync(`${folder}/bin`);
  symlinkSync('/usr/bin/busybox', `${folder}/bin/mount`);
  const args = { path: `${folder}/m`, src: 'tmpfs', fstype: 'tmpfs', fstab, state: 'mounted' };
  for (const opts of [
    'x-systemd.automount,size=1m,x-gvfs-show',
    'x-systemd.automount',
    'size=2m,x-systemd.automount',
  ]) {
    const result = await runModule(mount, { ...args, opts }, { environment });
    t.true(result.changed, String(result.msg));
    t.is(readFileSync(fstab, 'utf8'), `tmpfs ${folder}/m tmpfs ${opts} 0 0\n`);
    t.false((await runModule(mount, { ...args, opts }, { environment })).changed);
  }
  execFileSync('umount', [`${folder}/m`]);
});

/** A host whose mount notes what it is given. */
function noting(): { readonly environment: Record<string, string>; readonly noted: () => string } {
  const folder = temporaryFolder();
  const note = `#!/bin/sh\necho "\${0##*/} $* PASSWD=\${PASSWD-none}" >>${folder}/noted\n`;
  for (const name of ['mount', 'umount']) writeFileSync(`${folder}/${name}`, note, { mode: 0o755 });
  return {
    environment: { PATH: `${folder}:${process.env.PATH}` },
    noted: () => readFileSync(`${folder}/noted`, 'utf8'),
  };
}

test('a password of cifs is on no command line', async (t) => {
  const { environment, noted } = noting();
  const folder = temporaryFolder();
  const args = { path: `${folder}/m`, src: '//server/share', fstype: 'cifs', fstab: `${folder}/fstab` };
  const opts = "username=me,password=it's $HOME,ro";
  const first = await runModule(mount, { ...args, opts, state: 'mounted' }, { environment });
  t.true(first.changed, String(first.msg));
  t.is(noted(), `mount -t cifs -o username=me,ro //server/share ${folder}/m PASSWD=it's $HOME\n`);
  t.notRegex(first.scripts.join('\n').replaceAll(/kplay_new.*/gs, ''), /it's/);
  t.regex(readFileSync(args.fstab, 'utf8'), /password=it's\\040\$HOME/);
  const again = await runModule(mount, { ...args, opts, state: 'remounted' }, { environment });
  t.true(again.changed, String(again.msg));
  t.regex(noted(), /\nmount -o remount,username=me,ro .* PASSWD=it's \$HOME\n$/);
  await runModule(mount, { ...args, opts: 'pass=only', state: 'ephemeral' }, { environment });
  t.regex(noted(), /\nmount -t cifs \/\/server\/share .* PASSWD=only\n$/);
});

test('options apart from what nobody may see', (t) => {
  t.deepEqual(splitOptions('cifs', 'guest,credentials=/etc/c'), {
    shown: 'guest,credentials=/etc/c',
    password: undefined,
    exposed: [],
  });
  t.deepEqual(splitOptions('ceph', 'name=a,secret=x,secretfile=/f'), {
    shown: 'name=a,secret=x,secretfile=/f',
    password: undefined,
    exposed: ['secret'],
  });
  t.deepEqual(splitOptions('cifs', 'pass=a,PASSWORD=b=c,password2=d'), {
    shown: 'password2=d',
    password: 'b=c',
    exposed: ['password2'],
  });
  t.deepEqual(secretValues('name=a,secret=x,pass=y=z,secretfile=/f'), ['x', 'y=z']);
});

test('mountinfo is read with its escapes', (t) => {
  const text = '36 35 98:0 /mnt1 /mnt/a\\040b rw,noatime master:1 - ext3 /dev/root\\134x rw,errors=continue\n';
  t.deepEqual([...parseMountinfo(text).values()], [{ path: '/mnt/a b', src: '/dev/root\\x', fstype: 'ext3' }]);
});
