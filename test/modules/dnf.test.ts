import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import test from 'ava';
import dnf from '../../modules/dnf.ts';
import { installedQuery } from '../../modules/shared/dnf/state.ts';
import { compareRpmVersions, isMeant, parseRpmVersion } from '../../modules/shared/dnf/versions.ts';
import { isInstalled, runModule, runWithAnswers, shells, temporaryFolder } from './harness.ts';

const rpm = (...entries: string[]): string =>
  `\n@@kplay:program\ndnf\n${entries.map((entry, index) => `\n@@kplay:entry${index}\n${entry}\n`).join('')}`;

test('dnf: nothing to do', async (t) => {
  const result = await runWithAnswers(dnf, { name: 'chrony', state: 'installed' }, [rpm('chrony 4.1-1.el8.x86_64')]);
  t.deepEqual([result.changed, result.msg, result.scripts.length], [false, 'Nothing to do', 1]);
});

test('dnf: latest takes its updates from check-update', async (t) => {
  const updates =
    '\n@@kplay:updates\n\nchrony.x86_64    4.3-1.el8    baseos\nObsoleting Packages\nx.noarch 1 y\n@rc 100\n';
  const result = await runWithAnswers(dnf, { name: 'chrony', state: 'latest' }, [
    rpm('chrony 4.1-1.el8.x86_64') + updates,
  ]);
  t.regex(result.diff, /\+\+\+ package chrony\n4\.3-1\.el8/);
  const none = await runWithAnswers(dnf, { name: 'chrony', state: 'latest' }, [
    `${rpm('chrony 4.1-1.el8.x86_64')}\n@@kplay:updates\n@rc 0\n`,
  ]);
  t.false(none.changed);
  const broken = await runWithAnswers(dnf, { name: '*', state: 'latest' }, [
    `${rpm()}\n@@kplay:updates\nno network\n@rc 1\n`,
  ]);
  t.is(broken.msg, 'could not look for updates: no network');
});

test('dnf: absent removes only what is there', async (t) => {
  const result = await runWithAnswers(dnf, { name: ['a', 'b'], state: 'absent' }, [rpm('a 1-1.noarch', '')]);
  t.regex(result.scripts[1]!, /remove --setopt=clean_requirements_on_remove=False a$/m);
  t.false((await runWithAnswers(dnf, { name: 'b', state: 'removed' }, [rpm('')])).changed);
});

/**
 * A PATH with stand-ins for a program of dnf's and for rpm. They know the package kxr in the versions 1.0 and 2.0, of which one
 * is installed, and tell the lines that they were called with. dnf 5's is as strict as 5.4.6 in what it takes where; it and
 * dnf 4's (4.14) install an older version in place of a newer one without a question, as the real ones do.
 */
function standIns(program: string, version: string, installed: string): { folder: string; said: () => string } {
  const folder = temporaryFolder();
  const file = (name: string): string => path.join(folder, name);
  const write = (name: string, text: string): void =>
    writeFileSync(file(name), `#!/bin/sh\ncd ${folder}\n${text}\n`, { mode: 0o755 });
  writeFileSync(file('installed'), installed);
  const strict = `for word; do case $word in
--security|--bugfix|--allowerasing|--skip-broken) [ "$seen" ] || { echo "Unknown argument "$word" for command "dnf5"." >&2; exit 2; } ;;
--disableexcludes=*) echo "Unknown argument "$word"" >&2; exit 2 ;;
--disablerepo=nope*) echo 'No matching repositories for nope' >&2; exit 2 ;;
-*) ;; *) seen=1 ;; esac; done`;
  write(
    program,
    `[ "$1" != --version ] || { echo '${version}'; exit; }
echo "$*" >>said
${version.startsWith('dnf5') ? strict : ''}
case " $* " in
*' repolist '*nope*) ;;
*' repolist '*) echo 'own own enabled' ;;
*' makecache '*) ${version.startsWith('dnf5') ? "echo ' bad ???%'; echo '>>> Usable URL not found' >&2" : "echo 'Ignoring repositories: bad' >&2"} ;;
*' check-update '*kxr*) ;;
*' repoquery '*kxr-1.0*) echo 'kxr 0 1.0 1 noarch'; echo ;;
*' --assumeno '*nope*) echo 'No match for argument: nope' >&2; exit 1 ;;
*' --assumeno '*) echo 'Transaction Summary:'; echo 'Operation aborted.' >&2; exit 1 ;;
*' install '*kxr-1.0*|*' downgrade '*kxr-1.0*) ${version.startsWith('3.') ? 'case " $* " in *downgrade*) printf 1.0 >installed ;; esac' : 'printf 1.0 >installed'} ;;
*' install '*kxr*) printf 2.0 >installed ;;
*' update '*nothere*) echo 'No match for argument: nothere' >&2; exit 1 ;;
esac`,
  );
  write(
    'rpm',
    `v=$(cat installed); for word; do last=$word; done
case " $* " in
*' -qp '*EPOCH*.rpm' ') echo 'kxr 0 2.0 1 noarch'; exit ;;
*' -qp '*.rpm' ') printf kxr-2.0-1.noarch; exit ;;
*--whatprovides*|*' -qp '*) exit 1 ;;
esac
case $last in kxr|"kxr-$v"|"kxr-$v-1.noarch") ;; *) echo "package $last is not installed"; exit 1 ;; esac
[ "$v" ] || { echo "package $last is not installed"; exit 1; }
case $* in *EPOCH*) echo "kxr 0 $v 1 noarch" ;; *) echo "kxr $v-1.noarch" ;; esac`,
  );
  return { folder, said: () => (existsSync(file('said')) ? readFileSync(file('said'), 'utf8') : '') };
}

