import { execFile } from 'node:child_process';
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { loadAll } from 'js-yaml';
import { packageRoot } from '../../runner/root.ts';
import { temporaryDirectory } from '../temporary.ts';
import { withRoles } from './run-kplay.ts';

/*
 * What the roles make of manifests, in files of this machine. The manifests are stand-ins of the same shapes, and so is kubectl
 * here, which finds that nothing differs; test/lab/long/addons.test.ts applies them to a real cluster.
 */

const kplay = fileURLToPath(new URL('../../runner/cli/main.cjs', import.meta.url));
const fixtures = path.join(packageRoot, 'test/fixtures/addons');

interface Container {
  readonly name: string;
  readonly image: string;
  readonly args?: readonly string[];
  readonly env?: readonly { readonly name: string; readonly value?: string }[];
  readonly readinessProbe?: { readonly exec: { readonly command: readonly string[] } };
}

interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly data?: Readonly<Record<string, string>>;
  readonly status?: unknown;
  readonly type?: string;
  readonly spec: {
    readonly selector?: unknown;
    readonly type?: string;
    readonly ports?: readonly unknown[];
    readonly mon?: unknown;
    readonly storage?: unknown;
    readonly template: {
      readonly spec: { readonly containers: readonly Container[]; readonly initContainers?: readonly Container[] };
    };
  };
}

interface Made {
  readonly code: number;
  readonly output: string;
  /** The objects of a file that the role wrote. */
  objects(file: string): Manifest[];
}

/** Runs a role on this machine as the only master. */
function run(role: string, variables: Record<string, unknown>): Promise<Made> {
  const folder = temporaryDirectory('kplay-addons');
  writeFileSync(path.join(folder, 'kubectl'), '#!/bin/sh\nexit 0\n');
  chmodSync(path.join(folder, 'kubectl'), 0o755);
  writeFileSync(
    path.join(folder, 'hosts.ini'),
    '[masters]\nm1 ansible_connection=local\n[kubernetes:children]\nmasters\n',
  );
  writeFileSync(
    path.join(folder, 'play.yml'),
    `- hosts: kubernetes\n  gather_facts: false\n  tasks:\n    - include_role: {name: ${role}}\n`,
  );
  const all = {
    kubeadm_leader: 'm1',
    addon_folder: folder,
    images_pull: false,
    kubernetes_version: '1.20.2',
    [`${role}_wait`]: false,
    ...variables,
  };
  const args = [
    kplay,
    'run',
    path.join(folder, 'play.yml'),
    '-i',
    path.join(folder, 'hosts.ini'),
    '-e',
    JSON.stringify(all),
  ];
  const environment = { ...withRoles, PATH: `${folder}:${process.env.PATH ?? ''}` };
  return new Promise((resolve) => {
    const child = execFile(process.execPath, args, { cwd: packageRoot, env: environment }, (_error, stdout, stderr) => {
      resolve({
        code: child.exitCode ?? -1,
        output: stdout + stderr,
        objects: (file) => loadAll(readFileSync(path.join(folder, file), 'utf8')) as Manifest[],
      });
    });
  });
}

function find(objects: readonly Manifest[], kind: string, name: string): Manifest {
  const found = objects.find((object) => object.kind === kind && object.metadata.name === name);
  if (!found) throw new Error(`no ${kind} ${name}`);
  return found;
}

function environmentOf(manifest: Manifest): Record<string, string | undefined> {
  return Object.fromEntries(manifest.spec.template.spec.containers[0]!.env!.map(({ name, value }) => [name, value]));
}

for (const file of ['calico-set.yaml', 'calico-commented.yaml']) {
  test(`calico: network, interface, tunnels, MTU and registry are put into ${file}`, async (t) => {
    const made = await run('calico', {
      calico_manifest: path.join(fixtures, file),
      kubernetes_pod_network: '10.9.0.0/16',
      calico_autodetection: 'interface=ens33',
      calico_registry: 'harbor.example.com/calico',
      calico_ipip: 'CrossSubnet',
      calico_mtu: 1400,
      calico_env: { FELIX_LOGSEVERITYSCREEN: 'Warning' },
    });
    t.is(made.code, 0, made.output);
    const objects = made.objects('calico.yaml');
    const node = find(objects, 'DaemonSet', 'calico-node');
    t.is(node.apiVersion, 'apps/v1');
    t.deepEqual(node.spec.selector, { matchLabels: { 'k8s-app': 'calico-node' } });
    t.like(environmentOf(node), {
      DATASTORE_TYPE: 'kubernetes',
      CALICO_IPV4POOL_CIDR: '10.9.0.0/16',
      CALICO_IPV4POOL_IPIP: 'CrossSubnet',
      IP_AUTODETECTION_METHOD: 'interface=ens33',
      FELIX_LOGSEVERITYSCREEN: 'Warning',
    });
    t.is(
      node.spec.template.spec.containers[0]!.env!.filter(({ name }) => name.startsWith('CALICO_IPV4POOL_IPIP')).length,
      1,
    );
    const { containers, initContainers } = node.spec.template.spec;
    for (const container of [...containers, ...(initContainers ?? [])])
      t.is(container.image, 'harbor.example.com/calico/web:1.0');
    t.deepEqual(find(objects, 'ConfigMap', 'calico-config').data, { calico_backend: 'bird', veth_mtu: '1400' });
    t.true(
      objects.every(({ apiVersion, status }) => !apiVersion.endsWith('rbac.authorization.k8s.io/v1beta1') && !status),
    );
  });
}

