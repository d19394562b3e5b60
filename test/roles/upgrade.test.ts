import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { ExecutionContext } from 'ava';
import test from 'ava';
import { load } from 'js-yaml';
import { packageRoot } from '../../runner/root.ts';
import { temporaryDirectory } from '../temporary.ts';
import { type Outcome, runKplay } from './run-kplay.ts';

/** Runs one file of the role upgrade with stand-ins for kubectl and curl, which print `answer`; kubectl keeps what it is told to patch. */
async function upgrade(
  t: ExecutionContext,
  file: string,
  answer: string,
  values: Readonly<Record<string, unknown>>,
): Promise<Outcome & { readonly patches: readonly string[] }> {
  const folder = temporaryDirectory('kplay-upgrade');
  mkdirSync(path.join(folder, 'bin'));
  symlinkSync(path.join(packageRoot, 'roles'), path.join(folder, 'roles'));
  writeFileSync(path.join(folder, 'answer'), answer);
  writeFileSync(path.join(folder, 'patches'), '');
  const kubectl = `#!/bin/sh
case $* in
*' patch '*) for word; do :; done; printf '%s\\n' "$word" >>${folder}/patches ;;
*) cat ${folder}/answer ;;
esac
`;
  writeFileSync(path.join(folder, 'bin', 'kubectl'), kubectl, { mode: 0o755 });
  writeFileSync(path.join(folder, 'bin', 'curl'), `#!/bin/sh\ncat ${folder}/answer\n`, { mode: 0o755 });
  writeFileSync(path.join(folder, 'hosts.ini'), '[masters]\nm1 ansible_connection=local\n[kubernetes]\nm1\n');
  const role = { name: 'upgrade', tasks_from: file };
  const environment = { PATH: `${path.join(folder, 'bin')}:${process.env.PATH}` };
  const play = { hosts: 'm1', gather_facts: false, environment, tasks: [{ 'ansible.builtin.include_role': role }] };
  writeFileSync(path.join(folder, 'play.yml'), JSON.stringify([play]));
  const told = JSON.stringify({ kubeadm_leader: 'm1', ansible_become: false, ...values });
  const run = await runKplay(['run', 'play.yml', '-i', 'hosts.ini', '-e', told], folder);
  t.notRegex(run.stdout + run.stderr, /is undefined|internal error/);
  const patches = readFileSync(path.join(folder, 'patches'), 'utf8')
    .split('\n')
    .filter((line) => line !== '');
  return { ...run, patches };
}

/** What etcd says of its version. */
const etcd = (version: string): string => `{"etcdserver":"${version}","etcdcluster":"3.6.0"}`;

test('an etcd that the next one may not follow is refused, by the version that runs', async (t) => {
  const early = await upgrade(t, 'etcd', etcd('3.5.24'), { kubernetes_version: '1.34.0' });
  t.is(early.code, 2);
  t.regex(
    early.stdout,
    /etcd is 3\.5\.24 on m1, and Kubernetes 1\.34\.0 brings one that may follow 3\.5\.26 or later only.*kubernetes_etcd_image_tag 3\.5\.26-0/,
  );
  const late = await upgrade(t, 'etcd', etcd('3.6.8'), { kubernetes_version: '1.37.0' });
  t.is(late.code, 2);
  t.regex(
    late.stdout,
    /etcd is 3\.6\.8 on m1, .* 3\.6\.11 or later only\. With kubernetes_version the 1\.36 that runs/,
  );
  const silent = await upgrade(t, 'etcd', '', { kubernetes_version: '1.37.0' });
  t.is(silent.code, 2);
  t.regex(silent.stdout, /etcd is not telling its version on m1/);
});

test('one that it may follow is taken', async (t) => {
  t.is((await upgrade(t, 'etcd', etcd('3.6.5'), { kubernetes_version: '1.35.0' })).code, 0);
  t.is((await upgrade(t, 'etcd', etcd('3.6.16'), { kubernetes_version: '1.37.0' })).code, 0);
});