const programs = [
  { name: 'dnf', version: 'dnf5 version 5.4.6.0' },
  { name: 'dnf', version: '4.14.0' },
  { name: 'yum', version: '3.4.3' },
] as const;

for (const { name, version } of programs) {
  for (const shell of shells) {
    test(`dnf: ${version} with ${shell[0]}: an older version is installed only when that is allowed`, async (t) => {
      const host = standIns(name, version, '2.0');
      const options = { shell, environment: { PATH: `${host.folder}:/usr/bin:/bin` } };
      for (const state of ['present', 'latest']) {
        const kept = await runModule(dnf, { name: 'kxr-1.0', state }, options);
        if (name === 'yum') {
          // yum 3 cannot be asked, and itself would be content.
          t.regex(
            String(kept.msg),
            /kxr-1\.0 was not installed: there is no such package, or a newer one is installed/,
          );
          continue;
        }
        t.deepEqual([kept.failed, kept.changed], [false, false], String(kept.msg));
        t.regex(kept.warnings.join(), /kxr-1\.0 is older than kxr-2\.0-1, which is installed and stays/);
      }
      t.is(readFileSync(path.join(host.folder, 'installed'), 'utf8'), '2.0');
      const allowed = { name: 'kxr-1.0', allow_downgrade: true };
      const changed = await runModule(dnf, allowed, options);
      t.deepEqual([changed.failed, changed.changed], [false, true], String(changed.msg));
      t.is(readFileSync(path.join(host.folder, 'installed'), 'utf8'), '1.0');
      t.false((await runModule(dnf, allowed, options)).changed);
      const newer = await runModule(dnf, { name: 'kxr-2.0' }, options);
      t.deepEqual([newer.failed, newer.changed], [false, true], String(newer.msg));
      t.is(host.said().match(/repoquery/g)?.length ?? 0, name === 'yum' ? 0 : 3, 'not for what is plainly newer');
    });
  }

  test(`dnf: ${version}: a package file that is not installed is installed`, async (t) => {
    const host = standIns(name, version, '');
    const options = { environment: { PATH: `${host.folder}:/usr/bin:/bin` } };
    const made = await runModule(
      dnf,
      { name: `${host.folder}/kxr-2.0-1.noarch.rpm`, disable_gpg_check: true },
      options,
    );
    t.deepEqual([made.failed, made.changed], [false, true], String(made.msg));
    t.is(readFileSync(path.join(host.folder, 'installed'), 'utf8'), '2.0');
  });

  test(`dnf: ${version}: options stand where each version takes them`, async (t) => {
    const host = standIns(name, version, '');
    const options = { environment: { PATH: `${host.folder}:/usr/bin:/bin` } };
    const args = {
      name: ['kxr', 'nothere'],
      state: 'latest',
      update_only: true,
      security: true,
      bugfix: true,
      allowerasing: true,
      nobest: true,
      skip_broken: true,
      install_weak_deps: false,
      disable_excludes: 'all',
      disablerepo: ['nope', 'own'],
      enablerepo: 'extra',
    };
    const nothing = await runModule(dnf, args, options);
    t.deepEqual([nothing.failed, nothing.changed], [false, false], String(nothing.msg));
    const made = await runModule(dnf, { ...args, name: 'kxr', update_only: false }, options);
    t.deepEqual([made.failed, made.changed], [false, true], String(made.msg));
    const line = host
      .said()
      .split('\n')
      .find((said) => said.includes(' -y install '));
    t.is(
      line,
      {
        'dnf5 version 5.4.6.0':
          '--setopt=exit_on_lock=1 --disablerepo=own --enablerepo=extra --setopt=install_weak_deps=False --setopt=disable_excludes=* --setopt=skip_broken=True --setopt=best=False -y install --allowerasing kxr',
        '4.14.0':
          '--setopt=exit_on_lock=1 --disablerepo=nope --disablerepo=own --enablerepo=extra --setopt=install_weak_deps=False --disableexcludes=all --skip-broken --nobest -y install --allowerasing kxr',
        '3.4.3':
          '--setopt=exit_on_lock=1 --disablerepo=nope --disablerepo=own --enablerepo=extra --disableexcludes=all --skip-broken -y install kxr',
      }[version],
    );
    t.regex(host.said(), /check-update --security --bugfix kxr nothere$/m);
  });
}

