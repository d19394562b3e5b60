import { readFileSync, writeFileSync } from 'node:fs';
import test, { type ExecutionContext } from 'ava';
import { samples } from '../sample-inventories.ts';
import { highlyAvailable, renderVersions, versions } from './kubeadm-versions.ts';
import { ask, type BuiltVersion, kubernetesProgram } from './kubernetes-programs.ts';

/*
 * Real kubeadm reads what the role writes: each minor version's configuration is read by a kubeadm that knows its form. The form is the
 * version's own; the version in it is the reading kubeadm's, as kubeadm takes no others.
 */

const minor = (version: string): number => Number(version.split('.')[1]);

/** Where the form, or what the templates make of it, changes: what is not asked of every version is asked of these. */
const turns = [13, 15, 20, 21, 22, 24, 31, 33, 35, 36, 37];
const ends = [13, 21, 22, 31, 36, 37];

/** Which programs read which versions' forms; nobody is left who reads that of 1.12. */
const readers: readonly { readonly version: BuiltVersion; readonly from: number; readonly to: number }[] = [
  { version: '1.20.2', from: 13, to: 21 },
  { version: '1.36.3', from: 22, to: 36 },
  { version: '1.37.2', from: 31, to: 37 },
];

/** Values beside the inventories' own, for the versions that have a place for them. */
const tables: readonly {
  readonly name: string;
  readonly from: number;
  readonly values: Readonly<Record<string, unknown>>;
}[] = [
  {
    name: 'what every version has a place for',
    from: 13,
    values: {
      kubernetes_image_repository: 'registry.example.com/k8s',
      kubernetes_proxy_mode: 'ipvs',
      kubernetes_swap_allowed: true,
      kubernetes_runtime: 'docker',
      kubeadm_ignored_checks: ['NumCPU'],
      kubeadm_extra_names: ['api.example.com', '10.9.9.9'],
      kubeadm_bootstrap_token: 'abcdef.0123456789abcdef',
      kubeadm_dns_image_repository: 'registry.example.com/dns',
      kubeadm_dns_image_tag: 'v1.8.0',
      kubeadm_kubelet_args: { 'node-labels': 'site=one' },
      kubeadm_kubelet_config: { maxPods: 90 },
      kubeadm_apiserver_args: { 'runtime-config': 'api/all=true', profiling: false },
      kubeadm_controller_manager_args: { 'node-monitor-grace-period': '10s' },
      kubeadm_scheduler_args: { v: 2 },
      kubeadm_etcd_args: { 'quota-backend-bytes': 8_589_934_592 },
      kubeadm_apiserver_volumes: [
        {
          name: 'audit',
          hostPath: '/etc/audit',
          mountPath: '/etc/audit',
          readOnly: true,
          pathType: 'DirectoryOrCreate',
        },
      ],
      kubeadm_scheduler_volumes: [{ name: 'own', hostPath: '/etc/own.yaml', mountPath: '/etc/own.yaml' }],
      kubernetes_etcd_image_tag: '3.6.11-0',
    },
  },
  {
    name: 'an etcd of the site’s own',
    from: 13,
    values: {
      kubeadm_etcd_external: {
        endpoints: ['https://10.0.0.31:2379', 'https://10.0.0.32:2379'],
        caFile: '/etc/etcd/ca.crt',
        certFile: '/etc/etcd/client.crt',
        keyFile: '/etc/etcd/client.key',
      },
    },
  },
  {
    name: 'two networks',
    // 1.20 itself, which reads the form of 1.21, has one kind of addresses.
    from: 22,
    values: {
      kubernetes_pod_network: '10.244.0.0/16,fd00:10:244::/56',
      kubernetes_service_network: '10.96.0.0/16,fd00:10:96::/112',
    },
  },
  { name: 'patches', from: 22, values: { kubeadm_patches: { 'etcd0+merge.yaml': {} } } },
  {
    name: 'what v1beta4 brought',
    from: 31,
    values: {
      kubeadm_certificate_validity: '4380h0m0s',
      kubeadm_ca_validity: '43800h0m0s',
      kubeadm_encryption_algorithm: 'ECDSA-P256',
      kubeadm_feature_gates: { RootlessControlPlane: true },
      kubeadm_apiserver_args: { 'service-account-issuer': ['https://one.example.com', 'https://two.example.com'] },
      kubeadm_kubelet_args: [
        { name: 'v', value: 2 },
        { name: 'node-ip', value: '10.0.0.1' },
      ],
      kubeadm_apiserver_env: { HTTPS_PROXY: 'http://proxy:3128' },
      kubeadm_controller_manager_env: { A: 'b' },
      kubeadm_scheduler_env: { A: 'b' },
      kubeadm_etcd_env: { ETCD_LOG_LEVEL: 'info' },
      kubernetes_proxy_mode: 'nftables',
      kubeadm_dns_disabled: true,
      kubeadm_proxy_disabled: true,
      kubernetes_cgroup_v1_allowed: true,
    },
  },
];

const inventories: readonly (readonly [name: string, inventory: string | object])[] = [
  ['three masters', highlyAvailable],
  ...samples.map(({ name, inventory }) => [name, inventory] as const),
];

