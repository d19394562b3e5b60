import { mkdtempSync, readdirSync, readFileSync, readlinkSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import type { Connection } from '../../runner/connection/connection.ts';
import { runnerEnd } from '../../runner/connection/shell-program.ts';

/** A PATH, made in a folder, that has everything but some programs. */
export function pathWithout(folder: string, ...missing: string[]): string {
  const bin = mkdtempSync(join(folder, 'bin-'));
  for (const from of ['/usr/local/bin', '/bin', '/usr/bin']) {
    for (const program of readdirSync(from)) {
      if (missing.includes(program)) continue;
      try {
        symlinkSync(join(from, program), join(bin, program));
      } catch {} // It was in an earlier folder.
    }
  }
  return bin;
}

/** Process ids of a shell's processes on this machine (runner/connection/PROTOCOL.md). */
export interface ShellProcesses {
  readonly top: number;
  readonly watcher: number;
  readonly relay: number;
  /** The program that copies for the relay. */
  readonly copy: number;
  readonly guard: number;
  readonly keeper: number;
  readonly runner: number;
}

/** Looks the processes up of the shell that a local connection uses. */
export async function processesOf(connection: Connection): Promise<ShellProcesses> {
  const keeper = Number((await connection.run({ script: 'echo $kplay_keeper' })).stdout);
  const guard = parentOf(keeper);
  const watcher = childrenOf(parentOf(guard)).find((pid) => pid !== guard) ?? 0;
  const relay = childrenOf(watcher)[0] ?? 0;
  const copy = childrenOf(relay)[0] ?? 0;
  let top = parentOf(guard);
  while (commandLine(parentOf(top)).includes('echo kplay-')) top = parentOf(top);
  // The runner may just have ended, and the keeper be about to start another.
  let runner: number | undefined;
  await eventually(() => {
    runner = runnerOf(keeper);
    return runner !== undefined;
  });
  return { top, watcher, relay, copy, guard, keeper, runner: runner ?? 0 };
}

/** The process below a keeper that has been started to run commands. */
function runnerOf(keeper: number): number | undefined {
  const below = childrenOf(keeper);
  return below.find((pid) => /kplay_keeper=/.test(commandLine(pid))) ?? below.map(runnerOf).find(Boolean);
}

/** The keeper among processes that {@link processesWith} found. */
export function keeperOf(found: readonly string[]): number {
  return Number(/^(\d+) .* keeper $/m.exec(found.join('\n'))?.[1]);
}

function statusOf(pid: number): string[] {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ');
  } catch {
    return [];
  }
}

function parentOf(pid: number): number {
  return Number(statusOf(pid)[1]);
}

function commandLine(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}

/** All processes here. */
function processes(): number[] {
  return readdirSync('/proc').map(Number).filter(Boolean);
}

function childrenOf(pid: number): number[] {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').map(Number).filter(Boolean);
  } catch {
    return [];
  }
}

/** The processes here that were started with a variable in their environment, as lines that tell which they are. */
export function processesWith(variable: string): string[] {
  return processes().flatMap((pid) => {
    try {
      const found = readFileSync(`/proc/${pid}/environ`, 'latin1').split('\0').includes(variable);
      // A process that has ended, and that nobody has asked for yet, is none.
      return found && readlinkSync(`/proc/${pid}/exe`) ? [`${pid} ${commandLine(pid).replaceAll('\0', ' ')}`] : [];
    } catch {
      return [];
    }
  });
}

/** Waits until something holds; false when it does not within a minute. */
export async function eventually(holds: () => boolean): Promise<boolean> {
  for (let n = 0; n < 600; n++) {
    if (holds()) return true;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return false;
}

/**
 * Whether a keeper that is stopped has still to look for what a command has left: its runner does so when a process of somebody
 * else's became a child of init meanwhile.
 */
export function hasToLook(keeper: number): boolean {
  return childrenOf(keeper).some((pid) => {
    const status = statusOf(pid);
    return status[0] === 'Z' && Number(status.at(-1)) >> 8 === runnerEnd.look;
  });
}

/** Whether a process is stopped, as SIGSTOP leaves it some time later. */
export function isStopped(pid: number): boolean {
  return statusOf(pid)[0] === 'T';
}

/** Whether a process has ended, as SIGKILL leaves it some time later. */
export function hasEnded(pid: number): boolean {
  return [undefined, 'Z', 'X'].includes(statusOf(pid)[0]);
}
