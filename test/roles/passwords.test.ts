import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import path from 'node:path';
import type { ExecutionContext } from 'ava';
import test from 'ava';
import { temporaryDirectory } from '../temporary.ts';
import { inOwnEtc } from './own-etc.ts';
import { borrowRoles, runKplay } from './run-kplay.ts';

/** All that a shell, haproxy, keepalived, systemd or apt could read otherwise. */
const odd = `a#b c"d'e!f%40g$HOME\\x41{{h}}\\`;

// Text that a template would read is the user's own affair: it is marked as none.
const raw = (text: string): string => `{% raw %}${text}{% endraw %}`;

/** What the roles write where passwords go. */
interface Written {
  readonly folder: string;
  read(name: string): string;
}

const tasks: Readonly<Record<string, string>> = {
  haproxy: '- {ansible.builtin.template: {src: haproxy.cfg.j2, dest: "{{ out }}/haproxy.cfg"}}\n',
  keepalived: '- {ansible.builtin.template: {src: keepalived.conf.j2, dest: "{{ out }}/keepalived.conf"}}\n',
  service: `
- {ansible.builtin.file: {path: "{{ out }}/kplay-test.service.d", state: directory}}
- {ansible.builtin.template: {src: proxy.conf.j2, dest: "{{ out }}/kplay-test.service.d/proxy.conf"}}
`,
};

async function write(t: ExecutionContext, values: Readonly<Record<string, unknown>>): Promise<Written> {
  const folder = temporaryDirectory('kplay-passwords');
  const file = (name: string): string => path.join(folder, name);
  borrowRoles(folder, tasks);
  mkdirSync(file('out'));
  writeFileSync(file('hosts.ini'), '[loadbalancers]\nhere ansible_connection=local\n[masters]\nhere\n');
  const play = { hosts: 'here', gather_facts: false, roles: Object.keys(tasks) };
  writeFileSync(file('play.yml'), JSON.stringify([play]));
  const told = {
    out: file('out'),
    ansible_become: false,
    haproxy_version: { stdout: '2.6' },
    haproxy_services: [],
    keepalived_own: { stdout: 'eth0 10.0.0.21/24' },
    ...values,
  };
  writeFileSync(file('vars.json'), JSON.stringify(told));
  const run = await runKplay(['run', 'play.yml', '-i', 'hosts.ini', '-e', '@vars.json'], folder);
  t.is(run.code, 0, run.stdout + run.stderr);
  return { folder, read: (name) => readFileSync(path.join(folder, 'out', name), 'utf8') };
}