for (const reader of readers) {
  for (const [name, inventory] of inventories) {
    test.serial(`kubeadm ${reader.version} reads 1.${reader.from} to 1.${reader.to}: ${name}`, async (t) => {
      const kubeadm = await kubernetesProgram(t, reader.version, 'kubeadm');
      const range = inventory === highlyAvailable ? reader : { ...reader, only: ends };
      if (kubeadm !== undefined) await checkAll(t, kubeadm, range, inventory, {});
    });
  }
  for (const { name, from, values } of tables.filter((table) => table.from <= reader.to)) {
    test.serial(
      `kubeadm ${reader.version} reads 1.${Math.max(from, reader.from)} to 1.${reader.to}: ${name}`,
      async (t) => {
        const kubeadm = await kubernetesProgram(t, reader.version, 'kubeadm');
        const range = {
          ...reader,
          from: Math.max(from, reader.from),
          only: turns,
        };
        if (kubeadm !== undefined) await checkAll(t, kubeadm, range, highlyAvailable, values);
      },
    );
  }
}

async function checkAll(
  t: ExecutionContext,
  kubeadm: string,
  reader: (typeof readers)[number] & { readonly only?: readonly number[] },
  inventory: string | object,
  variables: Readonly<Record<string, unknown>>,
): Promise<void> {
  const wanted = versions.filter(
    (version) =>
      minor(version) >= reader.from && minor(version) <= reader.to && (reader.only?.includes(minor(version)) ?? true),
  );
  const rendered = await renderVersions(t, inventory, wanted, variables);
  for (const [version, { init, joins }] of rendered) {
    for (const file of [init, ...(reader.only === undefined ? joins : joins.slice(0, 1))]) {
      const text = readFileSync(file, 'utf8');
      writeFileSync(file, text.replace(`kubernetesVersion: v${version}`, `kubernetesVersion: v${reader.version}`));
      // Before 1.26 kubeadm validates when it migrates, and warns of fields that it does not know.
      const words = reader.version === '1.20.2' ? ['migrate', '--old-config', file] : ['validate', '--config', file];
      const { code, said } = await ask(kubeadm, 'config', ...words);
      t.is(code, 0, `${version} ${file}\n${text}\n${said}`);
      t.notRegex(said, /unknown field|strict|already set|Invalid value/i, `${version} ${file}`);
    }
  }
}

test.serial('kubeadm would refuse a field that it does not know and a gate that is gone', async (t) => {
  const kubeadm = await kubernetesProgram(t, '1.37.2', 'kubeadm');
  if (kubeadm === undefined) return;
  const { init } = (await renderVersions(t, highlyAvailable, ['1.37.2'])).get('1.37.2')!;
  const text = readFileSync(init, 'utf8');
  for (const [from, to] of [
    ['clusterName:', 'clusterNames:'],
    ['failSwapOn:', 'failSwapsOn:'],
    ['clusterName:', 'featureGates: {NodeLocalCRISocket: true}\nclusterName:'],
  ] as const) {
    writeFileSync(init, text.replace(from, to));
    t.not((await ask(kubeadm, 'config', 'validate', '--config', init)).code, 0, to);
  }
});

for (const version of ['1.36.3', '1.37.2'] as const) {
  test.serial(
    `kubelet ${version} refuses the flags that the roles take away, and knows those of the version before`,
    async (t) => {
      const kubelet = await kubernetesProgram(t, version, 'kubelet');
      if (kubelet === undefined) return;
      const rendered = await renderVersions(t, highlyAvailable, ['1.36.3', '1.37.2']);
      const refused = (of: string) => rendered.get(of)!.values.kubernetes_kubelet_flags_refused as readonly string[];
      const { said } = await ask(kubelet, '--help');
      const known = new Set([...said.matchAll(/^ +(?:-\w, )?--([a-z0-9-]+)/gm)].map(([, name]) => name!));
      t.true(known.has('node-ip'), said);
      t.deepEqual(
        refused(version).filter((name) => known.has(name)),
        [],
      );
      const later = refused('1.37.2').filter((name) => !refused('1.36.3').includes(name));
      t.true(later.length > 0);
      if (version === '1.36.3')
        t.deepEqual(
          later.filter((name) => !known.has(name)),
          [],
        );
    },
  );

  test.serial(
    `the images of ${version} that the roles name are kubeadm’s own, but for etcd’s where it is steered`,
    async (t) => {
      const kubeadm = await kubernetesProgram(t, version, 'kubeadm');
      if (kubeadm === undefined) return;
      const { init, values } = (await renderVersions(t, highlyAvailable, [version])).get(version)!;
      const { said } = await ask(kubeadm, 'config', 'images', 'list', '--config', init);
      t.true(said.split('\n').includes(values.kubernetes_pause_image as string), said);
      const steered = values.kubernetes_etcd_image_tag as string;
      t.regex(said, steered === '' ? /\/etcd:3\.7\.\d+-\d+$/m : new RegExp(`/etcd:${steered}$`, 'm'));
    },
  );
}