test('calico: with the backend vxlan nobody asks for BIRD; a budget has the version that the cluster knows', async (t) => {
  const file = path.join(fixtures, 'calico-commented.yaml');
  const made = await run('calico', { calico_manifest: file, calico_backend: 'vxlan' });
  t.is(made.code, 0, made.output);
  const objects = made.objects('calico.yaml');
  const node = find(objects, 'DaemonSet', 'calico-node').spec.template.spec.containers[0]!;
  t.deepEqual(node.readinessProbe!.exec.command, ['true', '-felix-ready']);
  t.is(find(objects, 'PodDisruptionBudget', 'calico-kube-controllers').apiVersion, 'policy/v1beta1');
  const newer = await run('calico', { calico_manifest: file, kubernetes_version: '1.25.0' });
  t.is(find(newer.objects('calico.yaml'), 'PodDisruptionBudget', 'calico-kube-controllers').apiVersion, 'policy/v1');
});

test('calico: another manifest, and another file than the checksum was made of, are refused', async (t) => {
  const other = await run('calico', { calico_manifest: path.join(fixtures, 'flannel.yaml') });
  t.is(other.code, 2);
  t.regex(other.output, /has no DaemonSet calico-node/);
  const changed = await run('calico', {
    calico_manifest: path.join(fixtures, 'calico-set.yaml'),
    calico_checksum: `sha256:${'0'.repeat(64)}`,
  });
  t.is(changed.code, 2);
  t.regex(changed.output, /is not the file that the checksum/);
});

test('flannel: network, backend, interfaces and registry', async (t) => {
  const made = await run('flannel', {
    flannel_manifest: path.join(fixtures, 'flannel.yaml'),
    kubernetes_pod_network: '10.9.0.0/16',
    flannel_backend: 'host-gw',
    flannel_interfaces: ['ens33', 'eth1'],
    flannel_registry: 'harbor.example.com/flannel',
  });
  t.is(made.code, 0, made.output);
  const objects = made.objects('flannel.yaml');
  const config = find(objects, 'ConfigMap', 'kube-flannel-cfg').data!;
  t.deepEqual(JSON.parse(config['net-conf.json']!), {
    Network: '10.9.0.0/16',
    EnableNFTables: false,
    Backend: { Type: 'host-gw' },
  });
  t.is(config['cni-conf.json'], '{"name": "cbr0", "plugins": []}\n');
  const [container] = find(objects, 'DaemonSet', 'kube-flannel-ds').spec.template.spec.containers;
  t.deepEqual(container!.args, ['--iface=ens33', '--iface=eth1']);
  t.is(container!.image, 'harbor.example.com/flannel/web:1.0');
});

test('nftables and two networks reach Calico and Flannel', async (t) => {
  const values = {
    kubernetes_version: '1.36.3',
    kubernetes_proxy_mode: 'nftables',
    kubernetes_pod_network: '10.9.0.0/16,fd00:9::/56',
  };
  const calico = await run('calico', { ...values, calico_manifest: path.join(fixtures, 'calico-set.yaml') });
  t.is(calico.code, 0, calico.output);
  t.like(environmentOf(find(calico.objects('calico.yaml'), 'DaemonSet', 'calico-node')), {
    CALICO_IPV4POOL_CIDR: '10.9.0.0/16',
    CALICO_IPV6POOL_CIDR: 'fd00:9::/56',
    IP6: 'autodetect',
    FELIX_IPV6SUPPORT: 'true',
    FELIX_NFTABLESMODE: 'Enabled',
  });
  const flannel = await run('flannel', { ...values, flannel_manifest: path.join(fixtures, 'flannel.yaml') });
  t.is(flannel.code, 0, flannel.output);
  const config = find(flannel.objects('flannel.yaml'), 'ConfigMap', 'kube-flannel-cfg').data!;
  t.deepEqual(JSON.parse(config['net-conf.json']!), {
    Network: '10.9.0.0/16',
    EnableNFTables: true,
    Backend: { Type: 'vxlan' },
    EnableIPv6: true,
    IPv6Network: 'fd00:9::/56',
  });
  // An older Calico has no such mode, and one network is what it was.
  const older = await run('calico', {
    calico_manifest: path.join(fixtures, 'calico-set.yaml'),
    calico_version: '3.28.1',
    kubernetes_proxy_mode: 'nftables',
  });
  const environment = environmentOf(find(older.objects('calico.yaml'), 'DaemonSet', 'calico-node'));
  t.false('FELIX_NFTABLESMODE' in environment || 'IP6' in environment || 'CALICO_IPV6POOL_CIDR' in environment);
});

test('rook: crds, common and operator first, then the cluster with its fields', async (t) => {
  const made = await run('rook', {
    rook_manifests: path.join(fixtures, 'rook'),
    rook_operator_settings: { ROOK_LOG_LEVEL: 'DEBUG' },
    rook_cluster: { mon: { count: 1 }, storage: { useAllDevices: false } },
  });
  t.is(made.code, 0, made.output);
  const operator = made.objects('rook-operator.yaml');
  t.deepEqual(
    operator.map(({ kind }) => kind),
    ['CustomResourceDefinition', 'Namespace', 'ServiceAccount', 'ConfigMap', 'Deployment'],
  );
  t.deepEqual(find(operator, 'ConfigMap', 'rook-ceph-operator-config').data, {
    ROOK_LOG_LEVEL: 'DEBUG',
    ROOK_CSI_ENABLE_RBD: 'true',
  });
  t.like(find(made.objects('rook-cluster.yaml'), 'CephCluster', 'rook-ceph').spec, {
    mon: { count: 1, allowMultiplePerNode: false },
    storage: { useAllNodes: true, useAllDevices: false },
  });
});
