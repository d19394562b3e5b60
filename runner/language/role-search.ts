import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { didYouMean, KplayError } from '../errors.ts';
import type { Position } from '../position.ts';
import { statOf } from '../stat.ts';
import type { Loading, NodeContext } from './loading.ts';

/**
 * Finds a role's folder: roles/ beside the playbook, folders of roles beside those in use, the role path (the
 * package's own last), the playbook's folder; or a path. Throws KplayError `missing-role`.
 */
export function findRole(loading: Loading, name: string, context: NodeContext, position: Position): string {
  for (const candidate of candidates(loading, name, context)) if (isFolder(candidate)) return path.resolve(candidate);
  const folders = [...new Set([...searchedFolders(loading, context)].map((folder) => path.resolve(folder)))];
  const parts = name.split('.');
  const short = parts.length > 2 ? parts.at(-1)! : name;
  throw new KplayError({
    code: 'missing-role',
    message: `There is no role "${name}".`,
    position,
    hint: didYouMean(short, roleNames(folders)) ?? `Roles were looked for in ${folders.join(', ')}.`,
  });
}

function* candidates(loading: Loading, name: string, context: NodeContext): Iterable<string> {
  if (path.isAbsolute(name)) return yield name;
  for (const folder of searchedFolders(loading, context)) yield path.resolve(folder, name);
  yield path.resolve(expandHome(name));
}

function* searchedFolders(loading: Loading, context: NodeContext): Iterable<string> {
  yield path.join(context.play.folder, 'roles');
  for (let role = context.role; role; role = role.dependencyOf) yield path.dirname(role.role.path);
  yield* loading.options.rolePath;
  yield context.play.folder;
}

function roleNames(folders: readonly string[]): string[] {
  return folders
    .filter((folder) => path.basename(folder) === 'roles' && existsSync(folder))
    .flatMap((folder) => readdirSync(folder));
}

function isFolder(candidate: string): boolean {
  return statOf(candidate)?.isDirectory() ?? false;
}

function expandHome(name: string): string {
  return name.startsWith('~/') ? path.join(process.env.HOME ?? '~', name.slice(2)) : name;
}
