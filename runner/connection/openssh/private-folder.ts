import { accessSync, constants, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Environment } from '../../python/process.ts';
import { Unreachable } from '../connection.ts';

/** A folder's path may be no longer: a socket in it, with what ssh adds while it makes it, has to fit into 107 bytes. */
const longest = 70;

/**
 * Makes a folder that others cannot look into (mode 0700), for sockets and programs of one connection. It is on a file system that runs
 * programs where there is one. Throws {@link Unreachable}.
 */
export function privateFolder(environment: Environment, home: string): string {
  const problems: string[] = [];
  for (const base of new Set([tmpdir(), environment.XDG_RUNTIME_DIR ?? '/tmp', '/tmp', '/var/tmp', home])) {
    if (base.length > longest) continue;
    try {
      const folder = mkdtempSync(join(base, '.kplay-ssh-'));
      if (runsPrograms(folder)) return folder;
      rmSync(folder, { recursive: true, force: true });
      problems.push(`${base} runs no programs`);
    } catch (error) {
      problems.push((error as Error).message);
    }
  }
  throw new Unreachable(`no folder can be made for ssh's socket here: ${problems.join('; ')}`);
}

function runsPrograms(folder: string): boolean {
  const file = join(folder, 'probe');
  writeFileSync(file, '', { mode: 0o700 });
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  } finally {
    rmSync(file);
  }
}
