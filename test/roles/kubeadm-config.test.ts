import test from 'ava';
import { loadAll } from 'js-yaml';
import { type Rendered, renderKubeadm } from './kubeadm-render.ts';

type Fields = Readonly<Record<string, unknown>>;

/** The document of a kind in a rendered file. */
function document(text: string, kind: string): Fields {
  const found = (loadAll(text) as Fields[]).filter((one) => one.kind === kind);
  if (found.length !== 1) throw new Error(`${found.length} documents of the kind ${kind} in\n${text}`);
  return found[0]!;
}

function field(value: unknown, ...path: readonly string[]): unknown {
  return path.reduce((inner, name) => (inner as Fields | undefined)?.[name], value);
}

/** What each version is known to want, beside what all want alike. */
interface Expected {
  readonly version: string;
  readonly api: string;
  readonly pause: string;
  readonly calico: string;
  /** Sockets of containerd and of docker. */
  readonly sockets: readonly [string, string];
  readonly upload: string;
  readonly roles: { readonly labels: readonly string[]; readonly taints: readonly string[] };
}

const master = 'node-role.kubernetes.io/master';
const control = 'node-role.kubernetes.io/control-plane';
const old = ['/var/run/containerd/containerd.sock', '/var/run/dockershim.sock'] as const;
const current = ['unix:///var/run/containerd/containerd.sock', 'unix:///var/run/cri-dockerd.sock'] as const;

const versions: readonly Expected[] = [
  {
    version: '1.12.2',
    api: 'v1alpha3',
    pause: '3.1',
    calico: '3.7',
    sockets: old,
    upload: '--experimental-upload-certs',
    roles: { labels: [master], taints: [master] },
  },
  {
    version: '1.14.1',
    api: 'v1beta1',
    pause: '3.1',
    calico: '3.7',
    sockets: old,
    upload: '--experimental-upload-certs',
    roles: { labels: [master], taints: [master] },
  },
  {
    version: '1.20.2',
    api: 'v1beta2',
    pause: '3.2',
    calico: '3.20',
    sockets: old,
    upload: '--upload-certs',
    roles: { labels: [master, control], taints: [master] },
  },
  {
    version: '1.24.0',
    api: 'v1beta3',
    pause: '3.7',
    calico: '3.25',
    sockets: current,
    upload: '--upload-certs',
    roles: { labels: [control], taints: [master, control] },
  },
  {
    version: '1.25.0',
    api: 'v1beta3',
    pause: '3.8',
    calico: '3.25',
    sockets: current,
    upload: '--upload-certs',
    roles: { labels: [control], taints: [control] },
  },
  {
    version: '1.27.0',
    api: 'v1beta3',
    pause: '3.9',
    calico: '3.26',
    sockets: current,
    upload: '--upload-certs',
    roles: { labels: [control], taints: [control] },
  },
  {
    version: '1.31.0',
    api: 'v1beta4',
    pause: '3.10',
    calico: '3.29',
    sockets: current,
    upload: '--upload-certs',
    roles: { labels: [control], taints: [control] },
  },
  {
    version: '1.37.0',
    api: 'v1beta4',
    pause: '3.10.2',
    calico: '3.33',
    sockets: current,
    upload: '--upload-certs',
    roles: { labels: [control], taints: [control] },
  },
];

/** Flags as this version writes them. */
function flags(expected: Expected, given: Readonly<Record<string, string>>): unknown {
  return expected.api === 'v1beta4' ? Object.entries(given).map(([name, value]) => ({ name, value })) : given;
}

const variables = {
  kubernetes_image_repository: 'registry.example.com/k8s',
  kubernetes_pod_network: '10.10.0.0/16',
  kubernetes_proxy_mode: 'ipvs',
  kubeadm_proxy_config: { ipvs: { scheduler: 'wrr' } },
  kubernetes_swap_allowed: true,
  kubeadm_ignored_checks: ['NumCPU'],
  kubeadm_extra_names: ['api.example.com'],
  kubeadm_bootstrap_token: 'abcdef.0123456789abcdef',
  kubeadm_bootstrap_token_ttl: '1h0m0s',
  kubeadm_control_plane_timeout: '6m0s',
  kubeadm_discovery_timeout: '3m0s',
  kubeadm_kubelet_args: { 'cgroup-driver': 'systemd' },
  kubeadm_kubelet_config: { maxPods: 90 },
  kubeadm_apiserver_args: { 'runtime-config': 'api/all=true', profiling: false },
  kubeadm_controller_manager_args: { 'node-monitor-grace-period': '10s' },
  kubeadm_scheduler_args: { v: 2 },
  kubeadm_etcd_args: { 'quota-backend-bytes': 8_589_934_592 },
};

