import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import test from 'ava';
import aptKey from '../../modules/apt_key.ts';
import { parseSourceLine, sourceFileName } from '../../modules/apt_repository/sources.ts';
import aptRepository from '../../modules/apt_repository.ts';
import deb822 from '../../modules/deb822_repository.ts';
import rpmKey from '../../modules/rpm_key.ts';
import { armored as armorOf, hasId, parseKeys } from '../../modules/shared/openpgp.ts';
import yumRepository from '../../modules/yum_repository.ts';
import { packageRoot } from '../../runner/root.ts';
import { runModule, runWithAnswers, temporaryFolder } from './harness.ts';

const fixture = (name: string): Buffer => readFileSync(path.join(packageRoot, 'test/fixtures/modules', name));
const firstKey = '416430BA97993CD7C0F1095213EEC0FAC9031A07';
const secondKey = '9DF55B0355A9ECC2B84857F1255CF2322C6F0A36';

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

const sources =
  '\n@@kplay:sources\n\n@@sources:/etc/apt/sources.list\n81a4 644 0 0\ndeb http://x y main\n# deb http://z y main\n';

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
    String((await runModule(aptKey, { file: `${keyring}.none`, keyring })).msg),
    /could not get the key.*No such file/,
  );
});

test('apt_key leaves a keyring alone that it cannot read, and writes each as apt reads it', async (t) => {
  const folder = temporaryFolder();
  const file = path.join(packageRoot, 'test/fixtures/modules/test-key.asc');
  // The first blob of a keybox: its length, kind, version, flags, and the word.
  const keybox = Buffer.concat([Buffer.from([0, 0, 0, 32, 1, 1, 0, 2]), Buffer.from('KBXf'), Buffer.alloc(20)]);
  // A key of version 3, which is not read here.
  const old = Buffer.from([0x99, 0, 5, 3, 0, 0, 0, 0]);
  for (const [name, content, reason] of [
    ['box.gpg', keybox, /is left alone: it is a keybox, which apt does not read/],
    ['old.gpg', old, /is left alone: OpenPGP keys of version 3 are not supported/],
  ] as const) {
    const keyring = path.join(folder, name);
    writeFileSync(keyring, content);
    for (const args of [
      { file, keyring },
      { id: firstKey, keyring, state: 'absent' },
    ]) {
      t.regex(String((await runModule(aptKey, args)).msg), reason);
      t.deepEqual(readFileSync(keyring), content);
    }
  }
  const armored = path.join(folder, 'some.asc');
  writeFileSync(armored, armorOf(parseKeys(fixture('two-keys.gpg'))[1]!.bytes));
  t.true((await runModule(aptKey, { file, keyring: armored })).changed);
  t.regex(readFileSync(armored, 'latin1'), /^-----BEGIN PGP PUBLIC KEY BLOCK-----\n/);
  const prints = (): string[] => parseKeys(readFileSync(armored)).map(({ fingerprint }) => fingerprint);
  t.deepEqual(prints(), [secondKey, firstKey]);
  t.true((await runModule(aptKey, { id: secondKey, keyring: armored, state: 'absent' })).changed);
  t.deepEqual(prints(), [firstKey]);
  // apt heeds neither: a binary file that is called armored, and an armored one that is called binary.
  writeFileSync(armored, fixture('two-keys.gpg'));
  t.true((await runModule(aptKey, { file, keyring: armored })).changed);
  t.deepEqual(prints(), [secondKey, firstKey]);
  t.false((await runModule(aptKey, { file, keyring: armored })).changed);
  const binary = path.join(folder, 'some.gpg');
  writeFileSync(binary, fixture('test-key.asc'));
  t.true((await runModule(aptKey, { file, id: firstKey, keyring: binary })).changed);
  t.false(readFileSync(binary, 'latin1').includes('-----BEGIN'));
  t.false((await runModule(aptKey, { file, id: firstKey, keyring: binary })).changed);
});

test('rpm_key imports an unknown key, by standard input', async (t) => {
  const key = `--\ncontent@\n${fixture('test-key.asc').toString('base64')}\n.\n`;
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
