import { existsSync } from 'node:fs';
import type { ExecutionContext } from 'ava';
import test from 'ava';
import { succeeds as succeedsWith, unchanged } from '../expect.ts';
import { kplay, trouble } from '../kplay.ts';
import { lab, onHost } from '../on-host.ts';
import { partVersions, releases } from '../releases.ts';

const current = 'test/lab/inventory-current';

/** What is built with which of the lab's releases: the newest highly available, the one before it with one master, as RPM packages too. */
const clusters = [
  {
    name: `${releases.at(-1)!.minor}, highly available`,
    packageVersion: `${releases.at(-1)!.version}-1.1`,
    release: releases.at(-1)!,
    playbook: 'playbooks/ha.yml',
    inventory: ['test/lab/inventory', current],
    hosts: ['k8s-ha01', 'k8s-ha02', 'k8s-master01', 'k8s-master02', 'k8s-master03', 'k8s-node01', 'k8s-node02'],
  },
  {
    name: `${releases.at(-2)!.minor}, one master`,
    packageVersion: `${releases.at(-2)!.version}-1.1`,
    release: releases.at(-2)!,
    playbook: 'playbooks/single.yml',
    inventory: ['test/lab/inventory-single', current],
    hosts: ['k8s-master01', 'k8s-node01', 'k8s-node02'],
  },
  {
    name: `${releases.at(-1)!.minor}, one master, RPM packages`,
    packageVersion: `${releases.at(-1)!.version}-150500.1.1`,
    release: releases.at(-1)!,
    playbook: 'playbooks/single.yml',
    inventory: ['test/lab/inventory-rpm', current],
    hosts: ['master01', 'node01', 'node02'],
  },
];

for (const { name, packageVersion, release, playbook, inventory, hosts } of clusters) {
  const { minor, version } = release;
  const chosen = ['-e', `kubernetes_version=${version}`];
  const succeeds = (t: ExecutionContext, words: readonly string[]) =>
    succeedsWith(t, [...words, ...chosen], { inventory });
  const masters = hosts.filter((host) => host.includes('master'));
  const workers = hosts.filter((host) => host.includes('node'));
  const kubectl = (words: string): Promise<string> => onHost(masters[0]!, `${kubeconfig} ${words}`);

  // cgroup v2 has this folder's file; the hosts have what the machine has.
  if (!existsSync('/sys/fs/cgroup/cgroup.controllers')) {
    test.serial(`${name}: preflight says what a host with cgroup v1 needs`, async (t) => {
      await lab('reset', '--kubernetes', minor, ...hosts);
      const words = [playbook, '--tags', 'preflight', ...chosen, '-e', 'kubernetes_cgroup_v1_allowed=false'];
      const run = await kplay(words, { inventory });
      t.is(run.code, 2);
      t.regex(trouble(run), /cgroup v1.*kubernetes_cgroup_v1_allowed/s);
    });
  }

  test.serial(`${name}: ${playbook} turns bare hosts into a cluster`, async (t) => {
    await lab('reset', '--kubernetes', minor, ...hosts);
    await succeeds(t, [playbook]);
    const nodes = await kubectl(
      `get nodes -o jsonpath='{range .items[*]}{.metadata.name} {.status.nodeInfo.kubeletVersion} {.status.nodeInfo.containerRuntimeVersion}{"\\n"}{end}'`,
    );
    t.deepEqual(
      // A build of one's own may say v2, where releases say 2.
      nodes.replaceAll('containerd://v', 'containerd://').trim().split('\n').sort(),
      [...masters, ...workers]
        .map((name) => `${name}.example.local v${version} containerd://${partVersions.containerd}`)
        .sort(),
    );
  });

  test.serial(`${name}: etcd is of its version on every master, under a tag that it may have`, async (t) => {
    for (const master of masters) {
      const image = await onHost(master, 'sed -n "s/^ *image: *//p" /etc/kubernetes/manifests/etcd.yaml');
      t.true(release.etcdTags.includes(image.trim().split(':').at(-1)!), image);
      t.like(JSON.parse(await onHost(master, `${etcdCurl} https://127.0.0.1:2379/version`)), {
        etcdserver: release.etcd,
      });
    }
  });

  test.serial(`${name}: a second run changes nothing, nor does it say so in check mode`, async (t) => {
    unchanged(t, await succeeds(t, [playbook]));
    unchanged(t, await succeeds(t, [playbook, '--check', '--diff']));
  });

  test.serial(`${name}: verify.yml shows etcd, nodes, pods and the node port`, async (t) => {
    await succeeds(t, ['playbooks/verify.yml']);
  });

  test.serial(`${name}: CoreDNS runs, and pods find names through it`, async (t) => {
    await kubectl('-n kube-system rollout status deployment/coredns --timeout=120s');
    await kubectl('run asks --image=registry.lab/web:1.0 --image-pull-policy=Never --restart=Never');
    await kubectl('wait --for=condition=Ready pod/asks --timeout=120s');
    // Right after a pod's start its network may not be all there.
    const asked = await onHost(
      masters[0]!,
      `for i in 1 2 3 4 5; do ${kubeconfig} exec asks -- nslookup kubernetes.default.svc.cluster.local && exit; sleep 2; done; exit 1`,
    );
    t.regex(asked, /Address[^\n]*10\.96\.0\.1\b/);
    await kubectl('delete pod asks --now');
  });

  test.serial(`${name}: the versions on offer are those of its own repository`, async (t) => {
    const run = await succeeds(t, [playbook, '--tags', 'versions']);
    t.true(JSON.stringify(run.events).includes(`kubeadm: ${packageVersion}"`));
  });

  test.serial(`${name}: the hosts stop`, async (t) => {
    await lab('stop', '--hard', ...hosts);
    t.pass();
  });
}

const kubeconfig = 'kubectl --kubeconfig /etc/kubernetes/admin.conf';
const pki = '/etc/kubernetes/pki/etcd';
const etcdCurl = `curl -sS --fail --cacert ${pki}/ca.crt --cert ${pki}/healthcheck-client.crt --key ${pki}/healthcheck-client.key`;
