import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { packageRoot } from '../../runner/root.ts';
import { fewAtOnce } from '../few-at-once.ts';
import { attempt } from '../lab/shell.ts';
import { temporaryDirectory } from '../temporary.ts';

const program = fileURLToPath(new URL('../../runner/cli/main.cjs', import.meta.url));

/** One kind of wrong values: what is set, and what must be said. Hosts are this machine, so that nothing has to be there. */
interface Case {
  readonly title: string;
  readonly says: RegExp;
  readonly values?: Readonly<Record<string, unknown>>;
  readonly masters?: readonly string[];
  readonly workers?: readonly string[];
  readonly loadbalancers?: readonly string[];
  /** Variables of single hosts. */
  readonly hosts?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

/** Whatever distribution this machine has. */
const debian = { ansible_distribution: 'Debian', ansible_distribution_major_version: '12' };

/** This machine may have cgroup v1. */
const allowed = { kubernetes_cgroup_v1_allowed: true };

const three = ['m1', 'm2', 'm3'];

const cases: readonly Case[] = [
  {
    title: 'an even number of masters',
    masters: ['m1', 'm2'],
    says: /The group masters has 2 hosts\. Give it an odd number/,
  },
  {
    title: 'a version that a cluster’s host does not have',
    values: { preflight_seen: ['kubelet 1.20.2'], kubernetes_version: '1.21.0' },
    says: /This host is of a cluster and has Kubernetes 1\.20\.2, and kubernetes_version is 1\.21\.0\. Run playbooks\/upgrade\.yml/,
  },
  { title: 'no masters', masters: [], workers: ['w1'], says: /The group masters has 0 hosts/ },
  { title: 'a host in both groups', workers: ['m1'], says: /m1: in both masters and workers\. Take it out of one/ },
  {
    title: 'several masters and no load balancer',
    masters: three,
    says: /3 masters need at least one host in the group/,
  },
  {
    title: 'a virtual address that is a host’s',
    loadbalancers: ['l1'],
    values: { kubernetes_api_vip: '10.9.8.7' },
    hosts: { l1: { ansible_host: '10.9.8.7' } },
    says: /kubernetes_api_vip 10\.9\.8\.7 is the address of a host/,
  },
  {
    title: 'a virtual address outside the load balancers’ network',
    loadbalancers: ['m1'],
    values: { kubernetes_api_vip: '172.31.3.188', kubernetes_api_port: 8443 },
    says: /kubernetes_api_vip 172\.31\.3\.188 is outside 127\.0\.0\.0\/8, the network of the load balancer's interface lo\. Choose a free address in it/,
  },
  {
    title: 'a pod network that is no network address',
    values: { kubernetes_pod_network: '192.168.0.0/12' },
    says: /kubernetes_pod_network is 192\.168\.0\.0\/12, which is no network address: with \/12 the network that holds it starts at 192\.160\.0\.0\. Write 192\.160\.0\.0\/12, or a longer prefix/,
  },
  {
    title: 'a service network that is none at all',
    values: { kubernetes_service_network: '10.96/12' },
    says: /kubernetes_service_network is \\?"10\.96\/12\\?", which is no network\. Write it as ADDRESS\/LENGTH/,
  },
  {
    title: 'pod and service networks that overlap',
    values: { kubernetes_pod_network: '10.100.0.0/16' },
    says: /kubernetes_pod_network 10\.100\.0\.0\/16 and kubernetes_service_network 10\.96\.0\.0\/12 overlap\. Change one of them/,
  },
  {
    title: 'a pod network that overlaps the hosts’',
    values: { kubernetes_pod_network: '127.1.0.0/16' },
    says: /kubernetes_pod_network 127\.1\.0\.0\/16 and the hosts' network 127\.0\.0\.0\/8 overlap/,
  },
  {
    title: 'an address that the host does not have',
    hosts: { m1: { kubernetes_node_address: '10.255.255.254' } },
    says: /No interface of this host has the address 10\.255\.255\.254\. Set kubernetes_node_address/,
  },
  {
    title: 'a Calico that was made for other versions',
    values: { kubernetes_network: 'calico', calico_version: '3.7.5' },
    says: /Calico 3\.7\.5 was not made for Kubernetes 1\.25\.0 but for 1\.12 to 1\.14\. Set calico_version to one that was/,
  },
  {
    title: 'an unknown pod network',
    values: { kubernetes_network: 'weave' },
    says: /kubernetes_network is \\?"weave\\?"\. Choose calico, flannel, bridge or none/,
  },
  {
    title: 'an unknown runtime',
    values: { kubernetes_runtime: 'crio' },
    says: /kubernetes_runtime is \\?"crio\\?"\. Choose containerd or docker/,
  },
  {
    title: 'docker without cri-dockerd',
    values: { kubernetes_runtime: 'docker', cri_dockerd_archive: '' },
    says: /Kubernetes 1\.25\.0 speaks to docker through cri-dockerd only\. Set cri_dockerd_archive to the address/,
  },
  {
    title: 'docker with cri-dockerd turned off',
    values: { kubernetes_runtime: 'docker', kubernetes_cri_dockerd: false },
    says: /cri-dockerd only\. Set kubernetes_cri_dockerd to true, or kubernetes_runtime to containerd/,
  },
  {
    title: 'a version that is not written in full',
    values: { kubernetes_version: '1.25' },
    says: /kubernetes_version is \\?"1\.25\\?"\. Write it in full and in quotes/,
  },
  {
    title: 'a version that is too old',
    values: { kubernetes_version: '1.11.3' },
    says: /kubernetes_version is 1\.11\.3\. kplay knows 1\.12 to 1\.\d+: choose one of them\./,
  },
  {
    title: 'a version that is too new',
    values: { kubernetes_version: '1.99.0' },
    says: /kubernetes_version is 1\.99\.0\. kplay knows 1\.12 to 1\.\d+: choose one of them, or set preflight_newer_kubernetes/,
  },
  {
    title: 'several masters with a kubeadm that cannot make them',
    masters: three,
    loadbalancers: ['l1'],
    values: { kubernetes_version: '1.13.0', kubernetes_api_vip: '10.1.1.1' },
    says: /kubeadm 1\.13\.0 cannot hand the certificates to other masters, and there are 3/,
  },
  {
    title: 'two hosts with one address',
    workers: ['w1'],
    hosts: { w1: { kubernetes_node_address: '127.0.0.1' } },
    says: /127\.0\.0\.1 is the address of m1 and w1\. Give each host its own ansible_host/,
  },
  {
    title: 'two hosts with one name',
    workers: ['w1'],
    hosts: { w1: { kubernetes_node_name: 'm1', kubernetes_node_address: '127.0.0.2' } },
    says: /m1 is the name of m1 and w1\. Give each host its own kubernetes_node_name/,
  },
  {
    title: 'a host name that no node can have',
    masters: ['K8s_Master'],
    says: /K8s_Master: no name for a node\. Names are made of small letters, digits, hyphens and dots/,
  },
  {
    title: 'a kernel that is too old',
    values: { kubernetes_version: '1.32.1', ansible_kernel: '3.10.0-1160.el7.x86_64' },
    says: /runs Linux 3\.10\.0-1160\.el7\.x86_64, and Kubernetes 1\.32\.1 needs 4\.19 or later\. Let the role kernel install another/,
  },
  {
    title: 'a kernel that is too old for Calico',
    values: {
      kubernetes_version: '1.36.0',
      kubernetes_network: 'calico',
      ansible_kernel: '5.4.0-26-generic',
      ...allowed,
    },
    says: /runs Linux 5\.4\.0-26-generic, and Calico 3\.33\.0 needs 5\.10 or later/,
  },
  {
    title: 'a repository whose signatures Debian 13 refuses',
    values: { kubernetes_version: '1.30.1', ansible_distribution_major_version: '13' },
    says: /Debian 13 refuses the old signatures of pkgs\.k8s\.io for Kubernetes 1\.30\.1\. Choose 1\.31 or later/,
  },
  {
    title: 'a flag that the kubelet does not know any more',
    values: { kubernetes_version: '1.35.0', kubeadm_kubelet_args: { 'pod-infra-container-image': 'x', v: '2' } },
    says: /Kubernetes 1\.35\.0 has no flag pod-infra-container-image any more, and would not start/,
  },
  {
    title: 'a flag of cAdvisor’s, in a list',
    values: { kubernetes_version: '1.37.0', kubeadm_kubelet_args: [{ name: 'containerd', value: 'x' }] },
    says: /Kubernetes 1\.37\.0 has no flag containerd any more/,
  },
  {
    title: 'a flag twice for a kubeadm that takes each once',
    values: { kubernetes_version: '1.30.0', kubeadm_apiserver_args: { 'service-account-issuer': ['a', 'b'] } },
    says: /kubeadm 1\.30\.0 takes each flag once, and kubeadm_apiserver_args names one of them twice\. Choose 1\.31/,
  },
  {
    title: 'environment and validity for a kubeadm that has no place for them',
    values: { kubeadm_certificate_validity: '1h0m0s', kubeadm_etcd_env: { A: 'b' } },
    says: /kubeadm 1\.25\.0 has no place for kubeadm_certificate_validity, kubeadm_etcd_env\. Choose 1\.31 or later/,
  },
  {
    title: 'keys of a kind that this kubeadm does not make',
    values: { kubernetes_version: '1.33.0', kubeadm_encryption_algorithm: 'ECDSA-P384' },
    says: /kubeadm_encryption_algorithm is \\?"ECDSA-P384\\?"\. kubeadm 1\.33\.0 knows RSA-2048, RSA-3072, RSA-4096, ECDSA-P256: choose/,
  },
  {
    title: 'a feature gate that is gone',
    values: { kubernetes_version: '1.36.0', kubeadm_feature_gates: { ControlPlaneKubeletLocalMode: true } },
    says: /kubeadm has no feature gate ControlPlaneKubeletLocalMode from 1\.36 on\. Take it out/,
  },
  {
    title: 'a patch of something that kubeadm does not patch yet',
    values: { kubernetes_version: '1.36.0', kubeadm_patches: { 'kubeproxydaemonset+merge.yaml': {} } },
    says: /kubeadm_patches: kubeproxydaemonset\+merge\.yaml is no name of a patch for kubeadm 1\.36\.0\. Write TARGET/,
  },
  {
    title: 'an etcd of the site’s own without endpoints',
    values: { kubeadm_etcd_external: { caFile: '/ca' } },
    says: /kubeadm_etcd_external has no endpoints/,
  },
  {
    title: 'a mode of kube-proxy that there is not',
    values: { kubernetes_proxy_mode: 'ebpf' },
    says: /kubernetes_proxy_mode is \\?"ebpf\\?"\. Choose iptables, ipvs or nftables/,
  },
  {
    title: 'a mode of kube-proxy that this version lacks',
    values: { kubernetes_version: '1.30.0', kubernetes_proxy_mode: 'nftables' },
    says: /kube-proxy 1\.30\.0 has no mode nftables without a feature gate/,
  },
  {
    title: 'a kernel that is too old for kube-proxy’s mode',
    values: { kubernetes_version: '1.33.0', kubernetes_proxy_mode: 'nftables', ansible_kernel: '5.4.0-26-generic' },
    says: /runs Linux 5\.4\.0-26-generic, and kube-proxy's mode nftables needs 5\.13 or later/,
  },
  {
    title: 'a containerd that the kubelet cannot work with',
    values: {
      kubernetes_version: '1.38.0',
      preflight_newer_kubernetes: true,
      containerd_version: '1.7.24',
      ...allowed,
    },
    says: /containerd_version is 1\.7\.24, and the kubelet of Kubernetes 1\.38\.0 needs 2\.0 or later/,
  },
  {
    title: 'networks of IPv6 that overlap',
    values: {
      kubernetes_pod_network: '10.244.0.0/16,fd00:10::/48',
      kubernetes_service_network: '10.96.0.0/16,fd00:10:0:1::/112',
    },
    says: /kubernetes_pod_network fd00:10::\/48 and kubernetes_service_network fd00:10:0:1::\/112 overlap/,
  },
  {
    title: 'networks of both kinds for a version that has one',
    values: { kubernetes_version: '1.20.2', kubernetes_pod_network: '10.244.0.0/16,fd00:10::/48' },
    says: /Kubernetes 1\.20\.2 has one kind of addresses, and kubernetes_pod_network .* names two\. Choose 1\.21/,
  },
  {
    title: 'two networks of one kind',
    values: { kubernetes_pod_network: '10.244.0.0/16,10.245.0.0/16' },
    says: /kubernetes_pod_network names two networks of one kind\. Write one of IPv4 and one of IPv6/,
  },
  {
    title: 'a network of IPv6 that is no network address',
    values: { kubernetes_pod_network: 'fd00:10::1/64' },
    says: /is fd00:10::1\/64, which is no network address: .* starts at fd00:10:0:0:0:0:0:0\. Write/,
  },
  {
    title: 'a distribution that the roles do not know',
    values: { ansible_distribution: 'Slackware', ansible_distribution_version: '15.0' },
    says: /Slackware 15\.0 is not known to the roles\. Known are Debian, Ubuntu/,
  },
  {
    title: 'too little memory, where that is to end the run',
    values: { preflight_memory: 99999999, preflight_resources_required: true },
    says: /a node should have 99999999 MiB and 2\. Set preflight_resources_required to false/,
  },
];

for (const one of cases) {
  test(`${one.title}: refused with a sentence that says what to change`, async (t) => {
    const { code, all } = await preflight(one);
    t.regex(all.replaceAll(/\s+/g, ' '), one.says);
    t.is(code, 2, all);
    t.notRegex(all, /is undefined|internal error/);
  });
}

test('from 1.34 on an older kernel is taken, on which kubeadm only warns', async (t) => {
  const values = { kubernetes_version: '1.34.0', ansible_kernel: '4.18.0-553.el8_10.x86_64' };
  const { code, all } = await preflight({ title: '', says: /./, values });
  t.is(code, 0, all);
});

test('all that is wrong stands in one table, with the hosts that it is about', async (t) => {
  const away = {
    ansible_connection: 'ssh',
    ansible_host: '127.0.0.1',
    ansible_port: 1,
    kubernetes_node_address: '127.0.0.9',
  };
  const { code, all } = await preflight({
    title: '',
    says: /./,
    workers: ['w1', 'w2'],
    hosts: { w1: { kubernetes_node_address: '10.255.255.254' }, w2: away },
    values: { kubernetes_version: '1.32.1', ansible_kernel: '3.10.0', preflight_memory: 99999999 },
  });
  t.not(code, 0);
  const rows = [...all.matchAll(/^ +"(the cluster|[\w, ]+?|HOSTS) {2,}(.*)",?$/gm)].map(
    ([, hosts, text]) => `${hosts}: ${text}`,
  );
  const of = (hosts: string): readonly string[] => rows.filter((row) => row.startsWith(`${hosts}: `));
  t.is(rows[0], 'HOSTS: WHAT IS WRONG, AND WHAT TO CHANGE');
  t.regex(of('w2').join('\n'), /^w2: Cannot be reached, or does not tell its facts/);
  t.regex(of('w1').join('\n'), /No interface of this host has the address 10\.255\.255\.254/);
  t.regex(of('m1, w1').join('\n'), /runs Linux 3\.10\.0, and Kubernetes 1\.32\.1 needs 4\.19/);
  t.regex(of('m1, w1').join('\n'), /\(only told\) \d+ MiB of memory and \d+ processors/);
  t.regex(of('the cluster').join('\n'), /share a machine-id or a MAC address \(m1, w1: /);
  t.regex(all, /The table above has \d+ lines of what is wrong, and what to change\. Nothing has been changed yet/);
});

test('what is wrong with the inventory stands in one table, before any host is asked', async (t) => {
  const values = { kubernetes_version: '1.25', kubernetes_runtime: 'crio', kubernetes_network: 'weave' };
  const { code, all } = await preflight({
    title: '',
    says: /./,
    masters: ['m1', 'm2'],
    values: { ...values, sources_proxy: 'a b' },
  });
  t.is(code, 2, all);
  for (const row of [
    /"the cluster +The group masters has 2 hosts/,
    /"the cluster +kubernetes_version is \\"1\.25\\"/,
    /"the cluster +kubernetes_network is \\"weave\\"/,
    /"m1, m2 +sources_proxy is no address of a proxy/,
  ]) {
    t.regex(all, row);
  }
  t.notRegex(all, /Gathering Facts/);
});

test('what is only told ends no run', async (t) => {
  const values = {
    kubernetes_version: '1.36.3',
    containerd_version: '1.7.28',
    kubernetes_proxy_mode: 'ipvs',
    ...allowed,
  };
  const { code, all } = await preflight({ title: '', says: /./, values });
  t.is(code, 0, all);
  t.regex(all, /\(only told\) containerd is 1\.7\.28 here; its project lists 2\.2\.0, 2\.3\.0 and later/);
  t.regex(all, /kubernetes_proxy_mode is ipvs, which kube-proxy will drop/);
  const listed = await preflight({ title: '', says: /./, values: { ...values, containerd_version: '2.4.2' } });
  t.notRegex(listed.all, /its project lists/);
});

for (const [name, version] of [
  ['Ubuntu', '26'],
  ['Rocky', '10'],
  ['Debian', '13'],
  ['openEuler', '24'],
  ['Kylin Linux Advanced Server', 'V10'],
  ['Anolis OS', '23'],
] as const) {
  test(`${name} ${version} is known`, async (t) => {
    const facts = { ansible_distribution: name, ansible_distribution_major_version: version };
    const { code, all } = await preflight({ title: '', says: /./, values: { kubernetes_version: '1.34.0', ...facts } });
    t.is(code, 0, all);
  });
}

test('right values are not refused', async (t) => {
  const { code, all } = await preflight({ title: '', says: /./ });
  t.is(code, 0, all);
});

async function preflight(one: Case): Promise<{ code: number; all: string }> {
  const folder = temporaryDirectory('kplay-preflight');
  const order = [one.masters ?? ['m1'], one.workers ?? [], one.loadbalancers ?? []].flat();
  const own = (name: string) => ({ kubernetes_node_address: `127.0.0.${order.indexOf(name) + 1}` });
  const group = (names: readonly string[]) => ({
    hosts: Object.fromEntries(names.map((name) => [name, { ...own(name), ...one.hosts?.[name] }])),
  });
  const inventory = {
    all: {
      vars: { ansible_connection: 'local', kubernetes_network: 'none' },
      children: {
        kubernetes: { children: { masters: group(one.masters ?? ['m1']), workers: group(one.workers ?? []) } },
        loadbalancers: group(one.loadbalancers ?? []),
        registries: { hosts: {} },
      },
    },
  };
  const file = path.join(folder, 'hosts.json');
  writeFileSync(file, JSON.stringify(inventory));
  const values = JSON.stringify({ ...debian, ...one.values });
  const words = [program, 'run', 'playbooks/hosts.yml', '-i', file, '--tags', 'preflight', '-e', values];
  return fewAtOnce(() => attempt('env', ['-C', packageRoot, process.execPath, ...words]));
}
