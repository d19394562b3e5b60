import { lstatSync, type Stats, statSync } from 'node:fs';

/**
 * What stands at a path of this machine, links followed unless said otherwise; undefined where nothing can be seen there, for
 * whatever reason (no such file, a name that is too long, no permission), as Python's os.path.exists has it.
 */
export function statOf(path: string, follow = true): Stats | undefined {
  try {
    return (follow ? statSync : lstatSync)(path, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}
