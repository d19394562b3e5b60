import { existsSync } from 'node:fs';
import path from 'node:path';
import { systemPath } from './python/file-names.ts';
import { environmentVariable } from './python/process.ts';

/** What a file is for; relative names are looked for in a directory of that name first. */
export type FileKind = 'files' | 'templates' | 'vars' | 'tasks' | 'handlers';

/** What a search path is made of. */
export interface SearchFrom {
  /** Directories of the role that a task belongs to, and of those that use it, the nearest first. */
  readonly roles: readonly string[];
  /** The file that the task stands in; undefined where there is none. */
  readonly file: string | undefined;
  /** Directories of playbooks: the play's own, the first playbook's. */
  readonly playbooks: readonly string[];
}

/** The directories in which relative names of files are looked for, the nearest first, as Ansible has them. */
export function searchPath({ roles, file, playbooks }: SearchFrom): readonly string[] {
  const directories = [...roles];
  if (file !== undefined) {
    const own = path.dirname(path.resolve(file));
    // Tasks in a directory below a role's tasks/ see what is in tasks/.
    if (path.basename(path.dirname(own)) === 'tasks' && roles.length > 0) directories.push(path.dirname(own));
    directories.push(own);
  }
  return [...new Set([...directories, ...playbooks])];
}

/** Where a file may be, the first place first: an absolute name and one in the home directory is itself. */
export function placesOf(name: string, kind: FileKind | undefined, directories: readonly string[]): string[] {
  if (name.startsWith('~/')) return [path.join(environmentVariable('HOME') ?? '/root', name.slice(2))];
  if (path.isAbsolute(name)) return [name];
  // A name that begins with the directory's is not looked for in one more of it.
  const below = kind === undefined || name.split('/')[0] === kind ? [''] : [kind, ''];
  return [...new Set(directories.flatMap((directory) => below.map((one) => path.join(directory, one, name))))];
}

/** Whether there is a file or directory of a name. */
export function isThere(file: string): boolean {
  return existsSync(systemPath(file));
}

/** The first of the places of a file that is there. */
export function findFile(name: string, kind: FileKind | undefined, directories: readonly string[]): string | undefined {
  return placesOf(name, kind, directories).find(isThere);
}
