import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import test from 'ava';
import { loadAll } from 'js-yaml';
import { packageRoot } from '../../runner/root.ts';
import { temporaryDirectory } from '../temporary.ts';
import { highlyAvailable, renderVersions, versions } from './kubeadm-versions.ts';
import { borrowRoles, runKplay } from './run-kplay.ts';

type Fields = Readonly<Record<string, unknown>>;

/** What each minor version gets: form of kubeadm's configuration, pause, Calico, and etcd's tag where it is steered. */
const table = `
  1.12  v1alpha3  3.1     3.7
  1.13  v1beta1   3.1     3.7
  1.14  v1beta1   3.1     3.7
  1.15  v1beta2   3.1     -
  1.16  v1beta2   3.1     -
  1.17  v1beta2   3.1     -
  1.18  v1beta2   3.2     -
  1.19  v1beta2   3.2     3.20
  1.20  v1beta2   3.2     3.20
  1.21  v1beta2   3.4.1   3.20
  1.22  v1beta3   3.5     3.25
  1.23  v1beta3   3.6     3.25
  1.24  v1beta3   3.7     3.25
  1.25  v1beta3   3.8     3.25
  1.26  v1beta3   3.9     3.26
  1.27  v1beta3   3.9     3.26
  1.28  v1beta3   3.9     3.26
  1.29  v1beta3   3.9     3.28
  1.30  v1beta3   3.9     3.28
  1.31  v1beta4   3.10    3.29
  1.32  v1beta4   3.10    3.29
  1.33  v1beta4   3.10    3.31
  1.34  v1beta4   3.10.1  3.31
  1.35  v1beta4   3.10.1  3.31
  1.36  v1beta4   3.10.2  3.33  3.6.11-0
  1.37  v1beta4   3.10.2  3.33
`;

const rows = table
  .trim()
  .split('\n')
  .map((line) => line.trim().split(/ +/));

test('every minor version from 1.12 to 1.37 is rendered whole, with what it wants', async (t) => {
  t.deepEqual(
    rows.map(([minor]) => minor),
    versions.map((version) => version.split('.').slice(0, 2).join('.')),
  );
  const rendered = await renderVersions(t, highlyAvailable, versions);
  for (const [index, version] of versions.entries()) {
    const [, api, pause, calico, etcd = ''] = rows[index]!;
    const { init, joins, values } = rendered.get(version)!;
    t.is(joins.length, 2, version);
    t.is(values.kubernetes_pause_image, `registry.k8s.io/pause:${pause}`, version);
    t.is(
      String(values.kubernetes_calico_version).split('.').slice(0, 2).join('.'),
      calico === '-' ? '' : calico!,
      version,
    );
    t.is(values.kubernetes_etcd_image_tag, etcd, version);
    const written = [init, ...joins].flatMap((file) => loadAll(readFileSync(file, 'utf8')) as Fields[]);
    const kinds = ['InitConfiguration', 'ClusterConfiguration', 'KubeletConfiguration', 'KubeProxyConfiguration'];
    t.deepEqual(
      written.map(({ kind }) => kind),
      [...kinds, 'JoinConfiguration', 'JoinConfiguration'],
      version,
    );
    for (const { apiVersion, kind } of written) {
      if (/Init|Cluster|Join/.test(String(kind))) t.is(apiVersion, `kubeadm.k8s.io/${api}`, version);
    }
    const socket = (values.kubernetes_cri_socket as string).startsWith('unix://');
    t.is(socket, Number(version.split('.')[1]) >= 24, version);
  }
});

test('fields that a version has no place for are not written for it', async (t) => {
  const asked = {
    kubeadm_dns_disabled: true,
    kubeadm_proxy_disabled: true,
    kubeadm_patches: { 'etcd.yaml': {} },
    kubernetes_cgroup_v1_allowed: true,
  };
  const rendered = await renderVersions(
    t,
    highlyAvailable,
    ['1.21.4', '1.22.4', '1.32.4', '1.33.4', '1.34.4', '1.35.4'],
    asked,
  );
  const text = (version: string) => readFileSync(rendered.get(version)!.init, 'utf8');
  const has = (pattern: RegExp) => [...rendered.keys()].filter((version) => pattern.test(text(version)));
  t.deepEqual(has(/^patches:\n {2}directory: \/var\/lib\/kplay\/patches$/m), [...rendered.keys()].slice(1));
  t.deepEqual(has(/^dns: .*"disabled": true/m), ['1.33.4', '1.34.4', '1.35.4']);
  t.deepEqual(has(/^proxy: .*"disabled": true/m), ['1.33.4', '1.34.4', '1.35.4']);
  t.deepEqual(has(/^failCgroupV1: false$/m), ['1.35.4']);
  t.deepEqual(has(/SystemVerification/), ['1.35.4']);
});

