import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { kubeArchive, partsArchive, type Release } from './releases.ts';
import { kubernetesFolder, partsFolder } from './settings.ts';
import { attempt } from './shell.ts';

/**
 * Whether the lab can have a release soon: its cache or the archives have it, or the official ones can be fetched. Else it would be
 * built, which takes half an hour.
 */
export async function isAtHand(release: Release): Promise<boolean> {
  const kube = existsSync(kubernetesFolder(release.version)) || existsSync(kubeArchive(release.version));
  const parts = existsSync(path.join(partsFolder, `etcd-${release.etcd}`)) || existsSync(partsArchive);
  return (kube && parts) || (await canBeFetched(release));
}

/** Fetches one small file of the release. */
async function canBeFetched({ version }: Release): Promise<boolean> {
  const folder = mkdtempSync(path.join(tmpdir(), 'kplay-at-hand-'));
  const server = process.env.KPLAY_LAB_DL ?? 'https://dl.k8s.io';
  const limits = ['-o', 'APT::Sandbox::User=root', '-o', 'Acquire::https::Timeout=10', '-o', 'Acquire::Retries=0'];
  const url = `${server}/v${version}/bin/linux/amd64/kubeadm.sha256`;
  const { code } = await attempt('/usr/lib/apt/apt-helper', [
    ...limits,
    'download-file',
    url,
    path.join(folder, 'sum'),
  ]);
  rmSync(folder, { recursive: true, force: true });
  return code === 0;
}
