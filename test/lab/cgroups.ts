import { existsSync, readdirSync, readFileSync, rmdirSync } from 'node:fs';
import path from 'node:path';
import { network } from './settings.ts';

/** Where cgroup hierarchies are mounted, from the text of /proc/mounts. */
export function cgroupMounts(mounts: string): readonly string[] {
  return mounts
    .split('\n')
    .map((line) => line.split(' '))
    .filter(([, where, type]) => where?.startsWith('/sys/fs/cgroup') && (type === 'cgroup' || type === 'cgroup2'))
    .map(([, where]) => where!);
}

/** The lab's cgroups of that name in every hierarchy that has one; of the lab as a whole for the empty name. */
function groupsOf(name: string): readonly string[] {
  return cgroupMounts(readFileSync('/proc/mounts', 'utf8'))
    .map((mount) => path.join(mount, network.namespace, name))
    .filter((folder) => existsSync(folder));
}

/** Process ids of everything that runs in a host's cgroups. */
export function processesOf(name: string): readonly number[] {
  const found = new Set<number>();
  for (const group of groupsOf(name)) collectProcesses(group, found);
  return [...found];
}

function collectProcesses(group: string, found: Set<number>): void {
  try {
    for (const line of readFileSync(path.join(group, 'cgroup.procs'), 'utf8').split('\n')) {
      // A process of another pid namespace shows as 0.
      if (Number(line) > 0) found.add(Number(line));
    }
    for (const child of subfolders(group)) collectProcesses(child, found);
  } catch {
    // The cgroup went away while it was read: then nothing runs in it.
  }
}

/** Removes a host's empty cgroups, or the lab's own for the empty name. What is not empty stays. */
export function removeGroups(name: string): void {
  for (const group of groupsOf(name)) removeGroup(group);
}

function removeGroup(group: string): void {
  try {
    for (const child of subfolders(group)) removeGroup(child);
    rmdirSync(group);
  } catch {
    // Still in use: the next `down` removes it.
  }
}

function subfolders(folder: string): readonly string[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => path.join(folder, entry.name));
}

/** Sends a signal to every process given; one that is gone already is no error. */
export function signalAll(processes: readonly number[], signal: NodeJS.Signals): void {
  for (const id of processes) {
    try {
      process.kill(id, signal);
    } catch {
      // It ended in between.
    }
  }
}
