import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { didYouMean, KplayError } from '../errors.ts';
import type { Position } from '../position.ts';
import { statOf } from '../stat.ts';
import { collectionFolders, collectionOfRole, foldersOf, partsOf } from './collections.ts';
import type { Loading, NodeContext } from './loading.ts';

/**
 * Finds a role's folder: in the collection that its full name says, or in those where short names are looked for; roles/ beside the playbook, folders of roles beside those in use, the role path, the package's
 * own for its own playbooks, the playbook's folder; or a path. Throws KplayError `missing-role`.
 */
export function findRole(loading: Loading, name: string, context: NodeContext, position: Position): string {
  for (const candidate of candidates(loading, name, context)) if (isFolder(candidate)) return path.resolve(candidate);
  const folders = [...new Set([...searchedFolders(loading, context)].map((folder) => path.resolve(folder)))];
  throw new KplayError({
    code: 'missing-role',
    message: `There is no role "${name}".`,
    position,
    hint: hintFor(loading, name, folders, context),
  });
}

function hintFor(loading: Loading, name: string, folders: readonly string[], context: NodeContext): string {
  const { own } = loading.options;
  const full = partsOf(name);
  if (full) {
    const searched = collectionFolders(loading, context).join(', ');
    return `Roles of collections were looked for in ${searched}. A role that is elsewhere is found as "${full.short}" in roles/ beside the playbook or in a folder of ANSIBLE_ROLES_PATH.`;
  }
  if (own && !folders.includes(own.roles) && isFolder(path.join(own.roles, name))) {
    return `kplay's own role of that name is for kplay's own playbooks. ANSIBLE_ROLES_PATH=${own.roles} makes it known to all.`;
  }
  return didYouMean(name, roleNames(folders)) ?? `Roles were looked for in ${folders.join(', ')}.`;
}

function* candidates(loading: Loading, name: string, context: NodeContext): Iterable<string> {
  if (path.isAbsolute(name)) return yield name;
  const full = partsOf(name);
  const collections = full ? [full.collection] : context.collections.map(({ value }) => value);
  for (const collection of collections) {
    for (const folder of foldersOf(loading, context, collection)) yield path.join(folder, 'roles', full?.short ?? name);
  }
  for (const folder of searchedFolders(loading, context)) yield path.resolve(folder, name);
  yield path.resolve(expandHome(name));
}

/** A role's name: that of its folder, and in a collection the full one, by whatever name it was asked for. */
export function roleName(folder: string): string {
  const collection = collectionOfRole(folder);
  const name = path.basename(folder);
  return collection === undefined ? name : `${collection}.${name}`;
}

function* searchedFolders(loading: Loading, context: NodeContext): Iterable<string> {
  yield path.join(context.play.folder, 'roles');
  for (let role = context.role; role; role = role.dependencyOf) yield path.dirname(role.role.path);
  const { rolePath, own } = loading.options;
  yield* rolePath;
  if (own && isInside(context.play.folder, own.playbooks)) yield own.roles;
  yield context.play.folder;
}

function isInside(folder: string, other: string): boolean {
  return `${path.resolve(folder)}/`.startsWith(`${other}/`);
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
