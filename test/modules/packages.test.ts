import { readFileSync } from 'node:fs';
import path from 'node:path';
import test from 'ava';
import apt from '../../modules/apt.ts';
import aptKey from '../../modules/apt_key.ts';
import aptRepository from '../../modules/apt_repository.ts';
import deb822 from '../../modules/deb822_repository.ts';
import dnf from '../../modules/dnf.ts';
import packageModule from '../../modules/package.ts';
import rpmKey from '../../modules/rpm_key.ts';
import { parseDpkg, parsePolicy } from '../../modules/shared/apt/packages.ts';
import { parseSourceLine, sourceFileName } from '../../modules/shared/apt/sources.ts';
import { hasId, parseKeys } from '../../modules/shared/openpgp.ts';
import yumRepository from '../../modules/yum_repository.ts';
import { packageRoot } from '../../runner/root.ts';
import { runModule, runWithAnswers, temporaryFolder } from './harness.ts';

const fixture = (name: string): Buffer => readFileSync(path.join(packageRoot, 'test/fixtures/modules', name));
const firstKey = '416430BA97993CD7C0F1095213EEC0FAC9031A07';
const secondKey = '9DF55B0355A9ECC2B84857F1255CF2322C6F0A36';

const lists = '\n@@kplay:lists\ntime=1000\nnow=2000\n';
const dpkg = (...lines: string[]): string => `\n@@kplay:dpkg\n${lines.map((line) => `${line}\n`).join('')}`;
const nginx = 'installed\tinstall\tnginx\tamd64\t1.22.1-9\thttpd, httpd-cgi';
const kubelet = 'installed\thold\tkubelet\tamd64\t1.25.3-00\t';
const policy = (text: string): string => `\n@@kplay:policy\n${text}`;

