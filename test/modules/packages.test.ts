import test from 'ava';
import apt from '../../modules/apt.ts';
import packageModule from '../../modules/package.ts';
import { parseDpkg, parsePolicy } from '../../modules/shared/apt/packages.ts';
import { runWithAnswers } from './harness.ts';

const lists = '\n@@kplay:lists\ntime=1000\nnow=2000\n';
const dpkg = (...lines: string[]): string => `\n@@kplay:dpkg\n${lines.map((line) => `${line}\n`).join('')}`;
const nginx = 'installed\tinstall\tnginx\tamd64\t1.22.1-9\thttpd, httpd-cgi';
const kubelet = 'installed\thold\tkubelet\tamd64\t1.25.3-00\t';
const policy = (text: string): string => `\n@@kplay:policy\n${text}`;

test('apt: an installed package needs one round trip and no change', async (t) => {
  const result = await runWithAnswers(apt, { name: 'nginx' }, [lists + dpkg(nginx)]);
  t.deepEqual([result.changed, result.failed, result.scripts.length], [false, false, 1]);
});

test('apt: a name that is empty is no package, and none that is to go', async (t) => {
  for (const state of ['present', 'latest']) {
    const result = await runWithAnswers(apt, { name: ['', 'nginx'], state }, []);
    t.deepEqual([result.msg, result.scripts.length], ["No package matching '' is available", 0]);
  }
  t.false((await runWithAnswers(apt, { name: '', state: 'absent' }, [lists])).changed);
});

test('apt: what provides a package is enough', async (t) => {
  t.false((await runWithAnswers(apt, { name: 'httpd' }, [lists + dpkg(nginx)])).changed);
});

test('apt: an unpacked package is not installed', async (t) => {
  const answers = [
    lists + dpkg(nginx.replace('installed', 'unpacked')),
    policy('nginx:\n  Installed: (none)\n  Candidate: 1.22.1-9\n'),
  ];
  const result = await runWithAnswers(apt, { name: 'nginx', install_recommends: false }, answers);
  t.true(result.changed);
  t.regex(result.scripts[2]!, /apt_run apt-get -y -q .*APT::Install-Recommends=no.* install nginx$/m);
});

test('apt: check mode says what would come and does nothing', async (t) => {
  const answers = [lists + dpkg(), policy('nginx:\n  Installed: (none)\n  Candidate: 1.22.1-9\n')];
  const result = await runWithAnswers(apt, { name: 'nginx', update_cache: true }, answers, { check: true });
  t.deepEqual([result.changed, result.scripts.length], [true, 3]);
  t.regex(result.scripts[2]!, /apt-get -s -y -q .* install nginx /);
  t.regex(result.diff, /\+\+\+ package nginx\n1\.22\.1-9/);
  t.notRegex(result.scripts[0]!, /apt-get -q .*update/);
});

const versions =
  'kubelet:\n  Installed: 1.25.3-00\n  Candidate: 1.26.1-00\n  Version table:\n     1.26.1-00 500\n        500 http://x\n *** 1.25.3-00 500\n        500 http://x\n     1.25.9-00 500\n';

test('apt: a version that matches is kept, another is installed', async (t) => {
  t.false((await runWithAnswers(apt, { name: 'kubelet=1.25.*' }, [lists + dpkg(kubelet)])).changed);
  const result = await runWithAnswers(apt, { name: 'kubelet=1.26.*', allow_change_held_packages: true }, [
    lists + dpkg(kubelet),
    policy(versions),
  ]);
  t.regex(result.scripts[2]!, /--allow-change-held-packages .*install kubelet=1\.26\.1-00$/m);
  const missing = await runWithAnswers(apt, { name: 'kubelet=1.99.*' }, [lists + dpkg(kubelet), policy(versions)]);
  t.regex(String(missing.msg), /no available installation candidate for kubelet=1\.99\.\*/);
});

test('apt: latest compares with the candidate', async (t) => {
  const held = [lists + dpkg(kubelet), policy(versions)];
  t.true((await runWithAnswers(apt, { name: 'kubelet', state: 'latest' }, held)).changed);
  const same = [lists + dpkg(nginx), policy('nginx:\n  Installed: 1.22.1-9\n  Candidate: 1.22.1-9\n')];
  t.false((await runWithAnswers(apt, { name: 'nginx', state: 'latest' }, same)).changed);
});

test('apt: only_upgrade leaves out what is not installed', async (t) => {
  t.false(
    (
      await runWithAnswers(apt, { name: 'zsh', state: 'latest', only_upgrade: true }, [
        lists + dpkg(),
        policy('zsh:\n  Candidate: 5\n'),
      ])
    ).changed,
  );
});

test('apt: an unknown package is a failure', async (t) => {
  const result = await runWithAnswers(apt, { name: 'nope' }, [lists + dpkg(), policy('')]);
  t.is(result.msg, "No package matching 'nope' is available");
});

test('apt: lists older than a new repository are refreshed before giving up', async (t) => {
  const outdated = lists.replace('now=', 'outdated=1\nnow=');
  const answers = [outdated + dpkg(), policy(''), '', policy('kubelet:\n  Candidate: 1.25.3-00\n')];
  const result = await runWithAnswers(apt, { name: 'kubelet' }, answers);
  t.regex(result.scripts[2]!, /apt-get -q .*update/);
  t.regex(result.scripts[4]!, /install kubelet$/m);
});