test('dnf: a repository whose lists could not be read is told of', async (t) => {
  for (const [version, words] of [
    ['dnf5 version 5.4.6.0', 'Usable URL not found'],
    ['4.14.0', 'Ignoring repositories: bad'],
  ] as const) {
    const host = standIns('dnf', version, '2.0');
    const options = { environment: { PATH: `${host.folder}:/usr/bin:/bin` } };
    const result = await runModule(dnf, { name: 'kxr', update_cache: true }, options);
    t.deepEqual(result.warnings, [`dnf went on without a repository: ${words}`]);
  }
});

test('dnf: check mode promises only what dnf would do, and does nothing', async (t) => {
  for (const version of ['dnf5 version 5.4.6.0', '4.14.0', '3.4.3']) {
    const host = standIns(version === '3.4.3' ? 'yum' : 'dnf', version, '');
    const options = { check: true, environment: { PATH: `${host.folder}:/usr/bin:/bin` } };
    const made = await runModule(dnf, { name: 'kxr-1.0' }, options);
    t.deepEqual([made.failed, made.changed], [false, true], String(made.msg));
    const missing = await runModule(dnf, { name: ['kxr-1.0', 'nope'] }, options);
    // yum 3 cannot be asked.
    if (version === '3.4.3') t.true(missing.changed);
    else t.is(missing.msg, 'package kxr-1.0, nope: No match for argument: nope');
    t.is(readFileSync(path.join(host.folder, 'installed'), 'utf8'), '');
    t.false((await runModule(dnf, { name: 'nope', state: 'absent' }, options)).failed);
  }
});

/** What dnf 4.14 says with --assumeno; klonely needs what there is not, and so does kold 2.0. */
const said = {
  nothing: `No match for argument: nope
Dependencies resolved.

 Problem: conflicting requests
  - nothing provides nowhere needed by klonely-1.0-1.noarch
================================================================================
 Package             Architecture       Version           Repository       Size
================================================================================
Skipping packages with broken dependencies:
 klonely             noarch             1.0-1             own             5.4 k

Transaction Summary
================================================================================
Skip  1 Package

Nothing to do.
Complete!
`,
  some: `Dependencies resolved.

 Problem: conflicting requests
  - nothing provides nowhere needed by klonely-1.0-1.noarch
================================================================================
 Package             Architecture       Version           Repository       Size
================================================================================
Installing:
 ky                  noarch             1.0-1             own             5.4 k
Installing dependencies:
 kx                  noarch             1.0-1             own             5.4 k
Skipping packages with broken dependencies:
 klonely             noarch             1.0-1             own             5.4 k

Transaction Summary
================================================================================
Install  2 Packages
Skip     1 Package

Total size: 11 k
Installed size: 0
Operation aborted.
@failed
`,
  update: `Dependencies resolved.

 Problem: cannot install the best update candidate for package kold-1.0-1.noarch
  - nothing provides nowhere needed by kold-2.0-1.noarch
================================================================================
 Package          Architecture       Version              Repository       Size
================================================================================
Upgrading:
 kx               noarch             2.0-1                own             5.4 k
Skipping packages with broken dependencies:
 kold             noarch             2.0-1                own             5.4 k

Transaction Summary
================================================================================
Upgrade  1 Package
Skip     1 Package

Total size: 5.4 k
Operation aborted.
@failed
`,
  best: `Error:
 Problem: cannot install the best update candidate for package kold-1.0-1.noarch
  - nothing provides nowhere needed by kold-2.0-1.noarch
(try to add '--skip-broken' to skip uninstallable packages)
@failed
`,
};
const trial = (text: string): string => `\n@@kplay:trial\n${text}`;

