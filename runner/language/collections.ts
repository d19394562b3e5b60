import path from 'node:path';
import { statOf } from '../stat.ts';
import { isMapping, type Mapping } from '../value.ts';
import { type Fields, scalarText } from './fields.ts';
import type { ModuleSignature } from './load.ts';
import type { Loading, NodeContext } from './loading.ts';
import { formatPosition } from './snippet.ts';
import type { Collections, Role, Written } from './tree.ts';

/** NAMESPACE.NAME, and with a role's or module's name behind it. */
const collectionName = /^([A-Za-z_]\w*)\.([A-Za-z_]\w*)$/;
const fullName = /^([A-Za-z_]\w*\.[A-Za-z_]\w*)\.([A-Za-z_]\w*)$/;

/** NAMESPACE.NAME.PLAYBOOK, with folders below playbooks/ between and an ending where they are written. */
const playbookName = /^([A-Za-z_]\w*\.[A-Za-z_]\w*)\.((?:[A-Za-z_]\w*\.)*?[A-Za-z_]\w*)(\.ya?ml)?$/;

/** In these, short names mean what kplay has itself, whatever stands behind them in the list. */
const builtin: ReadonlySet<string> = new Set(['ansible.builtin', 'ansible.legacy', 'kplay.builtin']);

/** Collections of which it is known, also where they are not on disk, that no module has the name of one of Ansible's own. */
const withoutBuiltinNames: ReadonlySet<string> = new Set([
  'ansible.netcommon',
  'ansible.posix',
  'ansible.utils',
  'community.crypto',
  'community.docker',
  'community.general',
  'kubernetes.core',
]);

/** The keyword `collections`; undefined where it is not written, so that what is around counts. */
export function loadCollections(fields: Fields): Collections | undefined {
  if (!fields.has('collections')) return undefined;
  return fields.names('collections').filter(({ value, position }) => {
    if (collectionName.test(value)) return true;
    // As in Ansible, which does not template this keyword either.
    fields.loading.warn(
      `collections: "${value}" is no name of a collection (NAMESPACE.NAME) and is passed over`,
      position,
    );
    return false;
  });
}

/** The collections of a role: its own, then those of its meta/main.yml. A role knows nothing of those of its play, as in Ansible. */
export function collectionsOfRole(role: Role): Collections {
  const own = collectionOfRole(role.path);
  const listed = role.meta.collections;
  if (own === undefined) return listed;
  return [
    { value: own, position: { file: role.path, line: 1, column: 1 } },
    ...listed.filter(({ value }) => value !== own),
  ];
}

/** The collection that a role's folder is in; undefined for a role of no collection. */
export function collectionOfRole(folder: string): string | undefined {
  const [, roles, name, namespace, root] = folder.split(path.sep).reverse();
  return roles === 'roles' && root === 'ansible_collections' ? `${namespace}.${name}` : undefined;
}

/** A name with its collection, in its two parts; undefined for a short name. */
export function partsOf(name: string): { readonly collection: string; readonly short: string } | undefined {
  const [, collection, short] = fullName.exec(name) ?? [];
  return collection === undefined ? undefined : { collection, short: short! };
}

/** Where a collection's file is: in which collection, and the folder with ansible_collections/. */
interface CollectionPlace {
  readonly collection: string;
  readonly root: string;
}

/** The collection that a playbook's folder is in, somewhere below its playbooks/. */
function placeOfPlaybooks(folder: string): CollectionPlace | undefined {
  const [, root, namespace, name] =
    /^(.*)\/ansible_collections\/([^/]+)\/([^/]+)\/playbooks(?:\/|$)/.exec(folder) ?? [];
  return root === undefined ? undefined : { collection: `${namespace}.${name}`, root };
}

/** The collections of a play: those that it names, behind that of its playbook, as in Ansible. */
export function collectionsOfPlay(fields: Fields, file: string): Collections {
  const listed = loadCollections(fields) ?? [];
  const own = placeOfPlaybooks(path.dirname(file))?.collection;
  if (own === undefined || listed.some(({ value }) => value === own)) return listed;
  return [{ value: own, position: { file, line: 1, column: 1 } }, ...listed];
}