test('apt: absent removes what is installed, purge what is left of it', async (t) => {
  const left = nginx.replace('installed\t', 'config-files\t');
  t.false((await runWithAnswers(apt, { name: 'nginx', state: 'absent' }, [lists + dpkg(left)])).changed);
  const purged = await runWithAnswers(apt, { name: 'nginx', state: 'absent', purge: true }, [lists + dpkg(left)]);
  t.regex(purged.scripts[1]!, /--purge remove nginx:amd64$/m);
});

test('apt: an upgrade shows what the simulation says', async (t) => {
  const simulation =
    '\n@@kplay:simulation\nReading...\nInst libc6 [2.36-1] (2.36-9 Debian:12 [amd64])\nRemv old [1.0]\nConf libc6 (2.36-9)\n';
  const result = await runWithAnswers(apt, { upgrade: 'dist' }, [lists + simulation]);
  t.regex(result.diff, /--- package libc6\n2\.36-1\n\+\+\+ package libc6\n2\.36-9\n/);
  t.regex(result.diff, /--- package old\n1\.0/);
  t.is(result.scripts.length, 2);
  t.false((await runWithAnswers(apt, { upgrade: 'dist' }, [`${lists}\n@@kplay:simulation\n0 upgraded\n`])).changed);
});

test('apt: refreshing alone is a change, unless the lists are young', async (t) => {
  t.true((await runWithAnswers(apt, { update_cache: true }, [lists])).changed);
  t.false((await runWithAnswers(apt, { cache_valid_time: 3600 }, [lists])).changed);
  t.true((await runWithAnswers(apt, { cache_valid_time: 3600 }, [lists.replace('now=', 'outdated=1\nnow=')])).changed);
});

test('apt: names that are none are refused before anything runs', async (t) => {
  const result = await runWithAnswers(apt, { name: ['a; rm -rf /'] }, []);
  t.deepEqual([result.failed, result.scripts.length], [true, 0]);
});

test('dpkg and policy are read', (t) => {
  t.deepEqual(parseDpkg(nginx)[0], {
    status: 'installed',
    held: false,
    name: 'nginx',
    architecture: 'amd64',
    version: '1.22.1-9',
    provides: ['httpd', 'httpd-cgi'],
  });
  t.deepEqual(parsePolicy(versions).get('kubelet'), {
    candidate: '1.26.1-00',
    versions: ['1.26.1-00', '1.25.3-00', '1.25.9-00'],
  });
  t.is(parsePolicy('mail-agent:\n  Installed: (none)\n  Candidate: (none)\n').get('mail-agent')!.candidate, undefined);
});

const rpm = (entry: string): string => `\n@@kplay:program\ndnf\n\n@@kplay:entry0\n${entry}\n`;

test('package: all arguments are handed on, and checked as the package manager’s module does', async (t) => {
  const facts = { pkg_mgr: 'apt' };
  const young = [lists + dpkg(nginx)];
  const more = { update_cache: 'yes', cache_valid_time: '3600', purge: true };
  const result = await runWithAnswers(packageModule, { name: ['nginx'], ...more }, young, { facts });
  t.deepEqual([result.failed, result.changed], [false, false], String(result.msg));
  t.regex(result.scripts[0]!, /apt-get -q .*update/, 'update_cache');
  const removed = await runWithAnswers(packageModule, { name: 'nginx', state: 'removed', purge: true }, young, {
    facts,
  });
  t.regex(removed.scripts[1]!, /--purge remove nginx:amd64$/m);
  const alone = await runWithAnswers(packageModule, { update_cache: true }, [lists], { facts });
  t.true(alone.changed);
  for (const [args, complaint] of [
    [{ name: 'nginx', enablerepo: 'extra' }, /apt: there is no argument "enablerepo"/],
    [{ name: 'nginx', cache_valid_time: 'soon' }, /apt: .*cache_valid_time/],
  ] as const) {
    const refused = await runWithAnswers(packageModule, args, young, { facts });
    t.true(refused.failed);
    t.regex(String(refused.msg), complaint);
    t.is(refused.scripts.length, 0);
  }
  const args = { name: 'chrony', enablerepo: ['extra'], state: 'installed' };
  const onDnf = await runWithAnswers(packageModule, args, [rpm('')], { facts: { pkg_mgr: 'dnf5' } });
  t.regex(onDnf.scripts[1]!, /--enablerepo=extra/);
});

test('package: the package manager is found by facts, or by looking', async (t) => {
  const byFacts = await runWithAnswers(packageModule, { name: 'nginx', state: 'present' }, [lists + dpkg(nginx)], {
    facts: { pkg_mgr: 'apt' },
  });
  t.deepEqual([byFacts.changed, byFacts.scripts.length], [false, 1]);
  const byLooking = await runWithAnswers(packageModule, { name: 'chrony', state: 'present' }, [
    'dnf\n',
    rpm('chrony 4-1.x86_64'),
  ]);
  t.deepEqual([byLooking.changed, byLooking.scripts.length], [false, 2]);
  const unknown = await runWithAnswers(packageModule, { name: 'x', state: 'present' }, ['zypper\n']);
  t.regex(String(unknown.msg), /zypper is not supported/);
});
