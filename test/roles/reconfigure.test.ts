import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { ExecutionContext } from 'ava';
import test from 'ava';
import { dump } from 'js-yaml';
import { packageRoot } from '../../runner/root.ts';
import { temporaryDirectory } from '../temporary.ts';
import { runKplay } from './run-kplay.ts';

type Values = Readonly<Record<string, unknown>>;

const kubelet = { apiVersion: 'kubelet.config.k8s.io/v1beta1', kind: 'KubeletConfiguration', cgroupDriver: 'systemd' };
const proxy = { apiVersion: 'kubeproxy.config.k8s.io/v1alpha1', kind: 'KubeProxyConfiguration', mode: 'iptables' };

/** What the role makes of a cluster's configuration and an inventory's values; kubectl is a stand-in that prints the former. */
async function workOut(t: ExecutionContext, cluster: Values, values: Values): Promise<Record<string, Values>> {
  const folder = temporaryDirectory('kplay-reconfigure');
  symlinkSync(path.join(packageRoot, 'roles'), path.join(folder, 'roles'));
  mkdirSync(path.join(folder, 'bin'));
  const maps = [
    { metadata: { name: 'kubeadm-config' }, data: { ClusterConfiguration: dump(cluster) } },
    { metadata: { name: 'kubelet-config' }, data: { kubelet: dump({ ...kubelet, failSwapOn: true, maxPods: 50 }) } },
    { metadata: { name: 'kubelet-config-1.20' }, data: { kubelet: dump(kubelet) } },
    { metadata: { name: 'kube-proxy' }, data: { 'config.conf': dump({ ...proxy, bindAddress: '0.0.0.0' }) } },
  ];
  writeFileSync(path.join(folder, 'maps.json'), JSON.stringify({ items: maps }));
  writeFileSync(path.join(folder, 'bin/kubectl'), `#!/bin/sh\ncat ${folder}/maps.json\n`, { mode: 0o755 });
  writeFileSync(
    path.join(folder, 'hosts.ini'),
    '[masters]\nm1 ansible_connection=local\n[workers]\n[kubernetes:children]\nmasters\nworkers\n',
  );
  const role = { name: 'reconfigure', tasks_from: 'configuration' };
  const names = ['reconfigure_new', 'reconfigure_kubelet_new', 'reconfigure_proxy_new', 'reconfigure_stored'];
  const content = `{{ {${names.map((name) => `'${name}': ${name}`).join(', ')}} | to_json }}`;
  const tasks = [
    { 'ansible.builtin.include_role': role },
    { 'ansible.builtin.copy': { content, dest: path.join(folder, 'result.json') } },
  ];
  const environment = { PATH: `${path.join(folder, 'bin')}:${process.env.PATH}` };
  writeFileSync(
    path.join(folder, 'play.yml'),
    JSON.stringify([{ hosts: 'm1', gather_facts: false, environment, tasks }]),
  );
  const told = { kubeadm_leader: 'm1', ansible_become: false, kubernetes_node_address: '10.0.0.1', ...values };
  const run = await runKplay(['run', 'play.yml', '-i', 'hosts.ini', '-e', JSON.stringify(told)], folder);
  t.is(run.code, 0, run.stdout);
  return JSON.parse(readFileSync(path.join(folder, 'result.json'), 'utf8')) as Record<string, Values>;
}

const old = {
  apiVersion: 'kubeadm.k8s.io/v1beta2',
  kind: 'ClusterConfiguration',
  kubernetesVersion: 'v1.20.2',
  apiServer: {
    certSANs: ['by.hand'],
    timeoutForControlPlane: '9m0s',
    extraArgs: { 'authorization-mode': 'Node,RBAC', profiling: 'false' },
  },
  controllerManager: {},
  scheduler: {},
  etcd: { local: { dataDir: '/var/lib/etcd', imageTag: '3.4.13-1' } },
  networking: { podSubnet: '10.1.0.0/16' },
};

