import { appendFileSync, copyFileSync, cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { ExecutionContext } from 'ava';
import test from 'ava';
import { packageRoot } from '../../runner/root.ts';
import { succeeds as succeedsWith } from './expect.ts';
import type { KplayRun } from './kplay.ts';
import { changes, kplay, trouble } from './kplay.ts';
import { lab, nodes, onHost } from './on-host.ts';

/** The machine that reaches the lab's repositories, and the hosts that shall reach nothing. */
const connected = 'k8s-ha01';
const cutOff = ['k8s-master01', 'k8s-node01'];

const folder = mkdtempSync(path.join(tmpdir(), 'kplay-offline-'));
const bundle = path.join(folder, 'bundle.tar.gz');
const inventory = path.join(folder, 'inventory');

const hosts = `all:
  children:
    loadbalancers: {hosts: {}}
    registries: {children: {registry: {}, harbor: {}}}
    kubernetes:
      children:
        masters: {hosts: {k8s-master01: {ansible_host: 172.31.3.101}}}
        workers: {hosts: {k8s-node01: {ansible_host: 172.31.3.108}}}
    bundle: {hosts: {k8s-ha01: {ansible_host: 172.31.3.104}}}
`;

const make = [
  'playbooks/bundle.yml',
  '-e',
  // The lab has packages only for what its hosts lack, and no image of CoreDNS.
  JSON.stringify({
    bundle_file: bundle,
    bundle_installed: '/root/status-of-a-bare-host',
    bundle_images_left_out: 'coredns',
  }),
];
const use = ['-e', `offline_bundle=${bundle}`, '-e', 'kubernetes_api_vip='];

test.before(async () => {
  cpSync(path.join(packageRoot, 'test/lab/inventory/group_vars'), path.join(inventory, 'group_vars'), {
    recursive: true,
  });
  writeFileSync(path.join(inventory, 'hosts.yml'), hosts);
  await lab('reset', connected, ...cutOff);
});

test.after.always(() => rmSync(folder, { recursive: true, force: true }));

test.serial('bundle.yml packs packages, images and their checksums into one archive, and does so once', async (t) => {
  await onHost(connected, 'cp /var/lib/dpkg/status /root/status-of-a-bare-host');
  await succeeds(t, make);
  const again = await succeeds(t, make);
  t.deepEqual(changes(again), []);
  const held = await onHost(connected, 'cd /var/lib/kplay-bundle/content && ls packages images');
  for (const name of ['kubelet_1.20.2-00_amd64.deb', 'containerd_', 'kube-apiserver_v1.20.2.tar', 'SHA256SUMS'])
    t.true(held.includes(name), `${name} is not in\n${held}`);
});

test.serial('a bundle that was changed on the way, and one for another version, are refused', async (t) => {
  const broken = path.join(folder, 'broken.tar.gz');
  copyFileSync(bundle, broken);
  copyFileSync(`${bundle}.sha256`, `${broken}.sha256`);
  appendFileSync(broken, 'x');
  const changed = await kplay(['playbooks/single.yml', '-e', `offline_bundle=${broken}`, '-e', 'kubernetes_api_vip='], {
    inventory,
  });
  t.not(changed.code, 0);
  t.regex(trouble(changed), /is not what its \.sha256 says/);
  const other = await kplay(['playbooks/single.yml', ...use, '-e', 'kubernetes_version=1.20.7'], { inventory });
  t.not(other.code, 0);
  t.regex(trouble(other), /was made for Kubernetes 1\.20\.2/);
});

test.serial('hosts that reach no source at all become a cluster from the bundle', async (t) => {
  for (const host of cutOff) {
    await onHost(host, 'ip rule add to 172.31.0.2 ipproto tcp dport 80 type unreachable');
    const reached = await onHost(
      host,
      'timeout 3 bash -c "</dev/tcp/172.31.0.2/80" 2>/dev/null && echo yes || echo no',
    );
    t.is(reached, 'no\n', host);
  }
  const run = await succeeds(t, ['playbooks/single.yml', ...use]);
  t.log(`from the bundle: ${run.duration.toFixed(0)} s`);
  t.deepEqual(new Set(Object.values(await nodes())), new Set(['Ready']));
  t.regex(await onHost('k8s-node01', 'apt-cache policy kubelet'), /file:\/var\/lib\/kplay\/bundle\/packages/);
  t.deepEqual(changes(await succeeds(t, ['playbooks/single.yml', ...use])), []);
  t.deepEqual(changes(await succeeds(t, ['playbooks/single.yml', ...use, '--check'])), []);
});

function succeeds(t: ExecutionContext, args: readonly string[]): Promise<KplayRun> {
  return succeedsWith(t, args, { inventory });
}
