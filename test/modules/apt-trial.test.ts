import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import test from 'ava';
import apt from '../../modules/apt.ts';
import type { Mapping } from '../../runner/value.ts';
import { isInstalled, runModule, temporaryFolder } from './harness.ts';

/*
 * Real apt on packages of a folder: what check mode promises of them, apt-get itself says. Nothing is installed, and the machine's own
 * packages are not looked at.
 */

interface Own {
  readonly folder: string;
  readonly environment: Readonly<Record<string, string>>;
}

function packageText(name: string, version: string, further: readonly string[] = []): string {
  const fields = [`Package: ${name}`, `Version: ${version}`, 'Architecture: all', 'Maintainer: k <k@k>', ...further];
  return [...fields, 'Description: one', ''].join('\n');
}

function available(name: string, version: string, further: readonly string[] = []): string {
  return packageText(name, version, [`Filename: ./${name}.deb`, 'Size: 1', `SHA256: ${'0'.repeat(64)}`, ...further]);
}

function installed(name: string, version: string, want = 'install', further: readonly string[] = []): string {
  return packageText(name, version, [`Status: ${want} ok installed`, ...further]);
}

const repository = [
  available('kplay-low', '1.0'),
  available('kplay-low', '2.0'),
  available('kplay-held', '2.0'),
  available('kplay-new', '1.0'),
  available('kplay-lonely', '1.0', ['Depends: kplay-nowhere']),
  available('kplay-rival', '1.0', ['Conflicts: kplay-low']),
  available('kplay-pinned', '1.0'),
];
const present = [
  installed('kplay-low', '2.0'),
  installed('kplay-held', '1.0', 'hold'),
  installed('kplay-pinned', '2.0'),
  installed('kplay-root', '1.0', 'install', ['Essential: yes']),
];

/** A system of apt's in a folder, its lists read. `source` is its sources.list afterwards, `option` its repository's. */
function ownApt(source?: string, option = 'trusted=yes'): Own {
  const folder = temporaryFolder();
  const file = (name: string, text: string): void => {
    mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
    writeFileSync(path.join(folder, name), text);
  };
  file('repository/Packages', repository.join('\n'));
  file('dpkg/status', present.join('\n'));
  file('dpkg/info/format', '1\n');
  file('sources.list', `deb [${option}] file:${folder}/repository ./\n`);
  file('preferences', 'Package: kplay-pinned\nPin: version 1.0\nPin-Priority: 1001\n');
  for (const name of ['lists/partial', 'cache/archives/partial']) mkdirSync(`${folder}/${name}`, { recursive: true });
  const settings = {
    'Dir::State::status': `${folder}/dpkg/status`,
    'Dir::State::lists': `${folder}/lists`,
    'Dir::Cache': `${folder}/cache`,
    'Dir::Etc::sourcelist': `${folder}/sources.list`,
    'Dir::Etc::sourceparts': '/dev/null',
    'Dir::Etc::preferences': `${folder}/preferences`,
    'Dir::Etc::preferencesparts': '/dev/null',
    'APT::Sandbox::User': '',
  };
  const lines = Object.entries(settings).map(([name, value]) => `${name} "${value}";\n`);
  file('apt.conf', lines.join(''));
  const environment = { APT_CONFIG: `${folder}/apt.conf`, DPKG_ADMINDIR: `${folder}/dpkg`, LC_ALL: 'C' };
  execFileSync('apt-get', ['-q', 'update'], { env: { ...process.env, ...environment }, stdio: 'pipe' });
  if (source !== undefined) file('sources.list', source);
  return { folder, environment };
}

const hasApt = isInstalled('apt-get') && isInstalled('dpkg-deb');
const withApt = hasApt ? test : test.skip;

/** What a task comes to in check mode: what it fails with, or whether it changes something. */
const cases: readonly (readonly [args: Mapping, ending: RegExp | boolean])[] = [
  [{ name: 'kplay-new' }, true],
  [{ name: 'kplay-low' }, false],
  [{ name: 'kplay-low=1.0' }, /^package kplay-low: E: Packages were downgraded and -y was used/],
  [{ name: 'kplay-low=1.0', allow_downgrade: true }, true],
  [{ name: ['kplay-new', 'kplay-low=1.0'] }, /E: Packages were downgraded/],
  [{ name: 'kplay-held', state: 'latest' }, /^package kplay-held: E: Held packages were changed/],
  [{ name: 'kplay-held', state: 'latest', allow_change_held_packages: true }, true],
  [{ name: 'kplay-lonely' }, /^package kplay-lonely: E: /],
  [{ name: 'kplay-rival' }, true],
  [{ name: 'kplay-rival', fail_on_autoremove: true }, /E: Packages need to be removed but remove is disabled/],
  [{ name: 'kplay-root', state: 'absent' }, /^package kplay-root: E: Essential packages were removed/],
  [{ name: 'kplay-low', state: 'absent' }, true],
  [{ name: 'kplay-none' }, /^No package matching 'kplay-none' is available/],
  [{ upgrade: 'dist' }, /^apt-get dist-upgrade would fail\nE: Packages were downgraded/],
];