test('dnf: what skip_broken leaves out is no change, and is told of', async (t) => {
  const why = 'nothing provides nowhere needed by klonely-1.0-1.noarch';
  for (const check of [false, true]) {
    const none = await runWithAnswers(
      dnf,
      { name: ['klonely', 'nope'], skip_broken: true },
      [rpm('', ''), trial(said.nothing)],
      { check },
    );
    t.deepEqual([none.failed, none.changed, none.msg], [false, false, 'Nothing to do'], String(check));
    t.deepEqual(none.warnings, [`dnf leaves out klonely, nope: No match for argument: nope; ${why}`]);
    t.is(none.scripts.length, 2);
  }
  const some = await runWithAnswers(dnf, { name: ['klonely-1.0', 'ky'], skip_broken: true }, [
    rpm('', ''),
    trial(said.some),
  ]);
  t.deepEqual([some.changed, some.fields.results], [true, ['package ky']]);
  t.deepEqual(some.warnings, [`dnf leaves out klonely-1.0: ${why}`]);
  t.regex(some.scripts[2]!, / -y install.* ky \|\| exit/);
});

test('dnf: an update that dnf goes on without is no change', async (t) => {
  const state = `${rpm()}\n@@kplay:updates\nkold.noarch 2.0-1 own\nkx.noarch 2.0-1 own\n@rc 100\n`;
  const all = { name: '*', state: 'latest' };
  const made = await runWithAnswers(dnf, all, [state, trial(said.update)]);
  t.deepEqual([made.changed, made.fields.results], [true, ['package kx']]);
  t.deepEqual(made.warnings, ['dnf leaves out updates of kold: nothing provides nowhere needed by kold-2.0-1.noarch']);
  const idle = await runWithAnswers(dnf, all, [state, trial('Dependencies resolved.\nNothing to do.\nComplete!\n')]);
  t.false(idle.changed);
  const refused = await runWithAnswers(dnf, all, [state, trial(said.best)], { check: true });
  t.regex(String(refused.msg), /^update: Error:\n Problem: cannot install the best update candidate/);
});

test('dnf: what rpm cannot read is not what is not installed', async (t) => {
  const host = standIns('dnf', '4.14.0', '2.0');
  writeFileSync(path.join(host.folder, 'rpm'), "#!/bin/sh\necho 'error: cannot open Packages database' >&2\nexit 1\n");
  const options = { environment: { PATH: `${host.folder}:/usr/bin:/bin` } };
  for (const state of ['present', 'absent']) {
    t.is((await runModule(dnf, { name: 'kxr', state }, options)).msg, 'error: cannot open Packages database');
  }
});

test('dnf: updates are read however they are laid out', async (t) => {
  const installed = rpm('kernel 1-1.riscv64');
  // yum 3 breaks lines that are too long; dnf 5 says a version once for each repository; other processors have other names.
  const updates = `\n@@kplay:updates\nUpgrades\na-very-long-name-of-a-package.x86_64\n                     4.3-1.el7_9    updates-with-a-long-name\nkernel.riscv64 2-1 own\nkernel.riscv64 2-1 other\nLast metadata expiration check: 0:00:04 ago on Sun.\n@rc 100\n`;
  const result = await runWithAnswers(dnf, { name: '*', state: 'latest' }, [installed + updates]);
  t.deepEqual(result.fields.results, ['package a-very-long-name-of-a-package', 'package kernel']);
});

