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
  rpmRoot: path.join(labFolder, 'cache', 'root-rpm'),
  www: path.join(labFolder, 'cache', 'www'),
  ssh: path.join(labFolder, 'ssh'),
  hosts: path.join(labFolder, 'hosts'),
  logs: path.join(labFolder, 'log'),
} as const;

/** One host of the lab. */
export interface LabHost {
  readonly name: string;
  readonly address: string;
  /**
   * A container with apt and dpkg of a plain Debian, one with rpm and dnf that calls itself Rocky Linux 8, a virtual machine with Debian and its own
   * kernel, or what else somebody describes.
   */
  readonly flavour: 'debian' | 'rpm' | 'machine' | Flavour;
}

/** A kind of host that is neither of the lab's own two. */
export interface Flavour {
  /** The directory that the host's own files lie over. */
  readonly lower: string;
  /** Writes into a fresh root what makes the host what it is, when its name, network and keys are there. */
  dress(root: string): void;
  /** sh text that is the host's first program; without one its systemd boots. */
  readonly start?: string | undefined;
  /** Variables for systemd-nspawn. */
  readonly environment?: Readonly<Record<string, string>> | undefined;
}

const debian = (name: string, address: string): LabHost => ({ name, address, flavour: 'debian' });
const rpm = (name: string, address: string): LabHost => ({ name, address, flavour: 'rpm' });

/** The hosts with document 4's names and addresses; k8s-node03 is the spare that stays out of the usual groups. */
export const hosts: readonly LabHost[] = [
  debian('k8s-master01', '172.31.3.101'),
  debian('k8s-master02', '172.31.3.102'),
  debian('k8s-master03', '172.31.3.103'),
  debian('k8s-ha01', '172.31.3.104'),
  debian('k8s-ha02', '172.31.3.105'),
  debian('k8s-node01', '172.31.3.108'),
  debian('k8s-node02', '172.31.3.109'),
  debian('k8s-node03', '172.31.3.110'),
];

/** The RPM hosts, with document 1's names: made when one of them is named for the first time. */
export const rpmHosts: readonly LabHost[] = [
  rpm('master01', '172.31.3.121'),
  rpm('node01', '172.31.3.122'),
  rpm('node02', '172.31.3.123'),
];

/** The virtual machine: made when it is named for the first time. */
const machineHost: LabHost = { name: 'machine01', address: '172.31.3.131', flavour: 'machine' };

/** All that the lab can start. */
export const allHosts: readonly LabHost[] = [...hosts, ...rpmHosts, machineHost];

/** Where the cache keeps the programs of a Kubernetes of today. */
export function kubernetesFolder(version: string): string {
  return path.join(folders.cache, `kube-${version}`);
}

/** Where the cache keeps what belongs to them: etcd, containerd and others. */
export const partsFolder: string = path.join(folders.cache, 'parts');

/** Picks hosts by name, the usual ones when no name is given. Throws for a name that is none of the lab's. */
export function pickHosts(names: readonly string[]): readonly LabHost[] {
  if (names.length === 0) return hosts;
  return names.map((name) => {
    const host = allHosts.find((candidate) => candidate.name === name);
    if (host === undefined) {
      throw new Error(`the lab has no host ${name}; it has ${allHosts.map((one) => one.name).join(', ')}`);
    }
    return host;
  });
}
