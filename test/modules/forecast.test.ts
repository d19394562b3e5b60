import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import test from 'ava';
import assemble from '../../modules/assemble.ts';
import authorizedKey from '../../modules/authorized_key.ts';
import copy from '../../modules/copy.ts';
import file from '../../modules/file.ts';
import group from '../../modules/group.ts';
import lineinfile from '../../modules/lineinfile.ts';
import mount from '../../modules/mount.ts';
import reboot from '../../modules/reboot.ts';
import service from '../../modules/service.ts';
import sysctl from '../../modules/sysctl.ts';
import systemd from '../../modules/systemd.ts';
import template from '../../modules/template.ts';
import unarchive from '../../modules/unarchive.ts';
import user from '../../modules/user.ts';
import yumRepository from '../../modules/yum_repository.ts';
import type { Module } from '../../runner/module/contract.ts';
import type { Mapping } from '../../runner/value.ts';
import { runModule, runWithAnswers, temporaryFolder } from './harness.ts';

/** What is tried in a folder `F` that has a file `F/source` and a folder `F/parts`, and no `F/none`. */
interface Case {
  readonly module: Module;
  readonly args: Mapping;
  /** What check mode warns of. */
  readonly warning: RegExp;
}

const folder = /^there is no directory F\/none \(an earlier task may make it\)$/;
const owner = /^chown failed: failed to look up user kplay-nobody \(an earlier task may make it\)$/;
const group1 = /^chgrp failed: failed to look up group kplay-nogroup \(an earlier task may make it\)$/;

const cases: readonly Case[] = [
  { module: copy, args: { content: 'x', dest: 'F/none/file' }, warning: folder },
  { module: copy, args: { src: 'F/source', dest: 'F/none/file' }, warning: folder },
  { module: copy, args: { src: 'F/source', dest: 'F/none/file', remote_src: true }, warning: folder },
  { module: copy, args: { content: 'x', dest: 'F/file', owner: 'kplay-nobody' }, warning: owner },
  { module: copy, args: { content: 'x', dest: 'F/source', group: 'kplay-nogroup' }, warning: group1 },
  { module: copy, args: { src: 'F/parts/', dest: 'F/tree', owner: 'kplay-nobody' }, warning: owner },
  { module: template, args: { src: 'F/source', dest: 'F/none/file' }, warning: folder },
  { module: assemble, args: { src: 'F/parts', dest: 'F/none/file' }, warning: folder },
  { module: file, args: { path: 'F/none/file', state: 'touch' }, warning: folder },
  { module: file, args: { path: 'F/none/link', src: 'F/source', state: 'link' }, warning: folder },
  { module: file, args: { path: 'F/none/link', src: 'F/source', state: 'hard' }, warning: folder },
  { module: file, args: { path: 'F/made', state: 'directory', owner: 'kplay-nobody' }, warning: owner },
  { module: lineinfile, args: { path: 'F/new', line: 'x', create: true, owner: 'kplay-nobody' }, warning: owner },
  {
    module: unarchive,
    args: { src: 'F/x.tar', dest: 'F/parts', remote_src: true, owner: 'kplay-nobody' },
    warning: owner,
  },
  { module: sysctl, args: { name: 'kernel.x', value: '1', sysctl_file: 'F/none/a', reload: false }, warning: folder },
];

for (const { module, args, warning } of cases) {
  test(`${module.name} ${JSON.stringify(args)}: check mode warns of what the run refuses`, async (t) => {
    const place = temporaryFolder();
    mkdirSync(`${place}/parts`);
    for (const name of ['source', 'parts/one']) writeFileSync(`${place}/${name}`, 'text\n');
    execFileSync('tar', ['-cf', `${place}/x.tar`, '-C', place, 'source']);
    const given = JSON.parse(JSON.stringify(args).replaceAll('F/', `${place}/`)) as Mapping;
    const checked = await runModule(module, given, { check: true });
    t.deepEqual([checked.failed, checked.changed], [false, true], String(checked.msg));
    t.is(checked.warnings.length, 1, checked.warnings.join());
    t.regex(checked.warnings[0]!.replaceAll(`${place}/`, 'F/'), warning);
    t.true((await runModule(module, given)).failed);
  });
}

test('what no earlier task is likely to make is a failure in check mode as well', async (t) => {
  const place = temporaryFolder();
  writeFileSync(`${place}/source`, 'text\n');
  const path = `${place}/source/below`;
  for (const [module, args] of [
    [copy, { content: 'x', dest: path }],
    [file, { path, state: 'touch' }],
    [file, { path: `${path}/deep`, state: 'directory' }],
    [lineinfile, { path, line: 'x', create: true }],
  ] as const) {
    t.regex(String((await runModule(module, args, { check: true })).msg), /: Not a directory$/, JSON.stringify(args));
    t.true((await runModule(module, args)).failed);
  }
  const tar = { src: `${place}/source`, dest: place, remote_src: true, mode: 'u=zz' };
  for (const check of [true, false]) t.regex(String((await runModule(unarchive, tar, { check })).msg), /mode/);
});