test('versions are ordered as rpm orders them', (t) => {
  const version = (text: string) => parseRpmVersion(`k ${text} x86_64`)!;
  // Each line is older than the next one.
  const ordered = [
    '0 1.0~rc1 1',
    '0 1.0~rc1 2',
    '0 1.0 1',
    '0 1.0^git1 1',
    '0 1.0.a 1',
    '0 1.0.1 1',
    '0 1.05 1',
    '0 1.10 1',
    '0 1.10 1.el9',
    '0 2.0 0',
    '1 0.1 1',
  ];
  for (const [at, one] of ordered.entries()) {
    for (const [other, text] of ordered.entries()) {
      t.is(Math.sign(compareRpmVersions(version(one), version(text))), Math.sign(at - other), `${one} and ${text}`);
    }
  }
  t.is(compareRpmVersions(version('0 1.010 1'), version('0 1.10 1')), 0);
  t.is(compareRpmVersions(version('(none) 1_0 1'), version('0 1.0 1')), 0);
});

test('an entry means a version with or without release, epoch and architecture', (t) => {
  const docker = parseRpmVersion('docker-ce 3 24.0.7 1.el9 x86_64')!;
  for (const entry of ['24.0.7', '24.0.7-1.el9', '3:24.0.7', '3:24.0.7-1.el9', '24.0.7-1.el9.x86_64']) {
    t.true(isMeant(`docker-ce-${entry}`, docker), entry);
  }
  for (const entry of ['docker-ce', 'docker-ce-24.0', 'docker-ce-cli-24.0.7', 'docker-24.0.7'])
    t.false(isMeant(entry, docker), entry);
  t.is(parseRpmVersion('package docker-ce is not installed'), undefined);
});

const canBuild = ['rpm', 'rpmbuild'].every(isInstalled);

(canBuild ? test : test.skip)(
  `dnf: patterns mean what dnf means by them${canBuild ? '' : ' (rpm is not installed)'}`,
  (t) => {
    const folder = temporaryFolder();
    const spec = [
      '%description',
      '%files',
      '%package -n kmore',
      'Summary: x',
      '%description -n kmore',
      '%files -n kmore',
    ];
    writeFileSync(
      path.join(folder, 'k.spec'),
      `Name: kmain\nEpoch: 2\nVersion: 1.37.2\nRelease: 150500.1.1\nSummary: x\nLicense: x\nBuildArch: noarch\n${spec.join('\n')}\n`,
    );
    const build = ['-bb', '--quiet', '--define', `_topdir ${folder}/build`, '--define', `_rpmdir ${folder}`];
    execFileSync('rpmbuild', [...build, path.join(folder, 'k.spec')], { stdio: 'pipe' });
    const database = ['--dbpath', `${folder}/database`];
    const packages = readdirSync(path.join(folder, 'noarch')).map((file) => path.join(folder, 'noarch', file));
    execFileSync('rpm', [...database, '-i', '--justdb', '--nodeps', ...packages], { stdio: 'pipe' });
    writeFileSync(path.join(folder, 'rpm'), `#!/bin/sh\nexec /usr/bin/rpm ${database.join(' ')} "$@"\n`, {
      mode: 0o755,
    });
    const [main, more] = ['kmain 1.37.2-150500.1.1.noarch\n', 'kmore 1.37.2-150500.1.1.noarch\n'];
    for (const [pattern, found] of [
      ['kmain-1.37.2-*', main],
      ['kmain-1.37*', main],
      ['kmain-1.37.2-150500.?.1', main],
      ['kmain-2:1.37.2-*', main],
      ['kmai?.noarch', main],
      ['km[!o]*', main],
      ['kmor[!a]', more],
      ['k*', main + more],
      ['kmain-1.38*', ''],
      ['kmain-1a37*', ''],
      ['main*', ''],
    ] as const) {
      const script = installedQuery(pattern, { installroot: '/' } as never);
      const { stdout } = spawnSync('sh', ['-c', script], {
        encoding: 'utf8',
        env: { PATH: `${folder}:/usr/bin:/bin`, LC_ALL: 'C' },
      });
      t.is(stdout.split('\n').sort().join('\n').trim(), found.trim(), pattern);
    }
  },
);
