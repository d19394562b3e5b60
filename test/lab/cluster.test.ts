import { writeFileSync } from 'node:fs';
import path from 'node:path';
import type { ExecutionContext } from 'ava';
import test from 'ava';
import { temporaryDirectory } from '../temporary.ts';
import { demo, demoCluster } from './demo.ts';
import { succeeds as succeedsWith, unchanged } from './expect.ts';
import { changes, type KplayRun, kplay, recap, trouble } from './kplay.ts';
import { nodes, onHost } from './on-host.ts';

// The newest Kubernetes, where it can be had soon.
const { inventory } = await demoCluster();
const cluster = ['k8s-master01', 'k8s-master02', 'k8s-master03', 'k8s-node01', 'k8s-node02'];

test.serial(
  'npm run demo turns bare hosts into a cluster of Ready nodes behind the virtual address, and verifies it',
  async (t) => {
    t.is(await demo(['--fresh']), 0);
    await allReady(t, cluster);
    const config = await onHost('k8s-master01', 'grep server: /etc/kubernetes/admin.conf');
    t.regex(config, /https:\/\/kubeapi\.raymonds\.cc:6443/);
    const pods =
      'kubectl --kubeconfig /etc/kubernetes/admin.conf get pods -A --no-headers | grep -vc kube-system || true';
    t.is((await onHost('k8s-master01', pods)).trim(), '0', 'verify.yml left something behind');
  },
);

test.serial('a second run changes nothing on any host', async (t) => {
  const run = await succeeds(t, ['playbooks/ha.yml']);
  t.log(`second run: ${run.duration.toFixed(0)} s`);
  unchanged(t, run);
});

test.serial('so does --check, and it says the same with --diff', async (t) => {
  unchanged(t, await succeeds(t, ['playbooks/ha.yml', '--check', '--diff']));
});

test.serial('another version is left to upgrade.yml, before anything is changed', async (t) => {
  const run = await kplay(['playbooks/ha.yml', '-e', 'kubernetes_version=1.30.0'], { inventory });
  t.is(run.code, 2);
  t.regex(trouble(run), /is of a cluster and has Kubernetes .* Run playbooks\/upgrade\.yml/s);
  t.deepEqual(changes(run), []);
});

test.serial('--tags runs that part only', async (t) => {
  await onHost('k8s-ha02', 'echo "# edited by hand" >> /etc/haproxy/haproxy.cfg');
  const run = await succeeds(t, ['playbooks/ha.yml', '--tags', 'haproxy']);
  t.deepEqual(new Set(changes(run).map((change) => change.split(':')[0])), new Set(['k8s-ha02']));
  const roles = run.events.flatMap((event) => (event.type === 'task-start' ? [event.task.name.split(' : ')[0]!] : []));
  t.false(
    roles.some((role) => ['base', 'containerd', 'kubeadm', 'keepalived'].includes(role)),
    roles.join(', '),
  );
  t.is(await onHost('k8s-ha02', 'grep -c "edited by hand" /etc/haproxy/haproxy.cfg || true'), '0\n');
});

test.serial('--limit with one new worker joins it, and reset with --limit takes it out again', async (t) => {
  const folder = temporaryDirectory('kplay-worker');
  const more = path.join(folder, 'more.ini');
  writeFileSync(more, '[workers]\nk8s-node03\n');
  const joined = await succeeds(t, ['-i', more, 'playbooks/ha.yml', '--limit', 'k8s-node03']);
  t.deepEqual(Object.keys(recap(joined)), ['k8s-node03']);
  await allReady(t, [...cluster, 'k8s-node03']);
  unchanged(t, await succeeds(t, ['-i', more, 'playbooks/ha.yml', '--limit', 'k8s-node03']));
  await succeeds(t, ['-i', more, 'playbooks/reset.yml', '--limit', 'k8s-node03', '-e', 'reset_confirm=yes']);
  await allReady(t, cluster);
});

test.serial('reset takes the cluster off, and a new build works', async (t) => {
  await succeeds(t, ['playbooks/reset.yml', '-e', 'reset_confirm=yes']);
  for (const host of cluster) {
    const left = 'find /etc/kubernetes/manifests /var/lib/etcd -mindepth 1 2>/dev/null; pgrep kubelet || true';
    t.is(await onHost(host, left), '', host);
  }
  await succeeds(t, ['playbooks/ha.yml']);
  await allReady(t, cluster);
});

function succeeds(t: ExecutionContext, args: readonly string[]): Promise<KplayRun> {
  return succeedsWith(t, args, { inventory });
}

async function allReady(t: ExecutionContext, expected: readonly string[]): Promise<void> {
  const found = await nodes();
  const names = Object.fromEntries(Object.entries(found).map(([name, state]) => [name.split('.')[0]!, state]));
  t.deepEqual(names, Object.fromEntries(expected.map((name) => [name, 'Ready'])));
}
