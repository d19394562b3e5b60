import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import test from 'ava';
import { packageRoot } from '../../runner/root.ts';
import { attempt } from '../lab/shell.ts';
import { temporaryDirectory } from '../temporary.ts';

const role = (name: string, file: string): string => path.join(packageRoot, 'roles', name, 'files', file);
const key = path.join(packageRoot, 'test/fixtures/keys/extended.asc');

/** Scripts of roles that run on any host, with words that make them work. */
const scripts: readonly (readonly string[])[] = [
  [
    role('preflight', 'look.sh'),
    '127.0.0.1',
    '10.244.0.0/16,fd00:10::/48',
    '127.0.0.0/8,fd00:10:0:1::/112',
    '127.9.9.9',
    '',
    '',
  ],
  [role('preflight', 'look.sh'), '10.255.255.254', '10.96/12', 'fd00::1/64', '', '/proc/self/status', ''],
  [role('kubernetes_packages', 'key.sh'), '30', 'file', key, '/etc/no such file'],
];

const shells = ['dash', 'bash', 'busybox sh', 'mksh', 'ksh93', 'zsh', 'yash'];

for (const shell of shells) {
  test(`${shell} runs the roles’ scripts as sh does`, async (t) => {
    const [program, ...words] = shell.split(' ') as [string, ...string[]];
    try {
      execFileSync('sh', ['-c', 'command -v "$1"', 'sh', program]);
    } catch {
      t.log(`skipped: there is no ${program} here`);
      return t.pass();
    }
    for (const script of scripts) {
      const [own, usual] = await Promise.all([attempt(program, [...words, ...script]), attempt('sh', script)]);
      t.is(usual.code, 0, usual.all);
      t.true(usual.stdout.length > 0);
      t.is(own.all, usual.all, script.join(' '));
    }
  });
}

test('what must come to its end runs alone, and what it says is whole', async (t) => {
  const place = temporaryDirectory('kplay-to-the-end');
  const start = (...command: readonly string[]) =>
    attempt('sh', [role('kubeadm', 'to-the-end'), `${place}/lock`, `${place}/begun`, 'it', `${place}/log`, ...command]);
  const first = start('sh', '-c', `echo one; while [ ! -e ${place}/go ]; do sleep 0.1; done; echo two`);
  while (!existsSync(`${place}/log`) || readFileSync(`${place}/log`, 'utf8') === '') await wait(50);
  const second = start('sh', '-c', `cat ${place}/begun; echo three; exit 3`);
  await wait(500);
  writeFileSync(`${place}/go`, '');
  t.like(await first, { code: 0, stdout: 'one\ntwo\n' });
  t.like(await second, { code: 3, stdout: 'it\nthree\n' });
  t.is(readFileSync(`${place}/begun`, 'utf8'), 'it\n');
});

test('addresses and networks of both kinds are read as what they are', async (t) => {
  const look = async (...words: readonly string[]): Promise<readonly string[]> => {
    const { stdout } = await attempt('sh', [role('preflight', 'look.sh'), ...words, '', '']);
    return stdout
      .split('\n')
      .filter((line) => line.startsWith('fault '))
      .map((line) => line.slice('fault '.length));
  };
  t.deepEqual(await look('127.0.0.1', '10.244.0.0/16', '10.96.0.0/12', '127.9.9.9'), []);
  t.deepEqual(await look('127.0.0.1', '10.244.0.0/16,fd00:a::/48', '10.96.0.0/12,fd00:b::/112', ''), []);
  for (const [pods, says] of [
    ['10.244.0.0/33', /is no network/],
    ['10.244.0.0', /is no network/],
    ['10.244.0.256/24', /is no network/],
    ['fd00:::/64', /is no network/],
    ['fd00:1:2:3:4:5:6:7:8::/64', /is no network/],
    ['fd00::/129', /is no network/],
    ['10.244.0.1/32', undefined],
    ['::/0', undefined],
    ['10.244.0.128/24', /Write 10\.244\.0\.0\/24/],
    ['fd00:a:b:c::/60', /Write fd00:a:b:0:0:0:0:0\/60/],
    ['10.0.0.0/8', /kubernetes_pod_network 10\.0\.0\.0\/8 and kubernetes_service_network 10\.96\.0\.0\/12 overlap/],
    ['127.0.0.0/8', /kubernetes_pod_network 127\.0\.0\.0\/8 and the hosts' network 127\.0\.0\.0\/8 overlap/],
    ['1.0.0.0/8,2.0.0.0/8,fd00::/8', /names 3 networks/],
  ] as const) {
    const faults = (await look('127.0.0.1', pods, '10.96.0.0/12', '')).filter((one) => !/one kind/.test(one));
    if (says === undefined) t.deepEqual(faults, [], pods);
    else t.regex(faults.join('\n'), says, pods);
  }
  t.regex(
    (await look('127.0.0.1', '10.244.0.0/16', '10.96.0.0/12', 'nowhere')).join('\n'),
    /"nowhere", which is no address/,
  );
});
