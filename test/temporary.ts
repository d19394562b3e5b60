import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

const directories: string[] = [];

/**
 * Makes an empty directory of this test file's own, and returns its path without links in it. It is removed when the file's
 * tests and hooks have ended: a test has nothing to clean up. `name` begins the directory's name.
 */
export function temporaryDirectory(name: string): string {
  const directory = mkdtempSync(path.join(realpathSync(tmpdir()), `${name}-`));
  if (directories.length === 0) process.once('exit', removeDirectories);
  directories.push(directory);
  return directory;
}

function removeDirectories(): void {
  for (const directory of directories) rmSync(directory, { recursive: true, force: true });
}
