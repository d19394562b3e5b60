import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import test from 'ava';
import assemble from '../../modules/assemble.ts';
import authorizedKey from '../../modules/authorized_key.ts';
import knownHosts from '../../modules/known_hosts.ts';
import rpmKey from '../../modules/rpm_key.ts';
import { armored, parseKeys } from '../../modules/shared/openpgp.ts';
import template from '../../modules/template.ts';
import { packageRoot } from '../../runner/root.ts';
import type { Mapping } from '../../runner/value.ts';
import { isInstalled, modeOf, runModule, runWithAnswers, shells, temporaryFolder } from './harness.ts';

const one = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOne me@home';
const two = 'ssh-rsa AAAAB3NzaC1yc2EAAAATwo you';

for (const shell of shells) {
  test(`${shell[0]}: keys are added, changed, removed, and others stay`, async (t) => {
    const path = `${temporaryFolder()}/its dir/authorized_keys`;
    const run = (args: Parameters<typeof runModule>[1], options = {}) =>
      runModule(authorizedKey, { user: userInfo().username, path, ...args }, { shell, ...options });
    const dry = await run({ key: one }, { check: true, diff: true });
    t.true(dry.changed, String(dry.msg));
    t.true((await run({ key: one })).changed);
    t.is(modeOf(path), '0600');
    t.is(modeOf(path.replace('/authorized_keys', '')), '0700');
    t.false((await run({ key: `${one}\n` })).changed);
    writeFileSync(path, `# mine\n${one}`);
    t.true((await run({ key: `# theirs\n${two}` })).changed);
    t.is(readFileSync(path, 'utf8'), `# mine\n${one}\n${two}\n`);
    const options = { key_options: 'no-pty,from="10.0.0.1, 10.0.0.2"', comment: 'new comment' };
    t.true((await run({ key: two, ...options })).changed);
    t.is(
      readFileSync(path, 'utf8').split('\n')[2],
      `${options.key_options} ssh-rsa AAAAB3NzaC1yc2EAAAATwo new comment`,
    );
    t.false((await run({ key: two, ...options, key_options: 'from="10.0.0.1, 10.0.0.2",no-pty' })).changed);
    t.true((await run({ key: two, exclusive: true, ...options })).changed);
    t.is(readFileSync(path, 'utf8').split('\n').length, 2);
    t.true((await run({ key: two, state: 'absent' })).changed);
    t.is(readFileSync(path, 'utf8'), '');
    t.false((await run({ key: two, state: 'absent' })).changed);
    t.regex(String((await run({ key: 'not a key' })).msg), /invalid key specified/);
    t.regex(String((await run({ user: 'no-such-user', key: one })).msg), /Failed to lookup user no-such-user/);
    t.regex(String((await run({ key: 'https://example.com/keys' })).msg), /not supported/);
  });
}

test('known_hosts: keys are added, hashed, replaced and removed', async (t) => {
  const path = `${temporaryFolder()}/ssh/known_hosts`;
  const run = (args: Parameters<typeof runModule>[1]) => runModule(knownHosts, { path, ...args });
  const key = 'git.example.com ssh-ed25519 AAAAfirst';
  t.true((await run({ name: 'git.example.com', key })).changed);
  t.false((await run({ name: 'Git.example.com', key })).changed);
  t.is(readFileSync(path, 'utf8'), `${key}\n`);
  t.true((await run({ name: 'git.example.com', key: key.replace('first', 'second') })).changed);
  t.is(readFileSync(path, 'utf8'), 'git.example.com ssh-ed25519 AAAAsecond\n');
  t.true((await run({ name: 'git.example.com', key: 'git.example.com ssh-rsa BBBB' })).changed);
  t.is(readFileSync(path, 'utf8').split('\n').length, 3);
  t.true((await run({ name: 'git.example.com', key, hash_host: true })).changed);
  t.regex(readFileSync(path, 'utf8'), /\n\|1\|[^|]+\|[^ ]+ ssh-ed25519 AAAAfirst\n$/);
  t.false((await run({ name: 'git.example.com', key, hash_host: true })).changed);
  if (isInstalled('ssh-keygen')) {
    const found = execFileSync('ssh-keygen', ['-F', 'git.example.com', '-f', path], { encoding: 'utf8' });
    t.is(found.match(/found: line/g)?.length, 2);
  }
  t.true((await run({ name: 'git.example.com', key, state: 'absent' })).changed);
  t.is(readFileSync(path, 'utf8'), 'git.example.com ssh-rsa BBBB\n');
  t.true((await run({ name: 'git.example.com', state: 'absent' })).changed);
  t.false((await run({ name: 'git.example.com', state: 'absent' })).changed);
  t.regex(String((await run({ name: 'other', key })).msg), /does not match/);
  // ssh-keygen passes over such lines, and Ansible asks it.
  for (const odd of ['@odd other ssh-ed25519 AAAA', 'other foo AAAA', 'other 1024 35 12345'])
    t.regex(String((await run({ name: 'other', key: odd })).msg), /does not match/, odd);
  t.regex(String((await run({ name: 'other' })).msg), /No key specified/);
});

