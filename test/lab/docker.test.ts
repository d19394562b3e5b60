import type { ExecutionContext } from 'ava';
import test from 'ava';
import { succeeds as succeedsWith } from './expect.ts';
import type { KplayRun } from './kplay.ts';
import { changes, recap } from './kplay.ts';
import { lab, nodes, onHost } from './on-host.ts';

const cluster = ['k8s-master01', 'k8s-master02', 'k8s-master03', 'k8s-node01', 'k8s-node02'];
const all = [...cluster, 'k8s-ha01', 'k8s-ha02', 'k8s-node03'];
const registry = 'harbor.raymonds.cc';

test.serial('ha.yml builds a cluster on docker, with images from a registry behind the virtual address', async (t) => {
  await lab('reset', ...all);
  const run = await succeeds(t, ['playbooks/ha.yml']);
  t.log(`first run: ${run.duration.toFixed(0)} s`);
  await allReady(t);
  const runtimes = await kubectl("get nodes -o jsonpath='{.items[*].status.nodeInfo.containerRuntimeVersion}'");
  t.is(runtimes.split(' ').filter((runtime) => runtime.startsWith('docker://')).length, cluster.length, runtimes);
  for (const host of cluster) {
    const images = (await onHost(host, "docker images --format '{{.Repository}}:{{.Tag}}'")).trim().split('\n').sort();
    const own = [`${registry}/google_containers/kube-proxy:v1.20.2`, `${registry}/google_containers/pause:3.2`];
    // A worker has no more than it needs, and nobody has what was only a source's name.
    if (host.startsWith('k8s-node')) t.deepEqual(images, [...own, 'registry.lab/web:1.0'], host);
    else t.is(images.length, 7, images.join(' '));
    t.is(await onHost(host, "docker info -f '{{.CgroupDriver}} {{.LiveRestoreEnabled}}'"), 'systemd true\n');
  }
  // The only way to the images was the address that the load balancers hold.
  t.regex(await onHost('k8s-node01', `getent hosts ${registry}`), /^172\.31\.3\.188 /);
});

test.serial('a second run and --check change nothing on any host', async (t) => {
  for (const words of [[], ['--check']]) {
    const run = await succeeds(t, ['playbooks/ha.yml', ...words]);
    t.deepEqual(changes(run), []);
    for (const [host, stats] of Object.entries(recap(run)))
      t.like(stats, { changed: 0, failed: 0, unreachable: 0 }, host);
  }
});

test.serial('verify.yml shows pods, services and the fail-over on docker', async (t) => {
  await succeeds(t, ['playbooks/verify.yml']);
});

test.serial('a change of daemon.json leaves the containers running', async (t) => {
  const before = await onHost('k8s-node01', 'docker ps -q | sort');
  const more = ['-e', '{"docker_registry_mirrors": ["https://mirror.example.com"]}'];
  await succeeds(t, ['playbooks/ha.yml', '--tags', 'docker', '--limit', 'k8s-node01', ...more]);
  t.is(
    await onHost('k8s-node01', "docker info -f '{{json .RegistryConfig.Mirrors}}'"),
    '["https://mirror.example.com/"]\n',
  );
  t.is(await onHost('k8s-node01', 'docker ps -q | sort'), before);
});

test.serial('reset takes the cluster off docker and starts docker again, and leaves other containers', async (t) => {
  const other = 'docker run -d --name other-server --network none registry.lab/web:1.0';
  await onHost('k8s-node02', other);
  await succeeds(t, ['playbooks/reset.yml', '-e', 'reset_confirm=yes']);
  for (const host of cluster) {
    t.is(await onHost(host, "docker ps -a --format '{{.Names}}'"), host === 'k8s-node02' ? 'other-server\n' : '', host);
    const left = 'find /etc/kubernetes/manifests /etc/cni/net.d /var/lib/etcd /var/lib/kubelet -mindepth 1 2>/dev/null';
    t.is(await onHost(host, `${left}; pgrep kubelet; ip -o link | grep -E "cni0|flannel" || true`), '', host);
    t.is(await onHost(host, 'systemctl is-active docker; iptables-save | grep -c KUBE || true'), 'active\n0\n', host);
  }
  t.regex(await onHost('k8s-node02', 'docker ps'), /Up .*other-server/);
});

function kubectl(words: string): Promise<string> {
  return onHost('k8s-master01', `kubectl --kubeconfig /etc/kubernetes/admin.conf ${words}`);
}

async function allReady(t: ExecutionContext): Promise<void> {
  const found = Object.entries(await nodes()).map(([name, state]) => [name.split('.')[0]!, state]);
  t.deepEqual(Object.fromEntries(found), Object.fromEntries(cluster.map((name) => [name, 'Ready'])));
}

function succeeds(t: ExecutionContext, args: readonly string[]): Promise<KplayRun> {
  return succeedsWith(t, args, { inventory: ['test/lab/inventory', 'test/lab/inventory-docker'] });
}
