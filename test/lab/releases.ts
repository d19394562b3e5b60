import { existsSync } from 'node:fs';
import path from 'node:path';
import { packageRoot } from '../../runner/root.ts';

/** A Kubernetes of today with what belongs to it, as the lab serves it beside {@link kubernetesVersion}. */
export interface Release {
  /** The minor version, which has a repository of its own. */
  readonly minor: string;
  readonly version: string;
  readonly etcd: string;
  /** What etcd's image is called: as kubeadm asks for it by itself, as the roles have it do, and by the version that it is. */
  readonly etcdTags: readonly string[];
  /** The CoreDNS that kubeadm asks for; what is served under that name is {@link partVersions}'. */
  readonly corednsTag: string;
  readonly pause: string;
}

/** Kubernetes of today, oldest first. */
export const releases: readonly Release[] = [
  {
    minor: '1.36',
    version: '1.36.3',
    etcd: '3.6.16',
    etcdTags: ['3.6.8-0', '3.6.11-0', '3.6.16-0'],
    corednsTag: 'v1.14.2',
    pause: '3.10.2',
  },
  {
    minor: '1.37',
    version: '1.37.2',
    etcd: '3.7.3',
    etcdTags: ['3.7.0-0', '3.7.3-0'],
    corednsTag: 'v1.14.6',
    pause: '3.10.2',
  },
];

/** The version that is served where none is named: its programs, and the same re-stamped as the next one, to upgrade to. */
export const kubernetesVersion = '1.20.2';
export const nextKubernetesVersion = '1.20.3';
const oldMinor = '1.20';

/** What else the releases of today have in common. */
export const partVersions = { containerd: '2.4.2', crictl: '1.37.0', cni: '1.10.0', coredns: '1.14.6' } as const;

/** What a lab is to serve. */
export interface Offer {
  /** 1.20.2, and 1.20.3, which is re-stamped from it. */
  readonly old: boolean;
  readonly releases: readonly Release[];
}

/** What a lab serves where nobody says otherwise. */
export const defaultOffer: Offer = { old: true, releases: [] };

/**
 * Takes every `--kubernetes MINOR` out of a command's words. Returns what they name, the default without one, and the other
 * words. Throws for a version that the lab cannot have.
 */
export function takeKubernetes(words: readonly string[]): { readonly offer: Offer; readonly rest: readonly string[] } {
  const option = '--kubernetes';
  const named: string[] = [];
  const rest: string[] = [];
  for (const [index, word] of words.entries()) {
    if (words[index - 1] === option) named.push(word);
    else if (word.startsWith(`${option}=`)) named.push(word.slice(option.length + 1));
    else if (word !== option) rest.push(word);
  }
  if (words.at(-1) === option) named.push('');
  for (const name of named) {
    if (name !== oldMinor && !releases.some((release) => release.minor === name)) {
      const known = [oldMinor, ...releases.map((release) => release.minor)].join(', ');
      throw new Error(`the lab has no Kubernetes "${name}"; it has ${known}`);
    }
  }
  if (named.length === 0) return { offer: defaultOffer, rest };
  const chosen = releases.filter((release) => named.includes(release.minor));
  return { offer: { old: named.includes(oldMinor), releases: chosen }, rest };
}

/**
 * Where archives of programs are, made already; whose programs are not there are fetched or built. A working tree of git's may lie a
 * folder deeper than the checkout.
 */
export const archiveFolder: string = process.env.KPLAY_LAB_ARCHIVES ?? besideCheckout();

function besideCheckout(): string {
  const [usual, deeper] = ['..', '../..'].map((up) => path.join(packageRoot, up, 'shared', 'lab'));
  return !existsSync(usual!) && existsSync(deeper!) ? deeper! : usual!;
}

/** The archive of the programs of a version of Kubernetes. It need not be there. */
export function kubeArchive(version: string): string {
  const own = version === kubernetesVersion ? process.env.KPLAY_LAB_KUBE : undefined;
  return own ?? path.join(archiveFolder, `kube-${version}.tar.xz`);
}

/** The archive of what the releases of today need besides: etcd, containerd, crictl, CoreDNS, network plug-ins. */
export const partsArchive: string = path.join(archiveFolder, 'parts-2026.tar.xz');
