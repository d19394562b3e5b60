import { appendFileSync, copyFileSync, cpSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { ExecutionContext } from 'ava';
import test from 'ava';
import { packageRoot } from '../../../runner/root.ts';
import { temporaryDirectory } from '../../temporary.ts';
import { succeeds as succeedsWith } from '../expect.ts';
import type { KplayRun } from '../kplay.ts';
import { changes, kplay, trouble } from '../kplay.ts';
import { lab, nodes, onHost } from '../on-host.ts';

/** The machine that reaches the lab's repositories, a registry that it reaches, and the hosts that shall reach nothing. */
const connected = 'k8s-ha01';
const registry = { host: 'k8s-ha02', address: '172.31.3.105:5000' };
const cutOff = ['k8s-master01', 'k8s-node01'];

const folder = temporaryDirectory('kplay-offline');
const bundle = path.join(folder, 'bundle.tar.gz');
const inventory = path.join(folder, 'inventory');

const hosts = `all:
  children:
    loadbalancers: {hosts: {}}
    registries: {children: {registry: {hosts: {k8s-ha02: {ansible_host: 172.31.3.105}}}, harbor: {}}}
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
  await lab('reset', connected, registry.host, ...cutOff);
});

test.serial('bundle.yml packs packages, images and their checksums into one archive, and does so once', async (t) => {
  await onHost(connected, 'cp /var/lib/dpkg/status /root/status-of-a-bare-host');
  await succeeds(t, make);
  const again = await succeeds(t, make);
  t.deepEqual(changes(again), []);
  const held = await onHost(connected, 'cd /var/lib/kplay-bundle/content && ls packages images');
  for (const name of ['kubelet_1.20.2-00_amd64.deb', 'containerd_', 'kube-apiserver_v1.20.2.tar', 'SHA256SUMS'])
    t.true(held.includes(name), `${name} is not in\n${held}`);
});

test.serial(
  'an image is pulled from a registry, and what a killed run left of it is not taken for its archive',
  async (t) => {
    const image = `${registry.address}/site/kube-proxy:v1.20.2`;
    const filled = ['kube-proxy:v1.20.2', 'pause:3.2'].map((name) => ({
      image: `site/${name}`,
      url: `{{ lab_images }}/${name.split(':')[0]}.tar`,
      checksum: '{{ lab_sums }}',
    }));
    await succeeds(t, ['playbooks/registries.yml', '-e', JSON.stringify({ registry_images: filled })]);
    const pulling = [
      ...make,
      '-e',
      JSON.stringify({
        bundle_images: [{ image: `${registry.address}/site/pause:3.2` }, { image }],
        bundle_insecure_registries: [registry.address],
      }),
    ];
    const images = () => onHost(connected, 'cd /var/lib/kplay-bundle/content/images && ls | grep site || :');
    const name = (rest: string) => `${registry.address.replace(':', '_')}_site_${rest}`;

    // A slow line, so that the run is killed while the image is on its way.
    await onHost(registry.host, 'tc qdisc add dev host0 root tbf rate 8mbit burst 64kb latency 400ms');
    const killed = await kplay(pulling, { inventory, killAt: { task: /Pull the other images/, delay: 6000 } });
    t.is(killed.code, null, trouble(killed));
    await onHost(connected, 'i=0; while pgrep -x skopeo >/dev/null && [ $i -lt 20 ]; do sleep 1; i=$((i + 1)); done');
    t.is(await images(), `${name('kube-proxy_v1.20.2.tar.part')}\n${name('pause_3.2.tar')}\n`);
    await onHost(registry.host, 'tc qdisc del dev host0 root');

    const pulled = await succeeds(t, pulling);
    t.true(changes(pulled).some((change) => change.includes('Pull the other images')));
    t.is(await images(), `${name('kube-proxy_v1.20.2.tar')}\n${name('pause_3.2.tar')}\n`);
    const archive = `/var/lib/kplay-bundle/content/images/${name('kube-proxy_v1.20.2.tar')}`;
    const config = (source: string) => onHost(connected, `skopeo inspect --tls-verify=false --config ${source}`);
    t.is(await config(`docker-archive:${archive}:${image}`), await config(`docker://${image}`));
    const packed = await onHost(connected, 'tar -tzf /var/lib/kplay-bundle/bundle.tar.gz');
    t.true(packed.includes(`./images/${name('kube-proxy_v1.20.2.tar')}\n`), packed);
    t.false(packed.includes('.part'), packed);
    t.deepEqual(changes(await succeeds(t, pulling)), []);
  },
);

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
