import { onHost } from '../test/lab/on-host.ts';

/*
 * The plain script over ssh that a cluster's playbook is measured beside: what a cluster cannot do without, in the order that it wants, with
 * nothing checked, nothing read and nothing told. Settings are files that were taken from hosts which the playbook made.
 */

const masters = ['k8s-master01', 'k8s-master02', 'k8s-master03'];
const workers = ['k8s-node01', 'k8s-node02'];
const balancers = ['k8s-ha01', 'k8s-ha02'];

/** The hosts of the cluster and before it. */
export const clusterHosts: readonly string[] = [...balancers, ...masters, ...workers];

/** What a host is to get, taken from one that has it. */
export interface HostModel {
  /** A compressed tar archive of its settings, in base64. */
  readonly files: string;
  /** Names of packages, as apt takes them. */
  readonly packages: string;
}

/** Where the parts are. */
export interface Parts {
  /** Folders of addresses. */
  readonly releases: string;
  readonly images: string;
  readonly containerd: string;
  readonly cni: string;
}

const settings = [
  'apt/sources.list.d',
  'apt/keyrings',
  'chrony/chrony.conf',
  'cni/net.d',
  'containerd/config.toml',
  'crictl.yaml',
  'haproxy/haproxy.cfg',
  'hosts',
  'keepalived/check_haproxy.sh',
  'keepalived/keepalived.conf',
  'modules-load.d/kubernetes.conf',
  'security/limits.d/90-kplay.conf',
  'sysctl.d/99-kubernetes.conf',
  'systemd/system/containerd.service',
  'systemd/system/kplay-pod-routes.service',
].map((name) => `etc/${name}`);
const others = ['usr/local/sbin/kplay-pod-routes', 'var/lib/kplay/kubeadm-init.yaml'];

/** Takes the settings and the names of packages of a host that the playbook made. */
export async function modelOf(name: string): Promise<HostModel> {
  const list = [...settings, ...others].join(' ');
  const files = await onHost(
    name,
    `cd /; tar -czf - $(for f in ${list}; do [ ! -e $f ] || echo $f; done) | base64 -w 0`,
  );
  const packages = await onHost(
    name,
    "sed -n 's/^Commandline: .* install //p' /var/log/apt/history.log | tr '\\n' ' '",
  );
  return { files: files.trim(), packages: packages.trim() };
}

/** Makes a cluster of bare hosts. Throws with the last lines of a command that fails. */
export async function makeCluster(models: ReadonlyMap<string, HostModel>, parts: Parts): Promise<void> {
  await Promise.all(clusterHosts.map((name) => onHost(name, preparation(name, models.get(name)!, parts))));
  const [first, ...further] = masters as [string, ...string[]];
  await onHost(
    first,
    'kubeadm init --config /var/lib/kplay/kubeadm-init.yaml --upload-certs && mkdir -p /root/.kube && cp /etc/kubernetes/admin.conf /root/.kube/config',
  );
  const join = (await onHost(first, 'kubeadm token create --print-join-command')).trim();
  const key = (await onHost(first, 'kubeadm init phase upload-certs --upload-certs | tail -n 1')).trim();
  const joining = (name: string, more = ''): Promise<string> =>
    onHost(
      name,
      `${join} --node-name ${name}.example.local --ignore-preflight-errors=NumCPU,SystemVerification ${more}`,
    );
  for (const name of further) await joining(name, `--control-plane --certificate-key ${key}`);
  await Promise.all(workers.map((name) => joining(name)));
  await onHost(first, 'kubectl wait --for=condition=Ready nodes --all --timeout=180s');
}

function preparation(name: string, { files, packages }: HostModel, parts: Parts): string {
  const install = `set -e
echo ${files} | base64 -d | tar -C / -xzf - --no-same-owner
export DEBIAN_FRONTEND=noninteractive
apt-get -q update
apt-get -y -q --no-install-recommends --allow-change-held-packages -o Dpkg::Options::=--force-confold install ${packages}
`;
  // haproxy starts before the address is here.
  if (balancers.includes(name))
    return `sysctl -q -w net.ipv4.ip_nonlocal_bind=1\n${install}systemctl restart chrony haproxy keepalived`;
  const images = masters.includes(name) ? 'masters.tar' : 'workers.tar';
  return `${install}swapoff -a
sed 's/#.*//' /etc/modules-load.d/kubernetes.conf | xargs -n 1 modprobe || true
sysctl -q --system
mkdir -p /opt/cni/bin
curl -sSf ${parts.releases}/${parts.containerd} | tar -C /usr/local -xz
curl -sSf ${parts.releases}/${parts.cni} | tar -C /opt/cni/bin -xz
curl -sSf -o /usr/local/sbin/runc ${parts.releases}/runc.amd64
chmod 755 /usr/local/sbin/runc
systemctl daemon-reload
systemctl enable -q --now containerd kplay-pod-routes kubelet
curl -sSf -o /tmp/images.tar ${parts.images}/${images}
ctr -n k8s.io images import /tmp/images.tar
rm /tmp/images.tar`;
}