test('the cluster’s configuration is brought to what the new kubeadm takes: etcd’s tag, gates, add-ons', async (t) => {
  const cluster = (local: string, more = '') =>
    `apiVersion: kubeadm.k8s.io/v1beta4\nkind: ClusterConfiguration\ndns: {}\netcd:\n  local:\n    dataDir: /var/lib/etcd\n${local}${more}kubernetesVersion: v1.36.3\n`;
  /** What is changed of it, by field; undefined when nothing is. */
  const changed = async (version: string, before: string, values: object = {}): Promise<unknown> => {
    const run = await upgrade(t, 'configuration', before, { kubernetes_version: version, ...values });
    t.is(run.code, 0, run.stdout);
    if (run.patches.length === 0) return undefined;
    const patch = JSON.parse(run.patches[0]!.replace(/^--patch=/, '')) as { data: { ClusterConfiguration: string } };
    const after = load(patch.data.ClusterConfiguration) as Readonly<Record<string, unknown>>;
    const old = load(before) as Readonly<Record<string, unknown>>;
    return Object.fromEntries(
      Object.entries(after).filter(([name, value]) => JSON.stringify(value) !== JSON.stringify(old[name])),
    );
  };
  const tag = '    imageTag: 3.6.11-0\n';
  const tagged = { etcd: { local: { dataDir: '/var/lib/etcd', imageTag: '3.6.11-0' } } };
  t.deepEqual(await changed('1.36.3', cluster('')), tagged);
  t.is(await changed('1.36.3', cluster(tag)), undefined);
  t.deepEqual(await changed('1.37.2', cluster(tag)), { etcd: { local: { dataDir: '/var/lib/etcd' } } });
  t.is(await changed('1.37.2', cluster('')), undefined);
  t.is(await changed('1.37.2', cluster('    imageRepository: example.com\n    imageTag: v3.6.12\n')), undefined);
  const external = 'etcd: {external: {endpoints: [a]}}\n';
  t.is(await changed('1.36.3', cluster('').replace(/etcd:[\s\S]*etcd\n/, external)), undefined);
  const gates = 'featureGates: {EtcdLearnerMode: true, NodeLocalCRISocket: true, Other: false}\n';
  t.deepEqual(await changed('1.35.1', cluster('', gates)), {
    featureGates: { NodeLocalCRISocket: true, Other: false },
  });
  const without = { kubeadm_dns_disabled: true, kubeadm_skipped_phases: ['addon/kube-proxy'] };
  t.deepEqual(await changed('1.35.1', cluster(''), without), { dns: { disabled: true }, proxy: { disabled: true } });
  t.is(await changed('1.32.1', cluster(''), without), undefined);
});

test('flags that the new kubelet refuses are taken away, and others of like names stay', async (t) => {
  const folder = temporaryDirectory('kplay-flags');
  const file = path.join(folder, 'kubeadm-flags.env');
  const before =
    'KUBELET_KUBEADM_ARGS="--container-runtime=remote --container-runtime-endpoint=unix:///run/c.sock --enable-load-reader --pod-infra-container-image=k8s/pause:3.9"\n';
  writeFileSync(file, before);
  const tasks = load(readFileSync(path.join(packageRoot, 'roles/upgrade/tasks/kubelet.yml'), 'utf8')) as {
    name: string;
    'ansible.builtin.replace'?: Record<string, string>;
  }[];
  const task = tasks.find((one) => one['ansible.builtin.replace'])!;
  task['ansible.builtin.replace']!.path = file;
  writeFileSync(
    path.join(folder, 'play.yml'),
    JSON.stringify([
      { hosts: 'localhost', connection: 'local', gather_facts: false, roles: ['kubernetes'], tasks: [task] },
    ]),
  );
  const words = (version: string) => ['run', 'play.yml', '-i', 'localhost,', '-e', `kubernetes_version=${version}`];
  t.is((await runKplay(words('1.20.2'), folder)).code, 0);
  t.is(readFileSync(file, 'utf8'), before);
  t.is((await runKplay(words('1.37.2'), folder)).code, 0);
  t.regex(
    readFileSync(file, 'utf8'),
    /^KUBELET_KUBEADM_ARGS="--container-runtime-endpoint=unix:\/\/\/run\/c\.sock *"\n$/,
  );
});

test('the cluster’s kubelets are told to go on with cgroup v1, once', async (t) => {
  const values = { kubernetes_version: '1.35.0' };
  const before =
    'apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\nsyncFrequency: 0s\nstaticPodPath: "/etc"\n';
  const told = await upgrade(t, 'cgroup1', before, values);
  t.is(told.code, 0, told.stdout);
  t.is(told.patches.length, 1);
  const patch = JSON.parse(told.patches[0]!.replace(/^--patch=/, '')) as { data: { kubelet: string } };
  t.deepEqual(load(patch.data.kubelet), { ...(load(before) as object), failCgroupV1: false });
  const again = await upgrade(t, 'cgroup1', `${before}failCgroupV1: false\n`, values);
  t.is(again.code, 0, again.stdout);
  t.deepEqual(again.patches, []);
});
