import type { ExecutionContext } from 'ava';
import test from 'ava';
import { askTheApi, toldAnswers } from '../ask-api.ts';
import { succeeds as succeedsWith, unchanged } from '../expect.ts';
import { type KplayRun, kplay, trouble } from '../kplay.ts';
import { lab, onHost } from '../on-host.ts';
import { releases } from '../releases.ts';

const [from, to] = releases.slice(-2) as [(typeof releases)[number], (typeof releases)[number]];
const inventory = ['test/lab/inventory', 'test/lab/inventory-current'];
const masters = ['k8s-master01', 'k8s-master02', 'k8s-master03'];
const hosts = [...masters, 'k8s-ha01', 'k8s-ha02', 'k8s-node01', 'k8s-node02'];

function succeeds(t: ExecutionContext, playbook: string, version: string): Promise<KplayRun> {
  return succeedsWith(t, [playbook, '-e', `kubernetes_version=${version}`], { inventory });
}

test.serial(`${from.minor} stands, with an etcd that the next one may follow`, async (t) => {
  await lab('reset', '--kubernetes', from.minor, '--kubernetes', to.minor, ...hosts);
  await succeeds(t, 'playbooks/ha.yml', from.version);
  for (const master of masters) t.is(await etcdVersion(master), from.etcd, master);
});

test.serial(
  `it becomes ${to.minor}, master by master, with an API all the time, though it is killed twice`,
  async (t) => {
    const poll = askTheApi();
    const words = ['playbooks/upgrade.yml', '-e', `kubernetes_version=${to.version}`];
    for (const killAt of [
      { task: /Run kubeadm upgrade-apply/, delay: 40_000 },
      { task: /Start the new kubelet/, delay: 500 },
    ]) {
      const killed = await kplay(words, { inventory, killAt });
      t.is(killed.code, null, trouble(killed));
    }
    await succeeds(t, 'playbooks/upgrade.yml', to.version);
    t.log(toldAnswers(await poll.end()));
  },
);

test.serial('all programs are the new ones, on every host', async (t) => {
  const versions = await kubectl("get nodes -o jsonpath='{.items[*].status.nodeInfo.kubeletVersion}'");
  t.deepEqual(new Set(versions.split(' ')), new Set([`v${to.version}`]));
  const images = await kubectl("-n kube-system get pods -o jsonpath='{.items[*].spec.containers[*].image}'");
  const kubernetes = images.split(' ').filter((image) => image.includes('/kube-'));
  t.deepEqual(new Set(kubernetes.map((image) => image.split(':').at(-1))), new Set([`v${to.version}`]));
  for (const master of masters) t.is(await etcdVersion(master), to.etcd, master);
});

test.serial('right afterwards a second run of all changes nothing', async (t) => {
  unchanged(t, await succeeds(t, 'playbooks/upgrade.yml', to.version));
  unchanged(t, await succeeds(t, 'playbooks/ha.yml', to.version));
  unchanged(t, await succeeds(t, 'playbooks/reconfigure.yml', to.version));
  await succeeds(t, 'playbooks/verify.yml', to.version);
});

function kubectl(words: string): Promise<string> {
  return onHost('k8s-master01', `kubectl --kubeconfig /etc/kubernetes/admin.conf ${words}`);
}

async function etcdVersion(master: string): Promise<string> {
  const pki = '/etc/kubernetes/pki/etcd';
  const keys = `--cacert ${pki}/ca.crt --cert ${pki}/healthcheck-client.crt --key ${pki}/healthcheck-client.key`;
  const told = await onHost(master, `curl -sS --fail ${keys} https://127.0.0.1:2379/version`);
  return (JSON.parse(told) as { etcdserver: string }).etcdserver;
}