test('rpm_key: keys are known by 8 digits to rpm 4 and by their fingerprint to rpm 6', async (t) => {
  const fingerprint = '416430ba97993cd7c0f1095213eec0fac9031a07';
  const none = 'package gpg-pubkey is not installed';
  const forms = [fingerprint, fingerprint.slice(-16), '0xC9031A07', fingerprint.slice(-8)];
  const answer = (...names: string[]): string => `\n@@kplay:keys\n${names.join('\n')}\n`;
  for (const key of forms) {
    const old = await runWithAnswers(rpmKey, { key, state: 'absent' }, [answer('11111111', 'c9031a07')]);
    t.is(old.scripts[1], 'rpm --erase --allmatches gpg-pubkey-c9031a07');
    const rpm6 = [answer(fingerprint, `${'1'.repeat(32)}22222222`)];
    const now = await runWithAnswers(rpmKey, { key, state: 'absent' }, rpm6);
    t.is(now.scripts[1], `rpmkeys --delete ${fingerprint}`);
    t.false((await runWithAnswers(rpmKey, { key, state: 'absent' }, [answer(none)])).changed);
    t.false((await runWithAnswers(rpmKey, { key, state: 'absent' }, [answer('1'.repeat(40), '11111111')])).changed);
  }
  const two = [answer(`${'1'.repeat(32)}c9031a07`, fingerprint)];
  t.regex(String((await runWithAnswers(rpmKey, { key: 'c9031a07', state: 'absent' }, two)).msg), /several keys/);
  const newer = 'ab'.repeat(8) + 'c'.repeat(48);
  const start = await runWithAnswers(rpmKey, { key: 'ab'.repeat(8), state: 'absent' }, [answer(newer)]);
  t.is(start.scripts[1], `rpmkeys --delete ${newer}`);
});

test('rpm_key: a key file is compared with what rpm knows', async (t) => {
  // Stand-ins for rpm 4 and rpm 6: the key stays once it was imported.
  for (const name of ['c9031a07', '416430ba97993cd7c0f1095213eec0fac9031a07']) {
    const folder = temporaryFolder();
    const rpm = `#!/bin/sh
case $1 in
-q) [ -e ${folder}/key ] && echo ${name} || { echo 'package gpg-pubkey is not installed'; exit 1; } ;;
--import) cp "$2" ${folder}/key ;;
--erase) [ "$3" = gpg-pubkey-c9031a07 ] && rm ${folder}/key ;;
--delete) [ "$2" = ${name} ] && rm ${folder}/key ;;
esac
`;
    for (const program of ['rpm', 'rpmkeys']) writeFileSync(`${folder}/${program}`, rpm, { mode: 0o755 });
    const options = { environment: { PATH: `${folder}:/usr/bin:/bin` } };
    const args = { key: `${packageRoot}/test/fixtures/modules/test-key.asc` };
    for (const state of ['present', 'absent']) {
      const first = await runModule(rpmKey, { ...args, state }, options);
      t.deepEqual([first.failed, first.changed], [false, true], String(first.msg));
      t.false((await runModule(rpmKey, { ...args, state }, options)).changed, `${name} ${state}`);
    }
  }
});