test('what will be there is not warned of', async (t) => {
  const place = temporaryFolder();
  for (const [module, args] of [
    [copy, { content: 'x', dest: `${place}/file`, owner: '0', group: 'root' }],
    [file, { path: `${place}/none/deep`, state: 'directory' }],
    [copy, { src: `${place}/source`, dest: `${place}/none/` }],
  ] as const) {
    writeFileSync(`${place}/source`, 'text\n');
    const checked = await runModule(module, args, { check: true });
    t.deepEqual([checked.failed, checked.changed, checked.warnings], [false, true, []], String(checked.msg));
  }
});

test('check mode warns of numbers that others have, of users that are missing, and of groups that cannot go', async (t) => {
  for (const [module, args, warning] of [
    [group, { name: 'kplay-new', gid: 0 }, /^the group root has the gid 0 \(an earlier task may give it another one\)/],
    [group, { name: 'root', state: 'absent' }, /^root is the own group of root \(/],
    [group, { name: 'kplay-new', gid: 0, non_unique: true }, undefined],
    [user, { name: 'kplay-new', uid: 0 }, /^the user root has the uid 0 \(an earlier task may give it another one\)/],
    [user, { name: 'kplay-new', uid: 0, non_unique: true }, undefined],
    [
      user,
      { name: 'kplay-new', groups: 'kplay-nogroup' },
      /^Group kplay-nogroup does not exist \(an earlier task may make it\)/,
    ],
    [
      authorizedKey,
      { user: 'kplay-nobody', key: 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOne me', path: '/nowhere/keys' },
      /^Failed to lookup user kplay-nobody \(an earlier task may make it\)/,
    ],
  ] as const) {
    const checked = await runModule(module, args, { check: true });
    t.deepEqual([checked.failed, checked.changed], [false, true], String(checked.msg));
    if (warning === undefined) t.deepEqual(checked.warnings, []);
    else t.regex(checked.warnings.join('\n'), warning);
  }
});

test('mount: check mode warns of a source that is missing, of nothing to mount again, and of a directory that is not empty', async (t) => {
  const place = temporaryFolder();
  const fstab = `${place}/fstab`;
  mkdirSync(`${place}/filled/child`, { recursive: true });
  writeFileSync(fstab, `/dev/none ${place}/filled ext4 defaults 0 0\n`);
  const check = (args: Mapping) => runModule(mount, { fstab, ...args }, { check: true });
  const bind = { path: `${place}/at`, fstype: 'none', opts: 'bind', state: 'mounted' };
  t.deepEqual((await check({ ...bind, src: `${place}/gone` })).warnings, [
    `there is no ${place}/gone (an earlier task may make it)`,
  ]);
  t.deepEqual((await check({ ...bind, src: `${place}/filled` })).warnings, []);
  t.deepEqual((await check({ path: `${place}/at`, state: 'remounted' })).warnings, [
    `nothing is mounted at ${place}/at (an earlier task may mount it)`,
  ]);
  t.regex(
    (await check({ path: `${place}/filled`, state: 'absent' })).warnings.join(),
    /filled is not empty, so that it cannot be removed \(/,
  );
});

test('units and services: check mode warns of what cannot be started', async (t) => {
  const masked = '\n@@kplay:unit\nLoadState=masked\nActiveState=inactive\n\n@@kplay:enabled\nmasked\n';
  const check = (module: Module, args: Mapping, answer: string) =>
    runWithAnswers(module, args, [answer], { check: true });
  const words = /^k is masked, so that it cannot be started \(an earlier task may unmask it\)$/;
  for (const module of [systemd, service]) {
    t.regex((await check(module, { name: 'k', state: 'started' }, masked)).warnings.join(), words);
    t.deepEqual((await check(module, { name: 'k', state: 'stopped' }, masked)).warnings, []);
  }
  t.deepEqual((await check(systemd, { name: 'k', state: 'started', masked: false }, masked)).warnings, []);
  const unknown = '\n@@kplay:service\nmanager=sysvinit\n';
  t.regex(
    (await check(service, { name: 'k', state: 'started' }, unknown)).warnings.join(),
    /^Could not find the requested service k: host \(an earlier task may install it\)$/,
  );
});

test('yum_repository: without its directory it fails, in check mode as well', async (t) => {
  const args = { name: 'k', description: 'k', baseurl: 'http://k', reposdir: `${temporaryFolder()}/none` };
  for (const check of [true, false]) {
    t.is((await runModule(yumRepository, args, { check })).msg, `Repo directory '${args.reposdir}' does not exist.`);
  }
});

test('reboot: what it refuses to do it does not promise', async (t) => {
  const own = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8');
  for (const check of [true, false]) {
    const result = await runWithAnswers(reboot, {}, [own], { check });
    t.is(result.msg, 'this would reboot the machine that kplay runs on');
  }
  const other = await runWithAnswers(reboot, {}, ['another-boot\n'], { check: true });
  t.deepEqual([other.failed, other.changed], [false, true]);
});
