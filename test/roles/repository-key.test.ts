import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { packageRoot } from '../../runner/root.ts';
import { temporaryDirectory } from '../temporary.ts';
import { inOwnEtc } from './own-etc.ts';
import { borrowRoles } from './run-kplay.ts';

/*
 * One key in three states: it ended in 2020, was extended to 2090 (the same key with another signature), and has no end.
 */
const keys = path.join(packageRoot, 'test/fixtures/keys');
const script = path.join(packageRoot, 'roles/kubernetes_packages/files/key.sh');
const key = (name: string): string => path.join(keys, name);

const look = (...words: readonly string[]): string => execFileSync('sh', [script, ...words], { encoding: 'utf8' });

test('when a key ends is read without gpg, armored or not', (t) => {
  const files = ['ended.asc', 'extended.asc', 'never.gpg'].map(key);
  t.is(look('30', 'file', ...files), 'asc ended 2020-01-01\nasc well 2090-01-01\ngpg well never\n');
  t.is(look('40000', 'file', key('extended.asc')), 'asc ends 2090-01-01\n');
  t.is(
    look('30', 'file', path.join(packageRoot, 'package.json'), '/etc/no such file'),
    'gpg unknown -\nnone unknown -\n',
  );
});

test('of several keys in a file the latest end counts, and other keys’ signatures do not', (t) => {
  const folder = temporaryDirectory('kplay-key');
  const file = path.join(folder, 'both');
  for (const order of [
    ['ended.asc', 'extended.asc'],
    ['extended.asc', 'ended.asc'],
  ]) {
    writeFileSync(file, order.map((name) => readFileSync(key(name), 'utf8')).join('\n'));
    t.is(look('30', 'file', file), 'asc well 2090-01-01\n');
  }
  // Debian's keys are signed by each other, later than by themselves.
  const debian = '/usr/share/keyrings/debian-archive-bullseye-stable.gpg';
  if (!existsSync(debian)) return void t.log('skipped in part: there is no keyring of Debian');
  t.is(look('0', 'file', debian).split(' ')[2], '2029-02-11\n');
});

interface Site {
  readonly folder: string;
  readonly asked: string[];
  /** Where apt's key is. */
  readonly address: string;
  /** Serves this key from now on. */
  serve(name: string): void;
}