test('rpm_key: the key itself decides where rpm tells it, and all of a file are meant', async (t) => {
  const keys = parseKeys(readFileSync(`${packageRoot}/test/fixtures/modules/two-keys.gpg`));
  const [one, two] = keys.map(({ bytes }) => armored(bytes)) as [string, string];
  const known = (...keys: readonly [name: string, text: string][]): string =>
    `\n@@kplay:keys\n${keys.map(([name, text]) => `${name}\n${text}\n`).join('')}`;
  const file = (text: string): string => `--\ncontent@\n${Buffer.from(text, 'latin1').toString('base64')}\n.\n`;
  const run = (args: Mapping, ...answers: readonly string[]) =>
    runWithAnswers(rpmKey, { key: '/k.asc', ...args }, answers);
  const first = ['c9031a07', one] as const;
  t.false((await run({}, known([...first]), file(one))).changed);
  // Of both keys in the file one is missing.
  t.true((await run({}, known([...first]), file(one + two))).changed);
  t.false((await run({}, known([...first], ['2c6f0a36', two]), file(one + two))).changed);
  const removed = await run({ state: 'absent' }, known([...first], ['2c6f0a36', two]), file(one + two));
  t.is(
    removed.scripts[2],
    'rpm --erase --allmatches gpg-pubkey-c9031a07 &&\nrpm --erase --allmatches gpg-pubkey-2c6f0a36',
  );
  const prints = ['416430BA97993CD7C0F1095213EEC0FAC9031A07', '9DF5 5B03 55A9 ECC2 B848  57F1 255C F232 2C6F 0A36'];
  t.false((await run({ fingerprint: prints }, known(), file(one + two))).failed);
  t.regex(String((await run({ fingerprint: prints }, known(), file(one))).msg), /does not match any key fingerprints/);
});

test('rpm_key: what rpm cannot tell is not what it does not know', async (t) => {
  const folder = temporaryFolder();
  writeFileSync(`${folder}/rpm`, "#!/bin/sh\necho 'error: cannot open Packages database' >&2\nexit 1\n", {
    mode: 0o755,
  });
  const result = await runModule(
    rpmKey,
    { key: 'c9031a07', state: 'absent' },
    { environment: { PATH: `${folder}:/usr/bin:/bin` } },
  );
  t.regex(String(result.msg), /cannot open Packages database/);
});

test('assemble puts fragments together, on the host and from here', async (t) => {
  const folder = temporaryFolder();
  mkdirSync(`${folder}/parts`);
  writeFileSync(`${folder}/parts/10-b`, 'b');
  writeFileSync(`${folder}/parts/05-a`, 'a\n');
  writeFileSync(`${folder}/parts/.hidden`, 'h\n');
  writeFileSync(`${folder}/parts/README`, 'no\n');
  const dest = `${folder}/all`;
  const args = { src: `${folder}/parts`, dest, regexp: '^[.\\d]', delimiter: '--\\n' };
  t.true((await runModule(assemble, args)).changed);
  t.is(readFileSync(dest, 'utf8'), 'h\n--\na\n--\nb');
  t.false((await runModule(assemble, { ...args, remote_src: false })).changed);
  t.true((await runModule(assemble, { ...args, ignore_hidden: true })).changed);
  t.is(readFileSync(dest, 'utf8'), 'a\n--\nb');
  t.regex(String((await runModule(assemble, { ...args, src: '/no/where' })).msg), /does not exist/);
});

test('template renders, compares and places', async (t) => {
  const folder = temporaryFolder();
  writeFileSync(`${folder}/conf.j2`, '# {{ ansible_managed }} {{ template_path }}\nport {{ port }}\n', { mode: 0o600 });
  const options = { files: { 'conf.j2': `${folder}/conf.j2` }, variables: { port: 80 } };
  const args = { src: 'conf.j2', dest: `${folder}/conf`, mode: 'preserve', validate: 'grep -q port %s' };
  const dry = await runModule(template, args, { ...options, check: true, diff: true });
  t.true(dry.diff.startsWith(`--- (nothing)\n+++ ${folder}/conf.j2\n# Ansible managed conf.j2\nport 80\n`), dry.diff);
  t.true((await runModule(template, args, options)).changed);
  t.is(modeOf(`${folder}/conf`), '0600');
  const again = await runModule(template, args, options);
  t.false(again.changed);
  t.is(again.scripts.length, 1);
  t.true((await runModule(template, args, { ...options, variables: { port: 81 } })).changed);
  t.true((await runModule(template, { ...args, dest: `${folder}/` }, options)).failed === false);
  t.is(statSync(`${folder}/conf`).size > 0, true);
  t.regex(
    String((await runModule(template, { ...args, validate: 'false %s' }, { ...options, variables: { port: 9 } })).msg),
    /failed to validate/,
  );
});
