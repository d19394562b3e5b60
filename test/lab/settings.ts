import path from 'node:path';
import { packageRoot } from '../../runner/root.ts';

/** Where the lab keeps its cache, keys and hosts. */
export const labFolder: string = process.env.KPLAY_LAB_DIR ?? '/var/lib/kplay-lab';

/** The lab's name, after its folder: labs in different folders can be up at the same time. */
const labName: string = path.basename(labFolder);

/** Scripts and files of the lab's source tree. */
export const sourceFolder: string = path.join(packageRoot, 'test', 'lab');

/** The network namespace, and in it the bridge that carries the gateway's address. */
export const network = {
  namespace: labName,
  bridge: 'lab0',
  gateway: '172.31.0.2',
  prefix: 21,
  serverPort: 80,
} as const;

/** The lab's folders. Everything below `cache` can be made again. */
export const folders = {
  cache: path.join(labFolder, 'cache'),
  kube: path.join(labFolder, 'cache', 'kube'),
  root: path.join(labFolder, 'cache', 'root'),
  www: path.join(labFolder, 'cache', 'www'),
  ssh: path.join(labFolder, 'ssh'),
  hosts: path.join(labFolder, 'hosts'),
  logs: path.join(labFolder, 'log'),
} as const;

/** One host of the lab. */
export interface LabHost {
  readonly name: string;
  readonly address: string;
}

/** The hosts with document 4's names and addresses; k8s-node03 is the spare that stays out of the usual groups. */
export const hosts: readonly LabHost[] = [
  { name: 'k8s-master01', address: '172.31.3.101' },
  { name: 'k8s-master02', address: '172.31.3.102' },
  { name: 'k8s-master03', address: '172.31.3.103' },
  { name: 'k8s-ha01', address: '172.31.3.104' },
  { name: 'k8s-ha02', address: '172.31.3.105' },
  { name: 'k8s-node01', address: '172.31.3.108' },
  { name: 'k8s-node02', address: '172.31.3.109' },
  { name: 'k8s-node03', address: '172.31.3.110' },
];

/** Version of Kubernetes that the lab serves. */
export const kubernetesVersion = '1.20.2';

/** A second one beside it, to upgrade to: the first one's programs, re-stamped. */
export const nextKubernetesVersion = '1.20.3';

/** The archive of Kubernetes' programs; when it is not there they are built from Debian's source package. */
export const kubeArchive: string =
  process.env.KPLAY_LAB_KUBE ?? path.join(packageRoot, '..', 'shared', 'lab', `kube-${kubernetesVersion}.tar.xz`);

/** Picks hosts by name, all of them when no name is given. Throws for a name that is none of the lab's. */
export function pickHosts(names: readonly string[]): readonly LabHost[] {
  if (names.length === 0) return hosts;
  return names.map((name) => {
    const host = hosts.find((candidate) => candidate.name === name);
    if (host === undefined) {
      throw new Error(`the lab has no host ${name}; it has ${hosts.map((one) => one.name).join(', ')}`);
    }
    return host;
  });
}