test('apt: an installed package needs one round trip and no change', async (t) => {
  const result = await runWithAnswers(apt, { name: 'nginx' }, [lists + dpkg(nginx)]);
  t.deepEqual([result.changed, result.failed, result.scripts.length], [false, false, 1]);
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
  t.deepEqual([result.changed, result.scripts.length], [true, 2]);
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

const rpm = (...entries: string[]): string =>
  `\n@@kplay:program\ndnf\n${entries.map((entry, index) => `\n@@kplay:entry${index}\n${entry}\n`).join('')}`;

test('dnf: installs what rpm does not know, with the options asked for', async (t) => {
  const args = { name: ['chrony', 'kubelet-1.27.3'], disable_excludes: 'kubernetes', enablerepo: 'extra' };
  const result = await runWithAnswers(dnf, args, [rpm('chrony 4.1-1.el8.x86_64', '')]);
  t.true(result.changed);
  t.regex(result.scripts[1]!, /dnf_run -y --enablerepo=extra --disableexcludes=kubernetes install kubelet-1\.27\.3 /);
  t.notRegex(result.scripts[1]!, /install chrony/);
});

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
  t.regex(result.scripts[1]!, /remove a$/m);
  t.false((await runWithAnswers(dnf, { name: 'b', state: 'removed' }, [rpm('')])).changed);
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

test('file names of sources are Ansible’s', (t) => {
  t.is(
    sourceFileName('deb [arch=amd64] https://download.docker.com/linux/debian bookworm stable', undefined),
    '/etc/apt/sources.list.d/download_docker_com_linux_debian.list',
  );
  t.is(
    sourceFileName('deb https://user:secret@x.example/y z main', undefined),
    '/etc/apt/sources.list.d/x_example_y.list',
  );
  t.is(sourceFileName('deb http://x y z', 'kubernetes'), '/etc/apt/sources.list.d/kubernetes.list');
});

test('source lines are compared without their spacing and comments', (t) => {
  t.deepEqual(parseSourceLine('deb   http://x  y main # mine'), { source: 'deb http://x y main', enabled: true });
  t.deepEqual(parseSourceLine('# deb http://x y main'), { source: 'deb http://x y main', enabled: false });
  t.is(parseSourceLine('# a comment about deb packages'), undefined);
});

const sources = '\n@@kplay:sources\n\n@@sources:/etc/apt/sources.list\ndeb http://x y main\n# deb http://z y main\n';

test('apt_repository: present, disabled, new, and absent', async (t) => {
  t.false((await runWithAnswers(aptRepository, { repo: 'deb http://x y  main' }, [sources])).changed);
  const enabled = await runWithAnswers(aptRepository, { repo: 'deb http://z y main', update_cache: false }, [sources]);
  t.deepEqual([enabled.changed, enabled.sent], [true, ['/etc/apt/sources.list']]);
  const added = await runWithAnswers(aptRepository, { repo: 'deb http://new/a y main' }, [sources]);
  t.deepEqual(added.sent, ['/etc/apt/sources.list.d/new_a.list']);
  t.regex(added.scripts.at(-1)!, /rm -f \/etc\/apt\/sources\.list\.d\/new_a\.list/);
  const removed = await runWithAnswers(
    aptRepository,
    { repo: 'deb http://x y main', state: 'absent', update_cache: false },
    [sources],
  );
  t.deepEqual(removed.sent, ['/etc/apt/sources.list']);
  t.true((await runWithAnswers(aptRepository, { repo: 'ppa:a/b' }, [sources])).failed);
  t.true((await runWithAnswers(aptRepository, { repo: 'nonsense' }, [sources])).failed);
});

test('yum_repository: made, kept, changed and removed, other sections untouched', async (t) => {
  const reposdir = temporaryFolder();
  const file = path.join(reposdir, 'two.repo');
  const first = {
    name: 'one',
    description: 'One',
    baseurl: ['http://a', 'http://b'],
    gpgcheck: true,
    exclude: ['x', 'y'],
    file: 'two',
    reposdir,
  };
  const second = {
    name: 'two',
    description: 'Two',
    mirrorlist: 'http://c',
    enabled: false,
    file: 'two',
    reposdir,
    mode: '0600',
  };
  t.true((await runModule(yumRepository, first)).changed);
  t.true((await runModule(yumRepository, second)).changed);
  const text =
    '[one]\nbaseurl = http://a\n\thttp://b\nexclude = x y\ngpgcheck = 1\nname = One\n\n[two]\nenabled = 0\nmirrorlist = http://c\nname = Two\n';
  t.is(readFileSync(file, 'utf8'), text);
  t.false((await runModule(yumRepository, first)).changed);
  t.false((await runModule(yumRepository, second)).changed);
  t.true((await runModule(yumRepository, { ...first, gpgcheck: false })).changed);
  t.is(readFileSync(file, 'utf8'), text.replace('gpgcheck = 1', 'gpgcheck = 0'));
  t.true((await runModule(yumRepository, { name: 'one', file: 'two', reposdir, state: 'absent' })).changed);
  t.is(readFileSync(file, 'utf8'), '[two]\nenabled = 0\nmirrorlist = http://c\nname = Two\n');
  t.true((await runModule(yumRepository, { name: 'two', file: 'two', reposdir, state: 'absent' })).changed);
  t.throws(() => readFileSync(file));
  t.regex(String((await runModule(yumRepository, { name: 'x', reposdir })).msg), /description/);
});

test('deb822_repository writes the fields in apt’s names', async (t) => {
  const args = {
    name: 'Docker CE',
    uris: 'https://x',
    suites: ['bookworm'],
    components: ['stable'],
    signed_by: '/k.asc',
    by_hash: true,
  };
  const absent = '--\npath=/etc/a\nume=x\n';
  const records = ['/etc/apt/sources.list.d/docker-ce.sources', '/k.gpg', '/k.asc'].map((file) =>
    absent.replace('/etc/a', file).replace('ume=x', 'infolder=1'),
  );
  const result = await runWithAnswers(deb822, args, [records.join('')], { check: true });
  t.is(
    result.fields.repo,
    'By-Hash: yes\nComponents: stable\nX-Repolib-Name: Docker CE\nSigned-By: /k.asc\nSuites: bookworm\nTypes: deb\nURIs: https://x\n',
  );
  t.true(result.changed);
});

test('OpenPGP keys are read, armored or not', (t) => {
  const [armored] = parseKeys(fixture('test-key.asc'));
  const keys = parseKeys(fixture('two-keys.gpg'));
  t.is(armored!.fingerprint, firstKey);
  t.deepEqual(
    keys.map((key) => key.fingerprint),
    [firstKey, secondKey],
  );
  t.true(armored!.bytes.equals(keys[0]!.bytes));
  t.true(hasId(keys[1]!, `0x${secondKey.slice(-16).toLowerCase()}`));
  t.false(hasId(keys[1]!, firstKey));
  t.throws(() => parseKeys(fixture('two-keys.gpg').subarray(0, 100)), { message: /cut off/ });
  t.throws(() => parseKeys(Buffer.from('<html>not found</html>')), { message: /no OpenPGP/ });
});

test('apt_key adds a key once, refuses another one, and removes only it', async (t) => {
  const folder = temporaryFolder();
  const keyring = path.join(folder, 'ring.gpg');
  const file = path.join(packageRoot, 'test/fixtures/modules/two-keys.gpg');
  t.true((await runModule(aptKey, { file, keyring }, { check: true })).changed);
  t.true((await runModule(aptKey, { file, keyring, id: firstKey.slice(-8) })).changed);
  t.deepEqual(
    parseKeys(readFileSync(keyring)).map((key) => key.fingerprint),
    [firstKey, secondKey],
  );
  const again = await runModule(aptKey, { file, keyring, id: firstKey });
  t.deepEqual([again.changed, again.scripts.length], [false, 1]);
  t.false((await runModule(aptKey, { data: fixture('test-key.asc').toString(), keyring })).changed);
  t.regex(String((await runModule(aptKey, { file, keyring, id: 'DEADBEEF' })).msg), /does not seem to have been added/);
  t.true((await runModule(aptKey, { id: firstKey, state: 'absent', keyring })).changed);
  t.deepEqual(
    parseKeys(readFileSync(keyring)).map((key) => key.fingerprint),
    [secondKey],
  );
  t.regex(
    String((await runModule(aptKey, { file: '/nonexistent', keyring })).msg),
    /could not get the key.*No such file/,
  );
});

test('rpm_key imports an unknown key, by standard input', async (t) => {
  const key = fixture('test-key.asc').toString('base64');
  const id = firstKey.slice(-8).toLowerCase();
  const added = await runWithAnswers(rpmKey, { key: '/k.asc', fingerprint: firstKey }, [
    '\n@@kplay:keys\n0608b895\n',
    key,
  ]);
  t.deepEqual([added.changed, added.scripts.length], [true, 3]);
  t.notRegex(added.scripts[2]!, /BEGIN PGP/);
  t.false((await runWithAnswers(rpmKey, { key: '/k.asc' }, [`\n@@kplay:keys\n${id}\n`, key])).changed);
  const other = await runWithAnswers(rpmKey, { key: '/k.asc', fingerprint: secondKey }, ['\n@@kplay:keys\n', key]);
  t.regex(String(other.msg), /does not match/);
  const removed = await runWithAnswers(rpmKey, { key: id, state: 'absent' }, [`\n@@kplay:keys\n${id}\n`]);
  t.regex(removed.scripts[1]!, new RegExp(`gpg-pubkey-${id}`));
});
