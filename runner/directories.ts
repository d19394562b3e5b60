import { existsSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { systemPath } from './python/file-names.ts';

/**
 * Makes a directory of this machine, and those above it that are missing. Node's own way of doing so never ends where a
 * directory cannot be made in one that is there (below /proc). Throws what mkdir throws.
 */
export function makeDirectories(directory: string, mode = 0o777): void {
  const absolute = path.resolve(directory);
  if (existsSync(systemPath(absolute))) return;
  makeDirectories(path.dirname(absolute), mode);
  try {
    mkdirSync(systemPath(absolute), { mode });
  } catch (error) {
    // Another task may have been faster.
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}
