import { lstatSync, type Stats, statSync } from 'node:fs';
import { systemPath } from './python/file-names.ts';

/**
 * What stands at a path of this machine, links followed unless said otherwise; undefined where nothing can be seen there, for
 * whatever reason (no such file, a name that is too long, no permission), as Python's os.path.exists has it.
 */
export function statOf(path: string, follow = true): Stats | undefined {
  try {
    return (follow ? statSync : lstatSync)(systemPath(path), { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}
