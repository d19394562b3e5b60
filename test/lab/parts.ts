import { release } from 'node:os';
import { type CachePart, ensurePart } from './cache.ts';
import { ensureReleases } from './release-parts.ts';
import { kubeArchive, kubernetesVersion, nextKubernetesVersion, type Offer } from './releases.ts';
import { folders } from './settings.ts';
import { runContained, runScript } from './shell.ts';

/** Debian packages that hosts can install, each with all it depends on. */
const packages: readonly string[] = [
  ...['containerd', 'runc', 'containernetworking-plugins', 'docker.io', 'docker-registry', 'skopeo'],
  ...['haproxy', 'keepalived', 'nginx-light', 'chrony', 'etcd-client', 'etcd-server', 'busybox'],
  ...['conntrack', 'ipset', 'ipvsadm', 'iptables', 'nftables', 'ebtables', 'ethtool', 'socat', 'kmod', 'ufw'],
  ...['curl', 'wget', 'psmisc', 'procps', 'openssl', 'rsync', 'tar', 'gnupg', 'ca-certificates', 'apt-transport-https'],
  ...['bash-completion', 'lsof', 'net-tools', 'tree', 'telnet', 'nfs-common', 'jq', 'acl', 'cron', 'logrotate', 'git'],
  ...['unzip', 'zip', 'xz-utils', 'bzip2', 'zstd', 'locales', 'tcpdump', 'vim-tiny', 'bind9-dnsutils', 'less', 'hello'],
  ...['lsb-release', 'openssh-server', 'sudo', 'python3', 'python3-apt', 'apache2-utils'],
  // What building haproxy and keepalived takes.
  ...['gcc', 'make', 'libc6-dev', 'pkg-config', 'libssl-dev', 'libpcre2-dev', 'zlib1g-dev', 'libsystemd-dev'],
  ...['libnl-3-dev', 'libnl-genl-3-dev'],
  ...['ifupdown', 'grub2-common'],
];

/** Debian packages whose original sources hosts can fetch, to build from. */
const sources: readonly string[] = ['haproxy', 'keepalived', 'lua5.4'];

/** Makes what is missing of the cache for `offer`, what does not depend on each other at the same time. */
export async function ensureCache(
  offer: Offer,
  eraseHosts: () => Promise<void>,
  say: (text: string) => void,
): Promise<void> {
  await ensurePart(tools, say);
  const debian = ensurePart(packagesPart, say);
  await Promise.all([
    ensurePart(rootPart(eraseHosts), say),
    ensurePart(archivesPart, say),
    debian,
    offer.old ? ensureOld(debian, say) : undefined,
    ensureReleases(offer.releases, debian, say),
  ]);
}

/** Kubernetes 1.20.2, and the same re-stamped. */
async function ensureOld(debian: Promise<void>, say: (text: string) => void): Promise<void> {
  await ensurePart(kubePart, say);
  await ensurePart(nextKubePart, say);
  await Promise.all([ensurePart(kubePackagesPart, say), debian.then(() => ensurePart(imagesPart, say))]);
}

const tools: CachePart = {
  name: 'tools',
  inputs: [],
  sources: ['build/tools.sh'],
  make: async () => {
    // Not contained: apt and dpkg are better left to end what they do to this machine.
    await runScript('tools.sh', [], { log: 'tools.log' });
  },
};

/** The root below every host: when it changes, what hosts wrote over the old one means nothing any more. */
function rootPart(eraseHosts: () => Promise<void>): CachePart {
  return {
    name: 'root',
    inputs: [release()],
    sources: [
      'build/root.sh',
      'build/modules.sh',
      'files/root/etc/systemd/system/kplay-lab-host.service',
      'files/root/etc/systemd/system/chrony.service.d/kplay-lab.conf',
      'files/root/usr/local/lib/kplay-lab/host-start',
      'files/root/usr/local/lib/kplay-lab/chrony',
    ],
    make: async () => {
      await eraseHosts();
      await runContained('root.sh', [], { log: 'root.log' });
    },
  };
}

const packagesPart: CachePart = {
  name: 'packages',
  inputs: packages,
  sources: ['build/packages.sh', 'build/publish.sh', 'build/sources.sh'],
  make: async () => {
    await runContained('packages.sh', packages, { log: 'packages.log' });
  },
};

const archivesPart: CachePart = {
  name: 'archives',
  inputs: sources,
  sources: ['build/archives.sh', 'build/sources.sh'],
  make: async () => {
    await runContained('archives.sh', sources, { log: 'archives.log' });
  },
};

const kubePart: CachePart = {
  name: 'kube',
  // Not the archive: a clone elsewhere, without one beside it, need not compile what the cache has.
  inputs: [kubernetesVersion],
  sources: ['build/kube.sh', 'build/kube-compile.sh'],
  make: async () => {
    await runContained('kube.sh', [kubernetesVersion, kubeArchive(kubernetesVersion), folders.kube], {
      log: 'kube.log',
    });
  },
};

const versions = [kubernetesVersion, nextKubernetesVersion];

const nextKubePart: CachePart = {
  name: 'kube-next',
  inputs: versions,
  sources: ['build/restamp.sh'],
  make: async () => {
    await runContained('restamp.sh', [...versions, folders.kube], { log: 'restamp.log' });
  },
};

const kubePackagesPart: CachePart = {
  name: 'kube-packages',
  inputs: versions,
  sources: [
    'build/kube-packages.sh',
    'build/kube-deb.sh',
    'build/publish.sh',
    'files/packages/cri-tools/usr/bin/crictl',
    'files/packages/kubelet/lib/systemd/system/kubelet.service',
    'files/packages/kubelet/etc/systemd/system/kubelet.service.d/10-kubeadm.conf',
  ],
  make: async () => {
    await runContained('kube-packages.sh', versions, { log: 'kube-packages.log' });
  },
};

const imagesPart: CachePart = {
  name: 'images',
  inputs: versions,
  sources: ['build/images.sh', 'build/image-archive.sh', 'files/images/pause.c'],
  make: async () => {
    await runContained('images.sh', versions, { log: 'images.log' });
  },
};