/** Folders with ansible_collections/, nearest first. */
export function collectionFolders(loading: Loading, context: NodeContext): string[] {
  const { folder } = context.play;
  const own = placeOfPlaybooks(folder);
  return [...(own ? [own.root] : [path.resolve(folder, 'collections')]), ...(loading.options.collectionPath ?? [])];
}

/** Folders that a collection may be in, nearest first. */
export function foldersOf(loading: Loading, context: NodeContext, collection: string): string[] {
  return collectionFolders(loading, context).map((root) =>
    path.join(root, 'ansible_collections', ...collection.split('.')),
  );
}

/** The file of a collection's playbook, by its full name; undefined where the name is none, or of nothing that is there. */
export function playbookOfCollection(loading: Loading, context: NodeContext, name: string): string | undefined {
  const [, collection, short, ending] = playbookName.exec(name) ?? [];
  if (collection === undefined) return undefined;
  const below = path.join('playbooks', ...short!.split('.'));
  return foldersOf(loading, context, collection)
    .flatMap((folder) => (ending ? [ending] : ['.yml', '.yaml']).map((one) => path.join(folder, below + one)))
    .find((file) => statOf(file)?.isFile());
}

/**
 * Reports a task whose short name means a module of a collection, by the keyword `collections` or as the task of a
 * collection's role, while kplay has another one of that name: Ansible looks into these collections first. Warns of a collection
 * that is nowhere, since what it has is unknown. Gives whether the name means kplay's module.
 */
export function meansOwnModule(
  loading: Loading,
  name: Written<string>,
  signature: ModuleSignature,
  context: NodeContext,
): boolean {
  if (name.value.includes('.') || signature.name === 'meta') return true;
  for (const collection of context.collections) {
    if (builtin.has(collection.value) || signature.collections?.includes(collection.value)) return true;
    const folder = foldersOf(loading, context, collection.value).find((one) => statOf(one)?.isDirectory());
    if (folder === undefined) warnOfMissing(loading, collection, context);
    else if (hasOwn(loading, folder, name.value, signature)) {
      reportOther(loading, name, collection, context);
      return false;
    }
  }
  return true;
}

function warnOfMissing(loading: Loading, { value, position }: Written<string>, context: NodeContext): void {
  if (withoutBuiltinNames.has(value) || loading.collectionFiles.isKnownMissing(value)) return;
  const searched = collectionFolders(loading, context).join(', ');
  loading.warn(
    `collections: ${value} is not in ${searched}; short names mean kplay's own modules, whatever it has`,
    position,
  );
}

function reportOther(loading: Loading, name: Written<string>, collection: Written<string>, context: NodeContext): void {
  const { value, position } = collection;
  const isOwn = context.role !== undefined && collectionOfRole(context.role.role.path) === value;
  const why = isOwn
    ? `The role is of ${value}, which comes first`
    : `${value} comes first by ${formatPosition(position)}`;
  loading.add({
    code: 'unsupported',
    message: `"${name.value}" means ${value}.${name.value} here, which kplay does not have.`,
    position: name.position,
    hint: `${why}. Write ansible.builtin.${name.value} where that is meant.`,
  });
}

/** Whether a collection has an action or module of that name, or leads the name to another than kplay's. */
function hasOwn(loading: Loading, folder: string, name: string, signature: ModuleSignature): boolean {
  if (loading.collectionFiles.actionsIn(folder).has(name)) return true;
  const file = path.join(folder, 'meta/runtime.yml');
  const runtime = statOf(file)?.isFile() ? loading.attempt(() => loading.readYaml(file)) : undefined;
  const routing = isMapping(runtime) ? runtime.plugin_routing : undefined;
  return ['action', 'modules'].some((kind) =>
    leadsAway(isMapping(routing) ? routing[kind] : undefined, name, signature),
  );
}

function leadsAway(routes: Mapping[string] | undefined, name: string, signature: ModuleSignature): boolean {
  const route = isMapping(routes) ? routes[name] : undefined;
  if (!isMapping(route)) return false;
  if (route.tombstone !== undefined) return true;
  const target = scalarText(route.redirect ?? null);
  if (target === undefined) return false;
  const parts = partsOf(target);
  const known = parts && (builtin.has(parts.collection) || signature.collections?.includes(parts.collection));
  return !(known && parts.short === name);
}
