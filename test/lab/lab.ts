import { existsSync, mkdirSync } from 'node:fs';
import { removeGroups } from './cgroups.ts';
import { eraseHost, isRunning, startHost, stopHost } from './host.ts';
import { noteKernelSettings, restoreKernelSettings } from './kernel-settings.ts';
import { ensureKeys } from './keys.ts';
import { ensureMachine } from './machine-parts.ts';
import { ensureCache } from './parts.ts';
import type { Offer } from './releases.ts';
import { ensureRpmCache } from './rpm-parts.ts';
import { serverProcess, startServer, stopServer } from './server.ts';
import { allHosts, folders, hosts, type LabHost, labFolder, network } from './settings.ts';
import { run, runScript } from './shell.ts';

/** Where a step of the lab tells what it did. */
export type Say = (text: string) => void;

/** Makes whatever is missing of the lab, from nothing if need be, and starts its hosts. */
export async function up(offer: Offer, say: Say): Promise<void> {
  await prepare(hosts, offer, say);
  await startAll(hosts, say);
}

/** All that hosts need before they can start. */
async function prepare(some: readonly LabHost[], offer: Offer, say: Say): Promise<void> {
  requireRoot();
  mkdirSync(labFolder, { recursive: true, mode: 0o755 });
  mkdirSync(folders.logs, { recursive: true });
  await ensureCache(offer, () => eraseAll(allHosts), say);
  // Most labs never need them, so they are not made before one is wanted.
  if (some.some(isRpm)) await ensureRpmCache(offer, () => eraseAll(allHosts.filter(isRpm)), say);
  if (some.some(isMachine)) await ensureMachine(say);
  await Promise.all([ensureKeys(), noteKernelSettings(), runScript('network.sh', ['up'])]);
  await startServer();
}

function isRpm(host: LabHost): boolean {
  return host.flavour === 'rpm';
}

function isMachine(host: LabHost): boolean {
  return host.flavour === 'machine';
}

function requireRoot(): void {
  if (process.getuid?.() !== 0) throw new Error('the lab makes namespaces, mounts and cgroups: run it as root');
}

async function startAll(some: readonly LabHost[], say: Say): Promise<void> {
  const start = Date.now();
  await Promise.all(some.map(startHost));
  say(`${some.map((host) => host.name).join(' ')}: up after ${((Date.now() - start) / 1000).toFixed(1)} s`);
}

async function eraseAll(some: readonly LabHost[]): Promise<void> {
  await Promise.all(some.map(eraseHost));
}

/** Throws away all that the hosts ever wrote and starts them as they were first. */
export async function reset(some: readonly LabHost[], offer: Offer, say: Say): Promise<void> {
  requireRoot();
  await eraseAll(some);
  await prepare(some, offer, say);
  await startAll(some, say);
}

/** Starts single hosts of a lab that is up. */
export async function start(some: readonly LabHost[], offer: Offer, say: Say): Promise<void> {
  await prepare(some, offer, say);
  await startAll(some, say);
}

/** Stops single hosts; `orderly` false is like pulling the plug. What they wrote stays. */
export async function stop(some: readonly LabHost[], orderly: boolean): Promise<void> {
  requireRoot();
  await Promise.all(some.map((host) => stopHost(host, orderly)));
}

/** Stops everything; nothing that runs, is mounted or is a namespace is left. `purge` removes the lab's folder too. */
export async function down(purge: boolean): Promise<void> {
  requireRoot();
  await Promise.all(allHosts.map((host) => (purge ? eraseHost(host) : stopHost(host, true))));
  await stopServer();
  await runScript('network.sh', ['down']);
  removeGroups('');
  await restoreKernelSettings();
  if (purge) await run('rm', ['-rf', '--one-file-system', labFolder]);
}

/** What stands and what does not, a line each. */
export function status(): readonly string[] {
  const namespace = existsSync(`/run/netns/${network.namespace}`);
  const server = serverProcess();
  return [
    `folder     ${labFolder}`,
    `namespace  ${network.namespace}: ${namespace ? 'there' : 'not there'}`,
    `files      http://${network.gateway}/: ${server === undefined ? 'not served' : `served by process ${server}`}`,
    ...allHosts.map((host) => `${host.name.padEnd(14)} ${host.address}  ${isRunning(host) ? 'running' : 'stopped'}`),
  ];
}

/** Whether namespace, file server and all usual hosts are there. */
export function isUp(): boolean {
  return serverProcess() !== undefined && hosts.every(isRunning);
}