for (const expected of versions) {
  test.serial(`kubeadm's configuration for ${expected.version} is what that version takes`, async (t) => {
    const [containerd, docker] = await Promise.all([
      renderKubeadm(t, { ...variables, kubernetes_version: expected.version }),
      renderKubeadm(t, { kubernetes_version: expected.version, kubernetes_runtime: 'docker' }),
    ]);
    t.is(containerd.facts.pause, `registry.example.com/k8s/pause:${expected.pause}`);
    t.true(containerd.facts.calico.startsWith(`${expected.calico}.`), containerd.facts.calico);
    t.is(containerd.facts.upload, expected.upload);
    t.deepEqual(containerd.facts.labels, expected.roles.labels);
    t.deepEqual(containerd.facts.taints, expected.roles.taints);
    t.is(field(document(docker.init, 'InitConfiguration'), 'nodeRegistration', 'criSocket'), expected.sockets[1]);
    t.is(field(document(docker.joinWorker, 'JoinConfiguration'), 'nodeRegistration', 'criSocket'), expected.sockets[1]);

    const init = document(containerd.init, 'InitConfiguration');
    const cluster = document(containerd.init, 'ClusterConfiguration');
    const join = document(containerd.joinMaster, 'JoinConfiguration');
    const worker = document(containerd.joinWorker, 'JoinConfiguration');
    for (const one of [init, cluster, join, worker]) t.is(one.apiVersion, `kubeadm.k8s.io/${expected.api}`);
    t.deepEqual(document(containerd.cluster, 'ClusterConfiguration'), cluster);

    // The nodes.
    for (const [one, name, address] of [
      [init, 'master01', '10.0.0.1'],
      [join, 'master02', '10.0.0.2'],
      [worker, 'node01', '10.0.0.11'],
    ] as const) {
      t.is(field(one, 'nodeRegistration', 'name'), name);
      t.is(field(one, 'nodeRegistration', 'criSocket'), expected.sockets[0]);
      const args = flags(expected, { 'node-ip': address, 'cgroup-driver': 'systemd' });
      t.deepEqual(field(one, 'nodeRegistration', 'kubeletExtraArgs'), args);
    }
    const checks = field(worker, 'nodeRegistration', 'ignorePreflightErrors');
    const inFile = !['v1alpha3', 'v1beta1'].includes(expected.api);
    t.deepEqual(checks, inFile ? ['NumCPU', 'Swap'] : undefined);
    t.is(containerd.facts.checks, inFile ? '' : '--ignore-preflight-errors=NumCPU,Swap');

    // The cluster.
    t.is(cluster.kubernetesVersion, `v${expected.version}`);
    t.is(cluster.imageRepository, 'registry.example.com/k8s');
    t.is(cluster.controlPlaneEndpoint, 'kubeapi.example.local:6443');
    const networking = { podSubnet: '10.10.0.0/16', serviceSubnet: '10.96.0.0/12', dnsDomain: 'cluster.local' };
    t.deepEqual(cluster.networking, networking);
    const etcd = flags(expected, { 'quota-backend-bytes': '8589934592' });
    t.deepEqual(field(cluster, 'etcd', 'local', 'extraArgs'), etcd);
    checkComponents(expected, cluster, (actual, wanted) => t.deepEqual(actual, wanted));

    // Tokens, the address that is advertised, time limits and the certificates' key.
    const endpoint = expected.api === 'v1alpha3' ? 'apiEndpoint' : 'localAPIEndpoint';
    t.deepEqual(init[endpoint], { advertiseAddress: '10.0.0.1', bindPort: 6443 });
    t.like(field(init, 'bootstrapTokens', '0'), { token: 'abcdef.0123456789abcdef', ttl: '1h0m0s' });
    checkJoin(expected, { init, join, worker }, (actual, wanted) => t.deepEqual(actual, wanted));

    // The kubelet and kube-proxy.
    t.like(document(containerd.init, 'KubeletConfiguration'), {
      apiVersion: 'kubelet.config.k8s.io/v1beta1',
      cgroupDriver: 'systemd',
      failSwapOn: false,
      maxPods: 90,
    });
    t.like(document(containerd.init, 'KubeProxyConfiguration'), {
      apiVersion: 'kubeproxy.config.k8s.io/v1alpha1',
      mode: 'ipvs',
      ipvs: { scheduler: 'wrr' },
    });
    checkDefaults(docker, (actual, wanted) => t.deepEqual(actual, wanted));
  });
}

