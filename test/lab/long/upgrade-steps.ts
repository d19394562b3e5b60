import type { ExecutionContext } from 'ava';
import { succeeds as succeedsWith } from '../expect.ts';
import { type KplayOptions, type KplayRun, kplay } from '../kplay.ts';
import { lab, onHost } from '../on-host.ts';
import { releases } from '../releases.ts';

/** The releases between which is upgraded. */
export const [from, to] = releases.slice(-2) as [(typeof releases)[number], (typeof releases)[number]];
export const masters = ['k8s-master01', 'k8s-master02', 'k8s-master03'];
const hosts = [...masters, 'k8s-ha01', 'k8s-ha02', 'k8s-node01', 'k8s-node02'];
const inventory = ['test/lab/inventory', 'test/lab/inventory-current'];
const withVersion = (version: string): string[] => ['-e', `kubernetes_version=${version}`];

/** Runs a playbook for a version of Kubernetes. */
export function run(
  playbook: string,
  version: string,
  words: readonly string[] = [],
  options: KplayOptions = {},
): Promise<KplayRun> {
  return kplay([playbook, ...withVersion(version), ...words], { inventory, ...options });
}

/** The same, and expects that nothing fails. */
export function succeeds(
  t: ExecutionContext,
  playbook: string,
  version: string,
  words: readonly string[] = [],
): Promise<KplayRun> {
  return succeedsWith(t, [playbook, ...withVersion(version), ...words], { inventory });
}

/** Bare hosts become a highly available cluster of the older release. */
export async function stands(t: ExecutionContext): Promise<void> {
  await lab('reset', '--kubernetes', from.minor, '--kubernetes', to.minor, ...hosts);
  await succeeds(t, 'playbooks/ha.yml', from.version);
}

/** Expects that all programs of the cluster are the newer release's. */
export async function allNew(t: ExecutionContext): Promise<void> {
  t.deepEqual(new Set(Object.values(await runningVersions())), new Set([`v${to.version}`]));
  const images = await kubectl("-n kube-system get pods -o jsonpath='{.items[*].spec.containers[*].image}'");
  const kubernetes = images.split(' ').filter((image) => image.includes('/kube-'));
  t.deepEqual(new Set(kubernetes.map((image) => image.split(':').at(-1))), new Set([`v${to.version}`]));
  for (const master of masters) t.is(await etcdVersion(master), to.etcd, master);
}

/** The version of each node's kubelet, by the host's name. */
export async function runningVersions(): Promise<Record<string, string>> {
  const text = await kubectl(
    `get nodes -o jsonpath='{range .items[*]}{.metadata.name} {.status.nodeInfo.kubeletVersion}{"\\n"}{end}'`,
  );
  const lines = text.trim().split('\n');
  return Object.fromEntries(lines.map((line) => [line.split('.')[0]!, line.split(' ')[1]!]));
}

/** The version that a master's etcd tells. */
export async function etcdVersion(master: string): Promise<string> {
  const pki = '/etc/kubernetes/pki/etcd';
  const keys = `--cacert ${pki}/ca.crt --cert ${pki}/healthcheck-client.crt --key ${pki}/healthcheck-client.key`;
  const told = await onHost(master, `curl -sS --fail ${keys} https://127.0.0.1:2379/version`);
  return (JSON.parse(told) as { etcdserver: string }).etcdserver;
}

function kubectl(words: string): Promise<string> {
  return onHost('k8s-master01', `kubectl --kubeconfig /etc/kubernetes/admin.conf ${words}`);
}