test('flags are those of the inventory; names, networks, images and versions stay', async (t) => {
  const { reconfigure_new: made } = await workOut(t, old, {
    kubernetes_version: '1.20.2',
    kubeadm_apiserver_args: { 'event-ttl': '2h0m0s' },
    kubeadm_etcd_args: { 'heartbeat-interval': 150 },
  });
  t.deepEqual(made, {
    ...old,
    apiServer: { ...old.apiServer, extraArgs: { 'authorization-mode': 'Node,RBAC', 'event-ttl': '2h0m0s' } },
    etcd: { local: { ...old.etcd.local, extraArgs: { 'heartbeat-interval': '150' } } },
  });
});

test('a cluster that has what the inventory says stays as it is', async (t) => {
  const args = [{ name: 'event-ttl', value: '2h0m0s' }];
  const cluster = {
    ...old,
    apiVersion: 'kubeadm.k8s.io/v1beta4',
    kubernetesVersion: 'v1.37.2',
    dns: { disabled: true },
  };
  const made = await workOut(
    t,
    { ...cluster, apiServer: { extraArgs: args } },
    { kubernetes_version: '1.37.2', kubeadm_apiserver_args: { 'event-ttl': '2h0m0s' } },
  );
  t.deepEqual(made.reconfigure_new, made.reconfigure_stored);
});

test('fields of kubelets and kube-proxy that the inventory does not name stay', async (t) => {
  const cluster = { ...old, apiVersion: 'kubeadm.k8s.io/v1beta4', kubernetesVersion: 'v1.37.2' };
  const made = await workOut(t, cluster, {
    kubernetes_version: '1.37.2',
    kubeadm_kubelet_config: { maxPods: 99 },
    kubeadm_proxy_config: { conntrack: { maxPerCore: 0 } },
  });
  t.like(made.reconfigure_kubelet_new, { maxPods: 99, failSwapOn: true, cgroupDriver: 'systemd' });
  t.like(made.reconfigure_proxy_new, { bindAddress: '0.0.0.0', conntrack: { maxPerCore: 0 } });
});

test('a kubelet’s flags: those that are named are set, others stay, and what is right is left alone', (t) => {
  const folder = temporaryDirectory('kplay-reconfigure-kubelet');
  const script = readFileSync(path.join(packageRoot, 'roles/reconfigure/files/kubelet.sh'), 'utf8');
  writeFileSync(path.join(folder, 'kubelet.sh'), script.replaceAll('/var/lib/kubelet', folder));
  const see = (line: string, flags: string): string => {
    writeFileSync(path.join(folder, 'kubeadm-flags.env'), line);
    writeFileSync(path.join(folder, 'flags'), flags);
    return execFileSync('sh', [path.join(folder, 'kubelet.sh'), 'see', path.join(folder, 'flags')], {
      encoding: 'utf8',
    });
  };
  const right = 'KUBELET_KUBEADM_ARGS="--network-plugin=cni --node-ip=10.0.0.1"\n';
  t.is(see(right, 'node-ip=10.0.0.1\n'), '');
  t.is(see(right, 'node-ip=10.0.0.2\nv=4\n'), 'KUBELET_KUBEADM_ARGS="--network-plugin=cni --node-ip=10.0.0.2 --v=4"\n');
  t.is(see('KUBELET_KUBEADM_ARGS=""\n', 'v=4\n'), 'KUBELET_KUBEADM_ARGS="--v=4"\n');
  const twice = 'KUBELET_KUBEADM_ARGS="--v=4 --node-labels=a=1 --node-labels=b=2"\n';
  t.is(see('KUBELET_KUBEADM_ARGS="--v=4 --node-labels=c=3"\n', 'node-labels=a=1\nnode-labels=b=2\n'), twice);
  t.is(see(twice, 'node-labels=a=1\nnode-labels=b=2\n'), '');
  // A run that was cut off while it changed the kubelet is taken up again.
  mkdirSync(path.join(folder, 'kubelet'));
  t.is(see(right, 'node-ip=10.0.0.1\n'), right);
});
