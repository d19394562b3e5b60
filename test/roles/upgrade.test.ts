import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { ExecutionContext } from 'ava';
import test from 'ava';
import { load } from 'js-yaml';
import { packageRoot } from '../../runner/root.ts';
import { temporaryDirectory } from '../temporary.ts';
import { type Outcome, runKplay } from './run-kplay.ts';

/** Runs one file of the role upgrade with a stand-in for kubectl, which prints `answer` and keeps what it is told to patch. */
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

const image = 'registry.k8s.io/etcd';

test('an etcd that the next one may not follow is refused', async (t) => {
  const early = await upgrade(t, 'etcd', `m1 ${image}:3.5.24-0\nm2 ${image}:3.5.26-0\n`, {
    kubernetes_version: '1.34.0',
  });
  t.is(early.code, 2);
  t.regex(
    early.stdout,
    /etcd is 3\.5\.24 on m1, and Kubernetes 1\.34\.0 brings one that may follow 3\.5\.26 or later only/,
  );
  const late = await upgrade(t, 'etcd', `m1 ${image}:v3.6.8-0\n`, { kubernetes_version: '1.37.0' });
  t.is(late.code, 2);
  t.regex(late.stdout, /etcd is 3\.6\.8 on m1, .* 3\.6\.11 or later only\. Upgrade to the last 1\.36 first/);
});

test('one that it may follow, or whose version nobody can read, is taken', async (t) => {
  const right = `m1 ${image}:3.6.5-0\nm2 localhost:5000/etcd:3.10.0\nm3 ${image}@sha256:0123\n`;
  t.is((await upgrade(t, 'etcd', right, { kubernetes_version: '1.35.0' })).code, 0);
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
