import { readdirSync, readFileSync } from 'node:fs';

/** A process, as /proc tells of it. */
export interface Process {
  readonly pid: number;
  readonly parent: number;
  readonly command: string;
}

/** All processes below one, itself left out; those that have ended but are not waited for (zombies) do not count. */
export function descendants(root: number): Process[] {
  const all = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => read(Number(name)));
  const found: Process[] = [];
  const visit = (parent: number): void => {
    for (const process of all) {
      if (process.parent !== parent) continue;
      found.push(process);
      visit(process.pid);
    }
  };
  visit(root);
  return found;
}

function read(pid: number): Process[] {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const [state, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (state === 'Z' || state === 'X') return [];
    const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
    return [{ pid, parent: Number(parent), command }];
  } catch {
    return []; // It has just ended.
  }
}
