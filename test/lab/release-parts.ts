import { type CachePart, ensurePart } from './cache.ts';
import { kubeArchive, partsArchive, partVersions, type Release } from './releases.ts';
import { kubernetesFolder, partsFolder } from './settings.ts';
import { runContained } from './shell.ts';

/**
 * Makes what the lab serves of Kubernetes of today. `debian` is there when the lab's Debian packages are, which images and runc are
 * taken from.
 */
export async function ensureReleases(
  releases: readonly Release[],
  debian: Promise<void>,
  say: (text: string) => void,
): Promise<void> {
  if (releases.length === 0) return;
  await ensurePart(programsPart(releases), say);
  await Promise.all([
    debian.then(() => ensurePart(runtimePart, say)),
    (async () => {
      for (const release of releases) {
        await ensurePart(kubePart(release), say);
        // One minor after the other: their repositories have one key, which the first one makes.
        await ensurePart(packagesPart(release), say);
        await debian;
        await ensurePart(imagesPart(release), say);
      }
    })(),
  ]);
}

const own = ['build/program.sh', 'build/release.sh', 'build/go-build.sh'];

function kubePart({ version }: Release): CachePart {
  return {
    name: `kube-${version}`,
    // Not the archive: a clone elsewhere, without one beside it, need not build what the cache has.
    inputs: [version],
    sources: ['build/kube.sh'],
    make: async () => {
      const words = [version, kubeArchive(version), kubernetesFolder(version)];
      await runContained('kube.sh', words, { log: `kube-${version}.log` });
    },
  };
}

/** etcd and what else belongs to the releases; what is there already stays. */
function programsPart(releases: readonly Release[]): CachePart {
  const { containerd, crictl, cni, coredns } = partVersions;
  const common = [`containerd=${containerd}`, `crictl=${crictl}`, `cni=${cni}`, `coredns=${coredns}`];
  const words = [...common, ...releases.map((release) => `etcd=${release.etcd}`)];
  return {
    name: `parts-${releases.map((release) => release.minor).join('-')}`,
    inputs: words,
    sources: ['build/parts.sh', ...own],
    make: async () => {
      await runContained('parts.sh', [partsArchive, partsFolder, ...words], { log: 'parts.log' });
    },
  };
}

const runtimePart: CachePart = {
  name: 'runtime-archives',
  inputs: [partVersions.containerd, partVersions.cni],
  sources: ['build/runtime-archives.sh'],
  make: async () => {
    const { containerd, cni } = partVersions;
    await runContained('runtime-archives.sh', [containerd, cni], { log: 'runtime-archives.log' });
  },
};

function packagesPart({ version }: Release): CachePart {
  return {
    name: `packages-${version}`,
    inputs: [version, partVersions.crictl],
    sources: [
      'build/release-packages.sh',
      'build/kube-deb.sh',
      'build/publish.sh',
      'files/packages/kubelet/lib/systemd/system/kubelet.service',
      'files/packages/kubelet/etc/systemd/system/kubelet.service.d/10-kubeadm.conf',
    ],
    make: async () => {
      const words = [version, partVersions.crictl];
      await runContained('release-packages.sh', words, { log: `packages-${version}.log` });
    },
  };
}

function imagesPart({ version, etcd, etcdTags, corednsTag, pause }: Release): CachePart {
  const words = [version, etcd, etcdTags.join(','), partVersions.coredns, corednsTag, pause];
  return {
    name: `images-${version}`,
    inputs: words,
    sources: ['build/release-images.sh', 'build/image-archive.sh', 'files/images/pause.c'],
    make: async () => {
      await runContained('release-images.sh', words, { log: `images-${version}.log` });
    },
  };
}
