import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { ExecutionContext } from 'ava';
import test from 'ava';
import { temporaryDirectory } from '../temporary.ts';
import { borrowRoles, runKplay } from './run-kplay.ts';

test('containerd’s configuration follows the version that is installed', async (t) => {
  const two = await render(t, { installed: '1.6.20' });
  t.regex(two.config, /^version = 2$/m);
  t.regex(
    two.config,
    /\[plugins\."io\.containerd\.grpc\.v1\.cri"\]\n {2}sandbox_image = "registry\.k8s\.io\/pause:3\.8"/,
  );
  const three = await render(t, { installed: '2.0.4' });
  t.regex(three.config, /^version = 3$/m);
  t.regex(
    three.config,
    /\[plugins\."io\.containerd\.cri\.v1\.images"\.pinned_images\]\n {4}sandbox = "registry\.k8s\.io\/pause:3\.8"/,
  );
  t.regex(
    three.config,
    /\[plugins\."io\.containerd\.cri\.v1\.images"\.registry\]\n {4}config_path = "\/etc\/containerd\/certs\.d"/,
  );
  t.regex(
    three.config,
    /\[plugins\."io\.containerd\.cri\.v1\.runtime"\.containerd\.runtimes\.runc\.options\]\n {8}SystemdCgroup = true/,
  );
  t.regex(three.config, /^ {4}bin_dir = "\/opt\/cni\/bin"$/m);
  t.notRegex(three.config, /grpc\.v1\.cri/);
  const later = await render(t, { installed: '2.3.1' });
  t.regex(later.config, /^ {4}bin_dirs = \["\/opt\/cni\/bin"\]$/m);
  t.notRegex(later.config, /bin_dir = /);
});

test('each registry is told its mirrors, how it is spoken to, and its login', async (t) => {
  const { hosts } = await render(t, {
    installed: '1.6.20',
    containerd_mirrors: {
      'docker.io': [{ url: 'https://mirror.example.com' }, { url: 'http://172.31.3.106:5000', capabilities: ['pull'] }],
      'quay.io': [{ url: 'https://own.example.com/v2/quay', skip_verify: true }],
    },
    kubernetes_insecure_registries: ['harbor.example.com'],
    kubernetes_registry_logins: [
      { registry: 'harbor.example.com', username: 'me', password: 'secret' },
      { registry: 'mirror.example.com', username: 'you', password: 'other' },
    ],
  });
  const header = (text: string): string => `authorization = "Basic ${Buffer.from(text).toString('base64')}"`;
  t.is(
    lines(hosts['docker.io']),
    lines(`server = "https://registry-1.docker.io"
      [host."https://mirror.example.com"]
      capabilities = ["pull", "resolve"]
      [host."https://mirror.example.com".header]
      ${header('you:other')}
      [host."http://172.31.3.106:5000"]
      capabilities = ["pull"]`),
  );
  t.is(
    lines(hosts['quay.io']),
    lines(`server = "https://quay.io"
      [host."https://own.example.com/v2/quay"]
      capabilities = ["pull", "resolve"]
      skip_verify = true`),
  );
  t.is(
    lines(hosts['harbor.example.com']),
    lines(`server = "https://harbor.example.com"
      [host."https://harbor.example.com"]
      capabilities = ["pull", "resolve", "push"]
      skip_verify = true
      [host."https://harbor.example.com".header]
      ${header('me:secret')}
      [host."http://harbor.example.com"]
      capabilities = ["pull", "resolve", "push"]
      [host."http://harbor.example.com".header]
      ${header('me:secret')}`),
  );
  t.is(
    lines(hosts['mirror.example.com']),
    lines(`server = "https://mirror.example.com"
      [host."https://mirror.example.com"]
      capabilities = ["pull", "resolve", "push"]
      [host."https://mirror.example.com".header]
      ${header('you:other')}`),
  );
});

test('daemon.json says what docker’s variables say, and nothing more', async (t) => {
  t.deepEqual((await render(t, {})).daemon, {
    'exec-opts': ['native.cgroupdriver=systemd'],
    'live-restore': true,
    'log-driver': 'json-file',
    'log-opts': { 'max-size': '100m', 'max-file': '3' },
  });
  const { daemon } = await render(t, {
    docker_cgroup_driver: '',
    docker_live_restore: false,
    docker_registry_mirrors: ['https://docker.mirrors.example.com'],
    kubernetes_insecure_registries: ['harbor.raymonds.cc'],
    docker_log_options: { 'max-size': '300m', 'max-file': '2' },
    docker_data_root: '/data/docker',
    docker_storage_driver: 'vfs',
    docker_restricted_host: true,
    docker_daemon_extra: { 'max-concurrent-downloads': 10, 'max-concurrent-uploads': 5 },
  });
  t.deepEqual(daemon, {
    'registry-mirrors': ['https://docker.mirrors.example.com'],
    'insecure-registries': ['harbor.raymonds.cc'],
    'live-restore': false,
    'log-driver': 'json-file',
    'log-opts': { 'max-size': '300m', 'max-file': '2' },
    'data-root': '/data/docker',
    'storage-driver': 'vfs',
    runtimes: { 'runc-restricted': { path: '/usr/local/sbin/runc-restricted' } },
    'default-runtime': 'runc-restricted',
    'max-concurrent-downloads': 10,
    'max-concurrent-uploads': 5,
  });
});