/** A folder with the roles and a play that names the repository, whose key a server of this test has. */
async function makeSite(t: ExecutionContext, family: string, parts = ['repository']): Promise<Site> {
  const folder = temporaryDirectory('kplay-key');
  const asked: string[] = [];
  let served = 'ended.asc';
  const server = createServer((request, response) => {
    asked.push(request.url ?? '');
    response.end(readFileSync(key(served)));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => server.close());
  const at = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  borrowRoles(folder, {});
  mkdirSync(path.join(folder, 'bin'));
  const tasks = parts.map((part) => ({
    'ansible.builtin.include_role': { name: 'kubernetes_packages', tasks_from: part },
  }));
  writeFileSync(path.join(folder, 'play.yml'), JSON.stringify([{ hosts: 'here', gather_facts: false, tasks }]));
  writeFileSync(path.join(folder, 'hosts.ini'), 'here ansible_connection=local\n');
  const values = {
    ansible_become: false,
    ansible_os_family: family,
    ansible_architecture: 'x86_64',
    kubernetes_version: '1.36.3',
    kubernetes_state_folder: path.join(folder, 'state'),
    kubernetes_packages_apt_key: `${at}/apt.key`,
    kubernetes_packages_rpm_key: `${at}/rpm.key`,
  };
  writeFileSync(path.join(folder, 'vars.json'), JSON.stringify(values));
  const serve = (name: string): void => {
    served = name;
  };
  return { folder, asked, address: `${at}/apt.key`, serve };
}

const run = `mkdir -p /etc/apt/keyrings /etc/apt/sources.list.d /etc/yum.repos.d
kplay run play.yml -i hosts.ini -e @vars.json "$@"`;

test('apt’s key is fetched once, again when it has ended or is another repository’s, and refused when it comes as it was', async (t) => {
  const { folder, asked, address, serve } = await makeSite(t, 'Debian');
  const start = (more: string) => inOwnEtc(t, folder, `${more}\n${run}; sh ${script} 30 file /etc/apt/keyrings/*`);
  serve('extended.asc');
  const first = await start('');
  if (first === undefined) return;
  t.regex(first, /changed=[1-9]/);
  t.regex(first, /asc well 2090-01-01\nasc well 2090-01-01/, first);
  t.deepEqual(asked, ['/apt.key']);
  // There already, and well.
  const have = (name: string, from = address) => `mkdir -p /etc/apt/keyrings /etc/apt/sources.list.d
cp ${key(name)} /etc/apt/keyrings/kubernetes.key
echo '# Its key: ${from}' >/etc/apt/sources.list.d/kubernetes.list`;
  const again = await inNewWork(folder, () => start(have('extended.asc')));
  t.notRegex(again ?? '', /fatal/);
  t.deepEqual(asked, ['/apt.key']);
  const other = await inNewWork(folder, () => start(have('never.gpg', 'http://other.example/apt.key')));
  t.regex(other ?? '', /asc well 2090-01-01\nasc well 2090-01-01/);
  t.deepEqual(asked, ['/apt.key', '/apt.key']);
  const renewed = await inNewWork(folder, () => start(have('ended.asc')));
  t.regex(renewed ?? '', /asc well 2090-01-01\nasc well 2090-01-01/);
  serve('ended.asc');
  const refused = await inNewWork(folder, () => start(have('ended.asc')));
  t.regex(refused ?? '', /ended on 2020-01-01, so apt refuses what it signed\. Name the key of a newer version/);
});

test('a repository that apt knows gets its key before anything else asks apt, and once', async (t) => {
  const { folder, asked, serve } = await makeSite(t, 'Debian', ['known', 'repository']);
  serve('extended.asc');
  const known = 'mkdir -p /etc/apt/sources.list.d; echo deb >/etc/apt/sources.list.d/kubernetes.list';
  const told = await inOwnEtc(t, folder, `${known}\n${run}`);
  if (told === undefined) return;
  t.regex(told, /failed=0/);
  t.deepEqual(asked, ['/apt.key']);
  await inNewWork(folder, () => inOwnEtc(t, folder, run));
  t.deepEqual(asked, ['/apt.key', '/apt.key'], 'a bare host gets it by the role itself');
});

/** The folder that an /etc of its own is kept in is made anew each time. */
async function inNewWork<T>(folder: string, action: () => Promise<T>): Promise<T> {
  execFileSync('rm', ['-rf', path.join(folder, 'work')]);
  return await action();
}

test('a key that rpm knows and that has ended is taken out and its new copy in', async (t) => {
  const rpm = ['/usr/bin/rpm', '/bin/rpm'].find((file) => existsSync(file));
  if (rpm === undefined) {
    t.log('skipped: there is no rpm here');
    return t.pass();
  }
  const { folder, asked, serve } = await makeSite(t, 'RedHat');
  const database = path.join(folder, 'rpm');
  mkdirSync(database);
  writeFileSync(path.join(folder, 'bin/rpm'), `#!/bin/sh\nexec ${rpm} --dbpath ${database} "$@"\n`, { mode: 0o755 });
  copyFileSync(key('ended.asc'), path.join(folder, 'ended.asc'));
  const told = `sh ${script} 30 rpm | sed 's/^/RPM /'`;
  serve('ended.asc');
  const refused = await inOwnEtc(t, folder, `rpm --import ended.asc; ${told}\n${run} || true; ${told}`);
  if (refused === undefined) return;
  t.deepEqual(
    refused.match(/^RPM .*$/gm)?.map((line) => line.split(' ').slice(2).join(' ')),
    ['ended 2020-01-01', 'ended 2020-01-01'],
  );
  t.regex(refused, /ended on 2020-01-01, so what it signed is refused/);
  serve('extended.asc');
  const renewed = await inNewWork(folder, () =>
    inOwnEtc(t, folder, `${run}; ${told}; kplay run play.yml -i hosts.ini -e @vars.json`),
  );
  t.regex(renewed ?? '', /^RPM gpg-pubkey-\S+ well 2090-01-01$/m);
  t.regex(renewed ?? '', /changed=0/);
  t.deepEqual(asked, ['/rpm.key', '/rpm.key']);
});
