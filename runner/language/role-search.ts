import { existsSync, readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { didYouMean, KplayError } from '../errors.ts';
import type { Position } from '../position.ts';
import type { Loading, NodeContext } from './loading.ts';

/**
 * Finds a role's folder: roles/ beside the playbook, folders of roles beside those in use, the role path (the
 * package's own last), the playbook's folder; or a path. Throws KplayError `missing-role`.
 */
export function findRole(loading: Loading, name: string, context: NodeContext, position: Position): string {
  const folders = searchedFolders(loading, context);
  const candidates = path.isAbsolute(name) ? [name] : folders.map((folder) => path.join(folder, name));
  if (!path.isAbsolute(name)) candidates.push(path.resolve(expandHome(name)));
  const found = candidates.find(isFolder);
  if (found !== undefined) return path.resolve(found);
  const parts = name.split('.');
  const short = parts.length > 2 ? parts.at(-1)! : name;
  throw new KplayError({
    code: 'missing-role',
    message: `There is no role "${name}".`,
    position,
    hint: didYouMean(short, roleNames(folders)) ?? `Roles were looked for in ${folders.join(', ')}.`,
  });
}

function searchedFolders(loading: Loading, context: NodeContext): string[] {
  const folders = [path.join(context.play.folder, 'roles')];
  for (let role = context.role; role; role = role.dependencyOf) folders.push(path.dirname(role.role.path));
  folders.push(...loading.options.rolePath, context.play.folder);
  return [...new Set(folders.map((folder) => path.resolve(folder)))];
}

function roleNames(folders: readonly string[]): string[] {
  return folders
    .filter((folder) => path.basename(folder) === 'roles' && existsSync(folder))
    .flatMap((folder) => readdirSync(folder));
}

function isFolder(candidate: string): boolean {
  return statSync(candidate, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

function expandHome(name: string): string {
  return name.startsWith('~/') ? path.join(process.env.HOME ?? '~', name.slice(2)) : name;
}