test('a version is pinned as the distribution writes it', async (t) => {
  const packages = async (variables: Readonly<Record<string, unknown>>) => (await render(t, variables)).packages;
  t.deepEqual(await packages({}), ['docker.io']);
  t.deepEqual(await packages({ docker_edition: 'ce', docker_version: '20.10.17' }), [
    'containerd.io',
    'docker-ce=5:20.10.17*',
    'docker-ce-cli=5:20.10.17*',
  ]);
  t.deepEqual(await packages({ ansible_os_family: 'RedHat', docker_version: '20.10.9-3.el7' }), [
    'containerd.io',
    'docker-ce-20.10.9-3.el7*',
    'docker-ce-cli-20.10.9-3.el7*',
  ]);
});

/** A table as `ctr plugins list` prints it: what each plug-in of these is in. */
const plugins = (states: readonly (readonly [type: string, id: string, state: string])[]): string =>
  [
    'TYPE                                      ID                       PLATFORMS         STATUS    ',
    ...states.map(([type, id, state]) => `${type.padEnd(42)}${id.padEnd(25)}${'linux/amd64'.padEnd(18)}${state}`),
    '',
  ].join('\n');

test('containerd is well only with its part for Kubernetes', async (t) => {
  const { check } = await render(t, {});
  const folder = temporaryDirectory('kplay-ctr');
  writeFileSync(path.join(folder, 'ctr'), `#!/bin/sh\n[ "$*" = 'plugins list' ] && cat ${folder}/plugins\n`, {
    mode: 0o755,
  });
  const well = (table: string): boolean => {
    writeFileSync(path.join(folder, 'plugins'), table);
    const env = { ...process.env, PATH: `${folder}:${process.env.PATH}` };
    return spawnSync('sh', ['-c', check], { env }).status === 0;
  };
  const one = (state: string) =>
    plugins([
      ['io.containerd.runtime.v1', 'linux', 'ok'],
      ['io.containerd.grpc.v1', 'images', 'ok'],
      ['io.containerd.grpc.v1', 'cri', state],
    ]);
  const two = (images: string, state: string) =>
    plugins([
      ['io.containerd.cri.v1', 'images', images],
      ['io.containerd.cri.v1', 'runtime', 'ok'],
      ['io.containerd.grpc.v1', 'cri', state],
    ]);
  t.true(well(one('ok')));
  t.true(well(two('ok', 'ok')));
  t.false(well(one('error')));
  t.false(well(two('error', 'error')), 'the runtime’s part is well while the images’ is not');
  t.false(well(two('ok', 'skip')));
  t.false(well(''), 'containerd does not answer');
});

/** What the roles containerd and docker would write. */
interface Rendered {
  readonly config: string;
  readonly hosts: Readonly<Record<string, string>>;
  readonly daemon: unknown;
  /** sh text that succeeds when containerd is well. */
  readonly check: string;
  readonly packages: readonly string[];
}

// The roles' own templates and expressions; what needs a host is left out.
const containerd = `
- {ansible.builtin.file: {path: "{{ out }}/{{ item }}", state: directory}, loop: "{{ containerd_registries }}"}
- {ansible.builtin.template: {src: hosts.toml.j2, dest: "{{ out }}/{{ item }}/hosts.toml"}, loop: "{{ containerd_registries }}"}
- {ansible.builtin.copy: {content: "{{ containerd_check }}", dest: "{{ out }}/check"}}
- {ansible.builtin.template: {src: "config-{{ '3' if installed is version('2.0', '>=') else '2' }}.toml.j2", dest: "{{ out }}/config.toml"}}
`;
const docker = `
- {ansible.builtin.include_vars: "{{ ansible_os_family }}.yml"}
- {ansible.builtin.copy: {content: "{{ docker_daemon | to_json }}", dest: "{{ out }}/daemon.json"}}
- {ansible.builtin.copy: {content: "{{ docker_names | to_json }}", dest: "{{ out }}/packages.json"}}
`;

async function render(t: ExecutionContext, variables: Readonly<Record<string, unknown>>): Promise<Rendered> {
  const folder = temporaryDirectory('kplay-roles');
  const file = (...names: readonly string[]): string => path.join(folder, ...names);
  borrowRoles(folder, { containerd, docker });
  mkdirSync(file('out'));
  writeFileSync(file('hosts.ini'), '[kubernetes]\nhere ansible_connection=local\n[masters]\nhere\n');
  writeFileSync(file('play.yml'), '- {hosts: here, gather_facts: false, roles: [containerd, docker]}\n');
  const told = {
    out: file('out'),
    installed: '1.6.20',
    ansible_os_family: 'Debian',
    ansible_architecture: 'x86_64',
    ...variables,
  };
  writeFileSync(file('vars.json'), JSON.stringify(told));
  const run = await runKplay(['run', 'play.yml', '-i', 'hosts.ini', '-e', '@vars.json'], folder);
  t.is(run.code, 0, run.stdout + run.stderr);
  const text = (...names: readonly string[]): string => readFileSync(file('out', ...names), 'utf8');
  const hosts = (run.stdout.match(/item=[^)]+/g) ?? []).map((item) => item.slice('item='.length));
  return {
    config: text('config.toml'),
    check: text('check'),
    hosts: Object.fromEntries(
      hosts.filter((name) => !name.includes('{')).map((name) => [name, text(name, 'hosts.toml')]),
    ),
    daemon: JSON.parse(text('daemon.json')),
    packages: JSON.parse(text('packages.json')) as string[],
  };
}

function lines(text: string | undefined): string {
  return (text ?? '')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
    .join('\n');
}