test('containerd, runc and the plug-ins follow Kubernetes, and are ones that its project lists', async (t) => {
  const folder = temporaryDirectory('kplay-versions');
  borrowRoles(folder, {
    containerd: `
- ansible.builtin.copy:
    content: "{{ {'archive': containerd_archive, 'runc': containerd_runc, 'cni': containerd_cni, 'listed': kubernetes_containerd_listed,
      'needed': kubernetes_containerd_needed, 'version': containerd_version} | to_json }}"
    dest: "${folder}/{{ item }}.json"
  loop: "{{ told_versions }}"
  vars: {kubernetes_version: "{{ item }}"}
`,
  });
  writeFileSync(
    path.join(folder, 'play.yml'),
    JSON.stringify([{ hosts: 'localhost', connection: 'local', gather_facts: false, roles: ['containerd'] }]),
  );
  const wanted = [...versions, '1.38.0'];
  const values = { told_versions: wanted, containerd_install: 'archive', ansible_architecture: 'aarch64' };
  const run = await runKplay(['run', 'play.yml', '-i', 'localhost,', '-e', JSON.stringify(values)], folder);
  t.is(run.code, 0, run.stdout + run.stderr);
  const older = (one: string, other: string): boolean => one.localeCompare(other, 'en', { numeric: true }) < 0;
  for (const version of wanted) {
    const made = JSON.parse(readFileSync(path.join(folder, `${version}.json`), 'utf8')) as Readonly<
      Record<string, string>
    > & {
      readonly listed: readonly string[];
    };
    t.false(older(made.version!, made.needed!), `${version}: ${made.version}`);
    const branch = (one: string): string => one.split('.').slice(0, 2).join('.');
    const listed = made.listed.find((one) => branch(one) === branch(made.version!));
    if (made.listed.length > 0)
      t.false(listed === undefined || older(made.version!, listed), `${version}: ${made.version}`);
    const form = made.version!.startsWith('1.') ? 'containerd' : 'containerd-static';
    t.true(made.archive!.endsWith(`/v${made.version}/${form}-${made.version}-linux-arm64.tar.gz`), made.archive);
    t.regex(made.cni!, /\/cni-plugins-linux-arm64-v1\.\d+\.\d+\.tgz$/);
    t.regex(made.runc!, /\/v1\.\d+\.\d+\/runc\.arm64$/);
  }
});

test('distributions beside EL have its packages where they have none of their own', async (t) => {
  const folder = temporaryDirectory('kplay-versions');
  const show = (what: string) => `
- ansible.builtin.include_vars: "{{ item }}"
  with_first_found: ["{{ ansible_distribution }}-{{ ansible_distribution_major_version }}.yml", "{{ ansible_distribution }}.yml", "{{ ansible_os_family }}.yml"]
- ansible.builtin.debug: {msg: "TOLD {{ ${what} }}"}
`;
  borrowRoles(folder, {
    base: show("base_distribution.node_packages | join(' ')"),
    docker: show('docker_repository_rpm'),
  });
  writeFileSync(
    path.join(folder, 'play.yml'),
    JSON.stringify([{ hosts: 'localhost', connection: 'local', gather_facts: false, roles: ['base', 'docker'] }]),
  );
  const told = async (distribution: string, major: string): Promise<readonly string[]> => {
    const facts = {
      ansible_distribution: distribution,
      ansible_distribution_major_version: major,
      ansible_os_family: 'RedHat',
    };
    const run = await runKplay(['run', 'play.yml', '-i', 'localhost,', '-e', JSON.stringify(facts)], folder);
    t.is(run.code, 0, run.stdout + run.stderr);
    return [...run.stdout.matchAll(/TOLD ([^"]*)/g)].map(([, text]) => text!);
  };
  const [el9, docker9] = await told('Rocky', '9');
  t.regex(el9!, /\bebtables\b.*/);
  t.regex(docker9!, /centos\/\$releasever\//);
  const [el10] = await told('RedHat', '10');
  t.regex(el10!, /\bkernel-modules-extra\b/);
  t.notRegex(el10!, /\bebtables\b/);
  for (const [name, major, release] of [
    ['openEuler', '24', '9'],
    ['Kylin Linux Advanced Server', 'V10', '8'],
    ['Anolis OS', '23', '9'],
  ] as const) {
    const [packages, docker] = await told(name, major);
    if (name !== 'Anolis OS') t.notRegex(packages!, /iproute-tc/);
    t.true(docker!.includes(`/centos/${release}/`), docker);
  }
});

test('docs/versions.md has every version that the roles know, and its form', (t) => {
  const lines = readFileSync(path.join(packageRoot, 'docs', 'versions.md'), 'utf8').split('\n');
  const told = lines
    .map((line) => line.split('|').map((cell) => cell.trim()))
    .filter(([, minor, api]) => /^1\.\d+$/.test(minor ?? '') && /^v1(alpha|beta)\d$/.test(api ?? ''));
  t.deepEqual(
    told.map(([, minor, api]) => `${minor} ${api}`),
    rows.map(([minor, api]) => `${minor} ${api}`),
  );
});
