import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { type CachePart, ensurePart } from './cache.ts';
import { kubernetesVersion, nextKubernetesVersion, type Offer, partVersions, type Release } from './releases.ts';
import { sourceFolder } from './settings.ts';
import { runContained, runScript } from './shell.ts';

/** Makes what the RPM hosts need beyond the rest of the cache: their root, and repositories of RPM packages of what is offered. */
export async function ensureRpmCache(
  { old, releases }: Offer,
  eraseHosts: () => Promise<void>,
  say: (text: string) => void,
): Promise<void> {
  await ensurePart(tools, say);
  await ensurePart(fetched, say);
  await ensurePart(rootPart(eraseHosts), say);
  await Promise.all([ensurePart(packagesPart, say), old ? ensurePart(kubernetesPart, say) : undefined]);
  // One minor after the other: their repositories have one key, which the first one makes.
  for (const release of releases) await ensurePart(releasePart(release), say);
}

const table = 'files/rpm/packages';
const versions = [kubernetesVersion, nextKubernetesVersion];

/** Debian packages that the RPM packages are made from. */
function sourcePackages(): readonly string[] {
  const lines = readFileSync(path.join(sourceFolder, table), 'utf8').split('\n');
  const names = lines.filter((line) => line !== '' && !line.startsWith('#')).map((line) => line.split(' ')[2]!);
  return [...new Set([...names, 'dnf', 'rpm', 'runc'])];
}

/** The files below a folder of test/lab. */
function filesBelow(folder: string): readonly string[] {
  return readdirSync(path.join(sourceFolder, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(sourceFolder, path.join(entry.parentPath, entry.name)))
    .sort();
}

const tools: CachePart = {
  name: 'rpm-tools',
  inputs: [],
  sources: ['build/rpm-tools.sh'],
  make: async () => {
    await runScript('rpm-tools.sh', [], { log: 'rpm-tools.log' });
  },
};

const fetched: CachePart = {
  name: 'rpm-fetch',
  inputs: sourcePackages(),
  sources: ['build/rpm-fetch.sh', 'build/packages.sh'],
  make: async () => {
    await runContained('rpm-fetch.sh', sourcePackages(), { log: 'rpm-fetch.log' });
  },
};

/** The root below every RPM host, made from the Debian one: when that changes, so does this. */
function rootPart(eraseHosts: () => Promise<void>): CachePart {
  return {
    name: 'rpm-root',
    inputs: [],
    sources: [
      'build/rpm-root.sh',
      'build/root.sh',
      'build/modules.sh',
      ...filesBelow('files/root'),
      ...filesBelow('files/root-rpm'),
    ],
    make: async () => {
      await eraseHosts();
      await runContained('rpm-root.sh', [], { log: 'rpm-root.log' });
    },
  };
}

const packagesPart: CachePart = {
  name: 'rpm-packages',
  inputs: [],
  sources: [
    'build/rpm-packages.sh',
    'build/rpm-publish.sh',
    'build/rpm-root.sh',
    table,
    ...filesBelow('files/rpm/files/chrony'),
  ],
  make: async () => {
    await runContained('rpm-packages.sh', [], { log: 'rpm-packages.log' });
  },
};

const kubernetesPart: CachePart = {
  name: 'rpm-kubernetes',
  inputs: versions,
  sources: ['build/rpm-kubernetes.sh', 'build/restamp.sh', 'files/packages/cri-tools/usr/bin/crictl', ...rpmSources()],
  make: async () => {
    await runContained('rpm-kubernetes.sh', versions, { log: 'rpm-kubernetes.log' });
  },
};

function rpmSources(): readonly string[] {
  return ['build/rpm-kube.sh', 'build/rpm-publish.sh', ...filesBelow('files/rpm/files/kubelet')];
}

function releasePart({ version }: Release): CachePart {
  const words = [version, partVersions.crictl];
  return {
    name: `rpm-kubernetes-${version}`,
    inputs: words,
    sources: ['build/rpm-release.sh', ...rpmSources()],
    make: async () => {
      await runContained('rpm-release.sh', words, { log: `rpm-kubernetes-${version}.log` });
    },
  };
}