withApt('apt: check mode promises what apt-get would do', async (t) => {
  const { environment } = ownApt();
  for (const [args, ending] of cases) {
    const { failed, changed, msg } = await runModule(apt, args, { check: true, environment });
    if (typeof ending === 'boolean') t.deepEqual([failed, changed], [false, ending], `${JSON.stringify(args)} ${msg}`);
    else t.regex(String(msg), ending, JSON.stringify(args));
  }
});

withApt('apt: check mode promises nothing of a repository that is not signed', async (t) => {
  const unsigned = ownApt(undefined, 'allow-insecure=yes');
  const check = (args: Mapping, environment = unsigned.environment) =>
    runModule(apt, args, { check: true, environment });
  for (const args of [
    { name: ['kplay-new', 'kplay-rival'] },
    { name: 'kplay-held', state: 'latest', allow_change_held_packages: true },
  ]) {
    const { failed, msg } = await check(args);
    t.true(failed, JSON.stringify(args));
    t.regex(
      String(msg),
      /^packages cannot be authenticated: kplay-\S+.* of file:\S+\/repository\/, which is not signed/,
    );
  }
  // What apt-get itself says of it.
  const command = ['-d', '-y', '-q', '-o', 'Debug::NoLocking=1', 'install', 'kplay-new'];
  const env = { ...process.env, ...unsigned.environment };
  const { stderr, status } = spawnSync('apt-get', command, { env, encoding: 'utf8' });
  t.is(status, 100);
  t.regex(stderr, /unauthenticated packages and -y was used without --allow-unauthenticated/);
  for (const args of [
    { name: 'kplay-new', allow_unauthenticated: true },
    { name: 'kplay-new', force: true },
    { name: 'kplay-low', state: 'absent' },
  ]) {
    const { failed, changed, msg } = await check(args);
    t.deepEqual([failed, changed], [false, true], `${JSON.stringify(args)} ${msg}`);
  }
  writeFileSync(unsigned.environment.APT_CONFIG!, 'APT::Get::AllowUnauthenticated "yes";\n', { flag: 'a' });
  const allowed = await check({ name: 'kplay-new' });
  t.deepEqual([allowed.failed, allowed.changed], [false, true], String(allowed.msg));
});

withApt('apt: check mode promises a package file only when its dependencies are to be had', async (t) => {
  const { folder, environment } = ownApt();
  const build = (name: string, further: readonly string[]): string => {
    mkdirSync(`${folder}/${name}/DEBIAN`, { recursive: true });
    writeFileSync(`${folder}/${name}/DEBIAN/control`, packageText(name, '1.0', further));
    execFileSync('dpkg-deb', ['--root-owner-group', '-b', `${folder}/${name}`, `${folder}/${name}.deb`], {
      stdio: 'pipe',
    });
    return `${folder}/${name}.deb`;
  };
  const check = (deb: string) => runModule(apt, { deb }, { check: true, environment });
  const plain = await check(build('kplay-file', []));
  t.deepEqual([plain.failed, plain.changed], [false, true], String(plain.msg));
  const lonely = await check(build('kplay-lone-file', ['Depends: kplay-nowhere']));
  t.regex(String(lonely.msg), /^package kplay-lone-file: E: /);
});

withApt('apt: what apt and dpkg cannot read is not what there is none of', async (t) => {
  const broken = ownApt('debx nothing\n');
  for (const args of [{ name: 'kplay-new' }, { name: 'kplay-held', state: 'latest' }]) {
    const result = await runModule(apt, args, { environment: broken.environment });
    t.regex(String(result.msg), /The list of sources could not be read/);
  }
  const { folder, environment } = ownApt();
  writeFileSync(`${folder}/dpkg/status`, 'this is no status\n');
  const result = await runModule(apt, { name: 'kplay-low', state: 'absent' }, { environment });
  t.regex(String(result.msg), /dpkg-query: error/);
});