test.serial(
  'from 1.35 cgroup v1 takes a check of kubeadm that may fail, and from 1.36 docker a gate of the kubelet',
  async (t) => {
    const first = await renderKubeadm(t, {
      kubernetes_version: '1.34.0',
      kubernetes_cgroup_v1_allowed: true,
    });
    t.deepEqual(field(document(first.init, 'InitConfiguration'), 'nodeRegistration', 'ignorePreflightErrors'), []);
    t.is(document(first.init, 'KubeletConfiguration').failCgroupV1, undefined);
    const allowed = await renderKubeadm(t, { kubernetes_version: '1.35.0', kubernetes_cgroup_v1_allowed: true });
    t.deepEqual(field(document(allowed.joinMaster, 'JoinConfiguration'), 'nodeRegistration', 'ignorePreflightErrors'), [
      'SystemVerification',
    ]);
    t.is(document(allowed.init, 'KubeletConfiguration').failCgroupV1, false);
    const both = await renderKubeadm(t, {
      kubernetes_version: '1.35.0',
      kubernetes_cgroup_v1_allowed: true,
      kubeadm_kubelet_config: { failCgroupV1: true },
    });
    t.deepEqual(field(document(both.init, 'InitConfiguration'), 'nodeRegistration', 'ignorePreflightErrors'), []);
    t.is(document(both.init, 'KubeletConfiguration').failCgroupV1, true);
    const second = await renderKubeadm(t, {
      kubernetes_version: '1.36.0',
      kubernetes_runtime: 'docker',
      kubeadm_kubelet_config: { failCgroupV1: false, featureGates: { Other: true } },
    });
    for (const [text, kind] of [
      [second.init, 'InitConfiguration'],
      [second.joinWorker, 'JoinConfiguration'],
    ] as const) {
      const checks = field(document(text, kind), 'nodeRegistration', 'ignorePreflightErrors');
      t.deepEqual(checks, ['SystemVerification']);
    }
    t.like(document(second.init, 'KubeletConfiguration'), {
      failCgroupV1: false,
      featureGates: { ExtendWebSocketsToKubelet: false, Other: true },
    });
  },
);

type Compare = (actual: unknown, wanted: unknown) => void;

function checkComponents(expected: Expected, cluster: Fields, same: Compare): void {
  const names = [
    'kubeapi.example.local',
    '10.0.0.100',
    'master01',
    'master02',
    'master03',
    'api.example.com',
    '10.0.0.1',
    '10.0.0.2',
    '10.0.0.3',
  ];
  const server = flags(expected, { 'runtime-config': 'api/all=true', profiling: 'false' });
  const manager = flags(expected, { 'node-monitor-grace-period': '10s' });
  const scheduler = flags(expected, { v: '2' });
  if (expected.api === 'v1alpha3') {
    same(cluster.apiServerCertSANs, names);
    same(cluster.apiServerExtraArgs, server);
    same(cluster.controllerManagerExtraArgs, manager);
    same(cluster.schedulerExtraArgs, scheduler);
    same([cluster.apiServer, cluster.controllerManager, cluster.scheduler], [undefined, undefined, undefined]);
    return;
  }
  same(field(cluster, 'apiServer', 'certSANs'), names);
  same(field(cluster, 'apiServer', 'extraArgs'), server);
  same(field(cluster, 'controllerManager', 'extraArgs'), manager);
  same(field(cluster, 'scheduler', 'extraArgs'), scheduler);
  same(field(cluster, 'apiServer', 'timeoutForControlPlane'), expected.api === 'v1beta4' ? undefined : '6m0s');
}

function checkJoin(expected: Expected, of: Readonly<Record<'init' | 'join' | 'worker', Fields>>, same: Compare): void {
  const [token, hash] = ['abcdef.0123456789abcdef', 'sha256:0a1b'];
  same(of.worker.controlPlane, undefined);
  if (expected.api === 'v1alpha3') {
    same(of.worker.discoveryTokenAPIServers, ['kubeapi.example.local:6443']);
    same([of.worker.token, of.worker.discoveryTokenCACertHashes], [token, [hash]]);
    same([of.worker.discoveryTimeout, of.worker.discovery, of.init.timeouts], ['3m0s', undefined, undefined]);
    return;
  }
  const bootstrap = { apiServerEndpoint: 'kubeapi.example.local:6443', token, caCertHashes: [hash] };
  same(field(of.worker, 'discovery', 'bootstrapToken'), bootstrap);
  const listed = expected.api === 'v1beta4';
  same(field(of.worker, 'discovery', 'timeout'), listed ? undefined : '3m0s');
  same(of.init.timeouts, listed ? { controlPlaneComponentHealthCheck: '6m0s' } : undefined);
  same(of.join.timeouts, listed ? { controlPlaneComponentHealthCheck: '6m0s', discovery: '3m0s' } : undefined);
  const key = expected.api === 'v1beta1' ? undefined : 'f'.repeat(64);
  same(field(of.join, 'controlPlane', 'certificateKey'), key);
  same(field(of.join, 'controlPlane', 'localAPIEndpoint', 'advertiseAddress'), '10.0.0.2');
}

/** What is not asked for is left to kubeadm. */
function checkDefaults(plain: Rendered, same: Compare): void {
  const cluster = document(plain.init, 'ClusterConfiguration');
  same([cluster.etcd, cluster.dns, cluster.scheduler, cluster.schedulerExtraArgs], Array(4).fill(undefined));
  same(document(plain.init, 'InitConfiguration').bootstrapTokens, undefined);
  same(document(plain.init, 'KubeletConfiguration').failSwapOn, true);
  same(document(plain.init, 'KubeProxyConfiguration').mode, 'iptables');
}
