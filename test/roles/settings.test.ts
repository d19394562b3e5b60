import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import test from 'ava';
import { load } from 'js-yaml';
import { packageRoot } from '../../runner/root.ts';
import { temporaryDirectory } from '../temporary.ts';
import { runKplay } from './run-kplay.ts';

// Nobody answers there: whoever asks a host says UNREACHABLE.
const nowhere = { ansible_host: '127.0.0.1', ansible_port: 1, ansible_connection: 'ssh' };

async function check(values: Readonly<Record<string, unknown>>): Promise<string> {
  const folder = temporaryDirectory('kplay-settings');
  const hosts = (...names: readonly string[]) => ({ hosts: Object.fromEntries(names.map((name) => [name, {}])) });
  const own = (address: string) => ({ ...nowhere, kubernetes_node_address: address });
  const inventory = {
    all: {
      vars: { kubernetes_network: 'none', kubernetes_api_vip: '10.9.9.9', ansible_ssh_timeout: 3, ...nowhere },
      hosts: { m1: own('10.0.0.1'), lb1: own('10.0.0.2'), h1: own('10.0.0.3'), r1: own('10.0.0.4') },
      children: {
        kubernetes: { children: { masters: hosts('m1'), workers: {} } },
        loadbalancers: hosts('lb1'),
        registries: { children: { registry: hosts('r1'), harbor: hosts('h1') } },
      },
    },
  };
  const given = {
    harbor_admin_password: 'x',
    harbor_database_password: 'y',
    harbor_installer_checksum: 'sha256:1',
    harbor_compose_checksum: 'sha256:1',
    ...values,
  };
  writeFileSync(path.join(folder, 'hosts.json'), JSON.stringify(inventory));
  writeFileSync(path.join(folder, 'vars.json'), JSON.stringify(given));
  const words = ['run', 'playbooks/hosts.yml', '-i', path.join(folder, 'hosts.json'), '--tags', 'preflight'];
  const run = await runKplay([...words, '-e', `@${path.join(folder, 'vars.json')}`], packageRoot);
  return (run.stdout + run.stderr).replaceAll(/\s+/g, ' ');
}

const cases: readonly (readonly [title: string, values: Readonly<Record<string, unknown>>, says: RegExp])[] = [
  [
    'a page of statistics without a password',
    { haproxy_stats_enabled: true },
    /lb1\]: FAILED.*Set haproxy_stats_password \(openssl rand -hex 16 makes one/,
  ],
  [
    'a name with a colon for the page of statistics',
    { haproxy_stats_password: 'x', haproxy_stats_user: 'a:b' },
    /a name has no colon/,
  ],
  [
    'load balancers that are to know each other, without a password',
    { keepalived_authenticated: true },
    /Set keepalived_password \(openssl rand -hex 4 makes one/,
  ],
  [
    'a password that is too long for keepalived',
    { keepalived_password: '123456789' },
    /more than 8 characters, of which keepalived would take the first 8/,
  ],
  [
    'a password that keepalived would read otherwise',
    { keepalived_password: 'a"b' },
    /a character that keepalived reads otherwise/,
  ],
  ['the same with a brace', { keepalived_password: '}' }, /a character that keepalived reads otherwise/],
  ['the same beyond ASCII', { keepalived_password: 'ü' }, /a character that keepalived reads otherwise/],
  ['Harbor without a password', { harbor_admin_password: '' }, /h1\]: FAILED.*Set harbor_admin_password and/],
  [
    'a user of the registry without a password',
    { registry_users: [{ name: 'a', password: 'x' }, { name: 'b' }] },
    /r1\]: FAILED.*registry_users: b has no password/,
  ],
  [
    'a password that bcrypt cuts',
    { registry_users: [{ name: 'a', password: 'x'.repeat(73) }] },
    /registry_users: a has no password, one of more than 72/,
  ],
  [
    'a login to a registry without a password',
    { kubernetes_registry_logins: [{ registry: 'r.example.com', username: 'me', password: '' }] },
    /the login to r\.example\.com has no password/,
  ],
  [
    'a proxy’s password with a #',
    { containerd_proxy: 'http://me:a#b@proxy:3128' },
    /m1\]: FAILED.*containerd_proxy is no address of a proxy\. .*%23 for #/,
  ],
  [
    'the same for docker',
    { kubernetes_runtime: 'docker', docker_proxy: 'http://me:a b@proxy:3128' },
    /docker_proxy is no address of a proxy/,
  ],
  [
    'a single percent sign in the package manager’s proxy',
    { sources_proxy: 'http://me:100%@proxy:3128' },
    /sources_proxy is no address of a proxy/,
  ],
];

for (const [title, values, says] of cases) {
  test(`${title}: refused with a sentence, before a host is asked`, async (t) => {
    const said = await check(values);
    t.regex(said, says);
    t.notRegex(said, /UNREACHABLE|is undefined|internal error/);
  });
}

test('odd but right values are not refused, and then the hosts are asked', async (t) => {
  const said = await check({
    haproxy_stats_password: `a#b c"'!%$`,
    keepalived_password: `#!% '$~:`,
    containerd_proxy: 'http://me:p%40ss%20!$@[fd00::1]:3128/',
    sources_proxy: 'proxy.example.com:3128',
    registry_users: [{ name: 'a', password: `x#y z"'` }],
    kubernetes_registry_logins: [{ registry: 'r.example.com', username: 'me', password: `x:#y z"'` }],
  });
  t.notRegex(said, /FAILED|WHAT IS WRONG|is undefined|internal error/);
  t.regex(said, /UNREACHABLE/);
});

test('the project’s own inventory has no passwords, and is refused without them', async (t) => {
  const text = readFileSync(path.join(packageRoot, 'inventory', 'group_vars', 'all.yml'), 'utf8');
  const values = load(text) as Readonly<Record<string, unknown>>;
  for (const [name, value] of Object.entries(values)) if (/password|secret/.test(name)) t.is(value, '', name);
  const words = ['run', 'playbooks/hosts.yml', '-i', 'inventory', '--tags', 'preflight'];
  const away = { ansible_connection: 'ssh', ansible_port: 1, ansible_ssh_timeout: 3 };
  const run = await runKplay([...words, '-e', JSON.stringify(away)], packageRoot);
  const said = (run.stdout + run.stderr).replaceAll(/\s+/g, ' ');
  t.is(run.code, 2, said);
  for (const name of ['haproxy_stats_password', 'keepalived_password', 'harbor_admin_password']) {
    t.regex(said, new RegExp(`Set ${name}`));
  }
  t.notRegex(said, /UNREACHABLE|is undefined|internal error/);
});