/** What a program comes to; undefined where this machine has none of that name. */
function run(
  words: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<{ code: number; said: string } | undefined> {
  return new Promise((resolve) => {
    execFile(words[0]!, words.slice(1), { env: { ...process.env, ...env } }, (error, stdout, stderr) => {
      const code = error?.code;
      resolve(code === 'ENOENT' ? undefined : { code: Number(code ?? 0), said: stdout + stderr });
    });
  });
}

function skip(t: ExecutionContext, why: string): void {
  t.log(`skipped: ${why}`);
  t.pass();
}

/** What haproxy's page answers to this name and password. */
function ask(socketPath: string, login: string): Promise<number> {
  const headers = { authorization: `Basic ${Buffer.from(login).toString('base64')}` };
  return new Promise((resolve, reject) => {
    request({ socketPath, path: '/haproxy-status', headers }, (answer) => {
      answer.resume();
      resolve(answer.statusCode ?? 0);
    })
      .on('error', reject)
      .end();
  });
}

test('haproxy asks for the password that was meant, whatever is in it', async (t) => {
  const password = `${odd}üß`;
  const { folder, read } = await write(t, { haproxy_stats_password: raw(password), haproxy_stats_bind: '127.0.0.1:9' });
  const [auth] = /^ *stats auth .*$/m.exec(read('haproxy.cfg')) ?? [];
  t.truthy(auth);
  const file = (name: string): string => path.join(folder, name);
  const socket = file('page');
  const listen = `listen stats\n    mode http\n    bind unix@${socket}\n    stats enable\n    stats uri /haproxy-status\n`;
  const limits = 'defaults\n    timeout connect 5s\n    timeout client 5s\n    timeout server 5s\n';
  writeFileSync(file('page.cfg'), `global\n    maxconn 50\n${limits}${listen}${auth}\n`);
  const checked = await run(['haproxy', '-c', '-f', file('page.cfg')]);
  if (checked === undefined) return skip(t, 'no haproxy here');
  t.is(checked.code, 0, checked.said);
  const started = await run(['haproxy', '-D', '-p', file('pid'), '-f', file('page.cfg')]);
  t.is(started?.code, 0, started?.said);
  try {
    t.is(await ask(socket, `admin:${password}`), 200);
    t.is(await ask(socket, 'admin:a'), 401);
  } finally {
    process.kill(Number(readFileSync(file('pid'), 'utf8')));
  }
});

test('an ordinary password stands in haproxy’s and keepalived’s files as it is', async (t) => {
  const { read } = await write(t, { haproxy_stats_password: 'Ab9_-.z', keepalived_password: 'Ab9_-.z' });
  t.regex(read('haproxy.cfg'), /^ *stats auth admin:Ab9_-\.z$/m);
  t.regex(read('keepalived.conf'), /^ *auth_pass Ab9_-\.z$/m);
});

test('without passwords there is no page of statistics, and no authentication', async (t) => {
  const { read } = await write(t, {});
  t.notRegex(read('haproxy.cfg'), /listen stats|stats auth/);
  t.notRegex(read('keepalived.conf'), /authentication|auth_pass/);
});

// In a network of its own, with an interface for the address.
const keepalived = `ip link add d0 type veth peer name d1 || exit 77
keepalived -t -f "$1/own.conf" || exit
keepalived -n -l -d -P -p "$1/pid" -r "$1/vrrp-pid" -f "$1/own.conf" >"$1/said" 2>&1 &
while kill -0 $! && ! grep 'Password =' "$1/said"; do sleep 0.1; done
kill $!
wait $!
true`;

test('keepalived takes the password that was meant, as far as its eight characters allow', async (t) => {
  const password = `#!% '$~:`;
  const { folder, read } = await write(t, { keepalived_password: password });
  const [auth] = /^ *authentication \{[\s\S]*?^ *\}$/m.exec(read('keepalived.conf')) ?? [];
  t.truthy(auth);
  const instance = `interface d0\nvirtual_router_id 51\npriority 90\n${auth}\nvirtual_ipaddress {\n10.9.9.9/24 dev d0\n}\n`;
  writeFileSync(path.join(folder, 'own.conf'), `vrrp_instance kubernetes {\n${instance}}\n`);
  if ((await run(['keepalived', '--version'])) === undefined) return skip(t, 'no keepalived here');
  const ran = await run(['unshare', '--net', 'sh', '-c', keepalived, 'sh', folder]);
  // 77: the kernel gives no pair of interfaces.
  if (ran === undefined || ran.code === 77 || /^unshare: /.test(ran.said)) {
    return skip(t, 'no network of its own for keepalived here');
  }
  t.is(ran.code, 0, ran.said);
  t.true(ran.said.includes(`Password = ${password}\n`), ran.said);
});

test('systemd keeps a proxy whose password has percent signs', async (t) => {
  const proxy = `http://me:p%40ss%25w!$'()*;@proxy.example.com:3128`;
  const { folder, read } = await write(t, { service_proxy: proxy, service_no_proxy: 'localhost,10.0.0.0/8' });
  const text = read('kplay-test.service.d/proxy.conf');
  const values = [...text.matchAll(/"([A-Z_]+)=([^"]*)"/g)].map(([, name, value]) => [name, value]);
  const doubled = proxy.replaceAll('%', '%%');
  t.deepEqual(values, [
    ['HTTP_PROXY', doubled],
    ['HTTPS_PROXY', doubled],
    ['NO_PROXY', 'localhost,10.0.0.0/8'],
  ]);
  const out = path.join(folder, 'out');
  const unit = path.join(out, 'kplay-test.service');
  writeFileSync(unit, '[Service]\nExecStart=/bin/true\n');
  const verify = () =>
    run(['systemd-analyze', 'verify', '--man=no', '--recursive-errors=no', unit], { SYSTEMD_UNIT_PATH: `${out}:` });
  const verified = await verify();
  if (verified === undefined || /unrecognized option/.test(verified.said)) return skip(t, 'no systemd-analyze here');
  t.notRegex(verified.said, /proxy\.conf/);
  writeFileSync(path.join(out, 'kplay-test.service.d', 'proxy.conf'), text.replaceAll('%%', '%'));
  t.regex((await verify())?.said ?? '', /proxy\.conf:\d+: .*HTTP_PROXY/, 'a single percent sign is told');
});

test('the roles containerd and docker write it, once, and take it away again', async (t) => {
  const folder = temporaryDirectory('kplay-passwords');
  const file = (name: string): string => path.join(folder, name);
  mkdirSync(file('bin'));
  writeFileSync(file('bin/containerd'), '#!/bin/sh\necho containerd x 1.6.20\n', { mode: 0o755 });
  borrowRoles(folder, {});
  writeFileSync(file('hosts.ini'), '[masters]\nhere ansible_connection=local\n[kubernetes]\nhere\n');
  const tasks = ['containerd', 'docker'].map((name) => ({
    'ansible.builtin.include_role': { name, tasks_from: 'configure' },
  }));
  writeFileSync(file('play.yml'), JSON.stringify([{ hosts: 'here', gather_facts: false, tasks }]));
  const proxy = 'http://me:p%40ss@proxy:3128';
  const none = { ansible_become: false, ansible_os_family: 'Debian', ansible_architecture: 'x86_64' };
  writeFileSync(file('none.json'), JSON.stringify(none));
  writeFileSync(file('vars.json'), JSON.stringify({ ...none, containerd_proxy: proxy, docker_proxy: proxy }));
  const said = await inOwnEtc(
    t,
    folder,
    `run() { kplay run play.yml -i hosts.ini -e "@$1.json" "$2" | grep -E 'changed=|fatal'; }
    run vars -v
    cat /etc/systemd/system/containerd.service.d/proxy.conf /etc/systemd/system/docker.service.d/proxy.conf
    stat -c %a /etc/systemd/system/docker.service.d/proxy.conf
    run vars --check
    run none -v
    ls /etc/systemd/system/containerd.service.d /etc/systemd/system/docker.service.d`,
  );
  if (said === undefined) return;
  const doubled = proxy.replace('%', '%%');
  t.is(said.split(`Environment="HTTP_PROXY=${doubled}" "HTTPS_PROXY=${doubled}" "NO_PROXY=localhost,`).length, 3, said);
  t.deepEqual(said.match(/changed=\d+/g)?.slice(1), ['changed=0', 'changed=2'], said);
  t.regex(said, /^600$/m);
  t.notRegex(said, /fatal/);
  t.regex(said, /containerd\.service\.d:\n+\/etc\/systemd\/system\/docker\.service\.d:\n*$/);
});
