import { spawnSync } from 'node:child_process';
import { appendFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import test from 'ava';
import aptKey from '../../modules/apt_key.ts';
import aptRepository from '../../modules/apt_repository.ts';
import deb822 from '../../modules/deb822_repository.ts';
import { parseKeys } from '../../modules/shared/openpgp.ts';
import yumRepository from '../../modules/yum_repository.ts';
import type { Module, StateModule } from '../../runner/module/contract.ts';
import { removeCommand } from '../../runner/module/host-files.ts';
import { packageRoot } from '../../runner/root.ts';
import { isInstalled, runModule, temporaryFolder } from './harness.ts';

const fixture = (name: string): Buffer => readFileSync(path.join(packageRoot, 'test/fixtures/modules', name));
const [firstKey, secondKey] = ['416430BA97993CD7C0F1095213EEC0FAC9031A07', '9DF55B0355A9ECC2B84857F1255CF2322C6F0A36'];
const twoKeys = parseKeys(fixture('two-keys.gpg'));

/** The module, while somebody else does something after its first look. */
function disturbed(module: Module, action: () => void): StateModule {
  const state = module as StateModule;
  let looks = 0;
  return {
    ...state,
    async probe(args, host) {
      const current: unknown = await state.probe(args, host);
      if (++looks === 1) action();
      return current;
    },
  };
}

const fingerprints = (file: string): string[] => parseKeys(readFileSync(file)).map((key) => key.fingerprint);

test('apt_key: a key that somebody else adds meanwhile stays', async (t) => {
  const keyring = `${temporaryFolder()}/ring.gpg`;
  const data = fixture('test-key.asc').toString('latin1');
  for (const make of [() => {}, () => rmSync(keyring)]) {
    make();
    const module = disturbed(aptKey, () => appendFileSync(keyring, twoKeys[1]!.bytes));
    t.true((await runModule(module, { data, keyring })).changed);
    t.deepEqual(fingerprints(keyring).sort(), [firstKey, secondKey].sort());
  }
});

test('apt_key: a keyring is not removed when somebody else adds a key meanwhile', async (t) => {
  const keyring = `${temporaryFolder()}/ring.gpg`;
  writeFileSync(keyring, twoKeys[0]!.bytes);
  const module = disturbed(aptKey, () => appendFileSync(keyring, twoKeys[1]!.bytes));
  t.true((await runModule(module, { id: firstKey, keyring, state: 'absent' })).changed);
  t.deepEqual(fingerprints(keyring), [secondKey]);
});

test('apt_key: keys of one keyring are added at once', async (t) => {
  const keyring = `${temporaryFolder()}/ring.gpg`;
  const file = `${temporaryFolder()}/keys`;
  writeFileSync(file, fixture('two-keys.gpg'));
  const result = await runModule(aptKey, { file, keyring });
  t.true(result.changed);
  t.is(result.sent.length, 1);
  t.deepEqual(fingerprints(keyring), [firstKey, secondKey]);
});

(isInstalled('apt-get') ? test : test.skip)(
  'apt_repository: a line that somebody else adds meanwhile stays',
  async (t) => {
    const filename = `${temporaryFolder()}/some.list`;
    const given = { repo: 'deb http://kplay.invalid/a b c', filename, update_cache: false };
    const other = 'deb http://kplay.invalid/other b c\n';
    const module = () => disturbed(aptRepository, () => appendFileSync(filename, other));
    t.true((await runModule(module(), given)).changed);
    t.is(readFileSync(filename, 'utf8'), `${other}${given.repo}\n`);
    writeFileSync(filename, 'deb http://kplay.invalid/first b c\n');
    t.true((await runModule(module(), given)).changed);
    t.is(readFileSync(filename, 'utf8'), `deb http://kplay.invalid/first b c\n${other}${given.repo}\n`);
  },
);

test('yum_repository: a section that somebody else adds meanwhile stays when the last one is removed', async (t) => {
  const reposdir = temporaryFolder();
  const file = `${reposdir}/one.repo`;
  writeFileSync(file, '[one]\nname = One\n');
  const module = disturbed(yumRepository, () => appendFileSync(file, '[two]\nname = Two\n'));
  t.true((await runModule(module, { name: 'one', file: 'one', reposdir, state: 'absent' })).changed);
  t.is(readFileSync(file, 'utf8'), '[two]\nname = Two\n');
});

const namespace = ['unshare', '--user', '--map-root-user', '--mount'];
const withNamespace = spawnSync(namespace[0]!, [...namespace.slice(1), 'true']).status === 0 ? test : test.skip;

withNamespace('deb822_repository: what somebody else makes of its file meanwhile is not lost unseen', async (t) => {
  const folder = temporaryFolder();
  mkdirSync(`${folder}/apt/sources.list.d`, { recursive: true });
  writeFileSync(`${folder}/mount`, `mount --bind ${folder}/apt /etc/apt && exec "$@"\n`);
  const shell = [...namespace, 'sh', `${folder}/mount`, 'sh'];
  const file = `${folder}/apt/sources.list.d/one.sources`;
  const given = { name: 'one', uris: 'http://kplay.invalid', suites: 'a', components: 'b' };
  let looks = 0;
  const watched: StateModule = { ...disturbed(deb822, () => writeFileSync(file, 'Types: deb\n')) };
  const counted: StateModule = {
    ...watched,
    probe(args, host) {
      looks++;
      return watched.probe(args, host);
    },
  };
  t.true((await runModule(counted, given, { shell })).changed);
  t.is(looks, 2);
  t.regex(readFileSync(file, 'utf8'), /URIs: http:\/\/kplay\.invalid/);
  looks = 0;
  const again = disturbed(deb822, () => appendFileSync(file, '# more\n'));
  t.true((await runModule(again, { name: 'one', state: 'absent' }, { shell })).changed);
  t.false(existsSync(file));
});

for (const shell of ['sh', 'bash', 'mksh', 'ksh', 'zsh', 'yash', 'busybox'].filter(isInstalled)) {
  test(`${shell}: a file is removed only as long as it is what was read`, async (t) => {
    const folder = temporaryFolder();
    const file = `${folder}/it's a file`;
    const words = shell === 'busybox' ? [shell, 'sh'] : [shell];
    const remove = (identity: string) => runModule(removing(file, identity), {}, { shell: words });
    writeFileSync(file, 'one');
    const stat = spawnSync('stat', ['-c', '%f %a %u %g %d %i %s %y %z', file], { env: { ...process.env, TZ: 'UTC0' } });
    const identity = stat.stdout.toString().trim();
    appendFileSync(file, 'two');
    const refused = await remove(identity);
    t.true(refused.failed);
    t.regex(String(refused.msg), /it's a file was changed by somebody else/);
    t.true(existsSync(file));
    rmSync(file);
    t.regex(String((await remove(identity)).msg), /was changed by somebody else/);
  });
}

function removing(file: string, identity: string): StateModule {
  return {
    kind: 'state',
    name: 'removing',
    summary: '',
    args: {},
    probe: () => Promise.resolve(undefined),
    plan: () => ({ changes: [{ what: file, command: removeCommand(file, identity), guarded: true }] }),
  };
}
