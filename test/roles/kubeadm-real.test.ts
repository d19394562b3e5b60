import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import test from 'ava';
import { renderKubeadm } from './kubeadm-render.ts';
import { kubernetesProgram } from './kubernetes-programs.ts';

/** Runs kubeadm and gives what it says, both streams together. */
function run(kubeadm: string, ...args: readonly string[]): string {
  return execFileSync('sh', ['-c', '"$0" "$@" 2>&1', kubeadm, ...args], { encoding: 'utf8' });
}

const variables = {
  kubernetes_image_repository: 'registry.example.com/k8s',
  kubernetes_proxy_mode: 'ipvs',
  kubernetes_swap_allowed: true,
  kubeadm_ignored_checks: ['NumCPU'],
  kubeadm_extra_names: ['api.example.com'],
  kubeadm_bootstrap_token: 'abcdef.0123456789abcdef',
  kubeadm_dns_image_repository: 'registry.example.com/dns',
  kubeadm_apiserver_args: { 'runtime-config': 'api/all=true', profiling: false },
  kubeadm_controller_manager_args: { 'node-monitor-grace-period': '10s' },
  kubeadm_scheduler_args: { v: 2 },
  kubeadm_etcd_args: { 'quota-backend-bytes': 8_589_934_592 },
};

for (const version of ['1.14.1', '1.20.2']) {
  test.serial(`a real kubeadm reads the configuration for ${version}, every field of it`, async (t) => {
    const kubeadm = await kubernetesProgram(t, '1.20.2', 'kubeadm');
    if (kubeadm === undefined) return;
    const rendered = await renderKubeadm(t, { ...variables, kubernetes_version: version });
    const init = path.join(rendered.folder, 'init.yaml');
    // Of the cluster's version kubeadm 1.20 wants 1.19 or 1.20; the form of the file stays the other version's.
    writeFileSync(init, rendered.init.replace(`kubernetesVersion: v${version}`, 'kubernetesVersion: v1.20.2'));
    const images = run(kubeadm, 'config', 'images', 'list', '--config', init);
    t.regex(images, /^registry\.example\.com\/k8s\/kube-apiserver:v1\.20\.2$/m);
    t.regex(images, /^registry\.example\.com\/k8s\/pause:3\.2$/m);
    t.regex(images, /^registry\.example\.com\/dns\/coredns:/m);
    for (const file of ['init.yaml', 'join-master.yaml', 'join-worker.yaml']) {
      const said = run(kubeadm, 'config', 'migrate', '--old-config', path.join(rendered.folder, file));
      t.regex(said, /^apiVersion: kubeadm\.k8s\.io\/v1beta2$/m);
      t.regex(said, /^ {2}criSocket: \/var\/run\/containerd\/containerd\.sock$/m);
      // It warns of fields that it does not know.
      t.notRegex(said, /unknown field|strict|already set/i, file);
    }
    const migrated = run(kubeadm, 'config', 'migrate', '--old-config', init);
    t.regex(migrated, /^ {6}quota-backend-bytes: "8589934592"$/m);
    t.regex(migrated, /^ {2,4}- api\.example\.com$/m);
  });
}

test.serial('a real kubeadm would refuse a field that it does not know', async (t) => {
  const kubeadm = await kubernetesProgram(t, '1.20.2', 'kubeadm');
  if (kubeadm === undefined) return;
  const rendered = await renderKubeadm(t, { ...variables, kubernetes_version: '1.20.2' });
  const file = path.join(rendered.folder, 'wrong.yaml');
  writeFileSync(file, rendered.init.replace('localAPIEndpoint:', 'apiEndpoint:'));
  t.regex(run(kubeadm, 'config', 'migrate', '--old-config', file), /unknown field "apiEndpoint"/);
});

test.serial('a real kubeadm makes certificates and manifests of the configuration for 1.20.2', async (t) => {
  const kubeadm = await kubernetesProgram(t, '1.20.2', 'kubeadm');
  if (kubeadm === undefined) return;
  if (process.getuid?.() !== 0) {
    t.log('skipped: kubeadm --rootfs works as root only');
    t.pass();
    return;
  }
  const rendered = await renderKubeadm(t, { ...variables, kubernetes_version: '1.20.2' });
  const root = path.join(rendered.folder, 'root');
  mkdirSync(path.join(root, 'tmp'), { recursive: true });
  writeFileSync(path.join(root, 'init.yaml'), rendered.init);
  for (const phase of ['certs all', 'control-plane all', 'etcd local']) {
    run(kubeadm, '--rootfs', root, 'init', 'phase', ...phase.split(' '), '--config', '/init.yaml');
  }
  const manifest = (name: string): string =>
    readFileSync(path.join(root, 'etc/kubernetes/manifests', `${name}.yaml`), 'utf8');
  t.regex(manifest('kube-apiserver'), /- --runtime-config=api\/all=true\n/);
  t.regex(manifest('kube-apiserver'), /- --profiling=false\n/);
  t.regex(manifest('kube-apiserver'), /- --advertise-address=10\.0\.0\.1\n/);
  t.regex(manifest('kube-apiserver'), /- --service-cluster-ip-range=10\.96\.0\.0\/12\n/);
  t.regex(manifest('kube-apiserver'), /image: registry\.example\.com\/k8s\/kube-apiserver:v1\.20\.2\n/);
  t.regex(manifest('kube-controller-manager'), /- --node-monitor-grace-period=10s\n/);
  t.regex(manifest('kube-controller-manager'), /- --cluster-cidr=10\.244\.0\.0\/16\n/);
  t.regex(manifest('kube-scheduler'), /- --v=2\n/);
  t.regex(manifest('etcd'), /- --quota-backend-bytes=8589934592\n/);
  const names = execFileSync('openssl', [
    ...['x509', '-noout', '-ext', 'subjectAltName', '-in'],
    path.join(root, 'etc/kubernetes/pki/apiserver.crt'),
  ]).toString();
  for (const name of ['DNS:kubeapi.example.local', 'DNS:master03', 'DNS:api.example.com', 'IP Address:10.0.0.100']) {
    t.true(names.includes(name), names);
  }
});
