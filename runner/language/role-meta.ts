import { didYouMean } from '../errors.ts';
import { type Position, placeOfKey } from '../position.ts';
import { booleanWord } from '../python/truth-words.ts';
import { isMapping, type Mapping, mapping, type Value } from '../value.ts';
import { checkVariables } from './check-templates.ts';
import { loadCollections } from './collections.ts';
import { loadNodeKeywords } from './common-keywords.ts';
import { Fields, scalarText } from './fields.ts';
import { keywordsOf } from './keywords.ts';
import { kindOf, type Loading, placeIn, startOf } from './loading.ts';
import { roleFiles } from './role-files.ts';
import type { NodeKeywords, RoleMeta } from './tree.ts';
import { positionOfRoot } from './yaml.ts';

const metaKeys = ['allow_duplicates', 'dependencies', 'galaxy_info', 'argument_specs', 'collections', 'standalone'];

/** A role as an entry of roles: or dependencies: names it. */
export interface RoleEntry {
  readonly role: string;
  readonly position: Position;
  readonly params: Mapping;
  readonly keywords: NodeKeywords;
}

/** Reads meta/main.yml and meta/argument_specs.yml of a role. */
export function loadRoleMeta(loading: Loading, role: string, position: Position): RoleMeta {
  const main = readMeta(loading, roleFiles(role, 'meta', undefined, false)[0], position);
  const specs = readMeta(loading, roleFiles(role, 'meta', 'argument_specs', false)[0], position);
  for (const key of Object.keys(main)) {
    if (metaKeys.includes(key)) continue;
    const message = `"${key}" is not a key of a role's meta/main.yml.`;
    loading.add({
      code: 'unknown-keyword',
      message,
      position: placeOfKey(main, key) ?? position,
      hint: didYouMean(key, metaKeys),
    });
  }
  const argumentSpecs = specs.argument_specs ?? main.argument_specs;
  return {
    collections: loadCollections(new Fields(loading, main, 'role', position)) ?? [],
    allowDuplicates: booleanWord(scalarText(main.allow_duplicates ?? false) ?? '') ?? false,
    dependencies: loadRoleEntries(loading, main.dependencies ?? null, placeIn(main, 'dependencies', position)),
    ...(isMapping(argumentSpecs) ? { argumentSpecs } : {}),
  };
}

function readMeta(loading: Loading, file: string | undefined, position: Position): Mapping {
  const value = file === undefined ? null : (loading.attempt(() => loading.readYaml(file), position) ?? null);
  if (value === null || isMapping(value)) return value ?? mapping();
  const start = positionOfRoot(value) ?? startOf(file!);
  loading.add({
    code: 'parse',
    message: `A role's meta file must hold a dict, not ${kindOf(value)}.`,
    position: start,
  });
  return mapping();
}

/** Reads a list of roles: names, or dicts with a name, keywords, and parameters under any other key. */
export function loadRoleEntries(loading: Loading, list: Value, position: Position): RoleEntry[] {
  if (list === null) return [];
  if (!Array.isArray(list)) {
    loading.add({ code: 'parse', message: `Roles must be a list, not ${kindOf(list)}.`, position });
    return [];
  }
  return list.flatMap((entry, index) => roleEntry(loading, entry, placeIn(list, index, position)) ?? []);
}

function roleEntry(loading: Loading, entry: Value, position: Position): RoleEntry | undefined {
  if (typeof entry === 'string') {
    const [role = ''] = entry.split(',');
    return { role: role.trim(), position, params: mapping(), keywords: { tags: [], when: [] } };
  }
  const name = isMapping(entry) ? scalarText(entry.role ?? entry.name ?? entry.src ?? null) : undefined;
  if (!isMapping(entry) || name === undefined) {
    const message = 'A role must be a name, or a dict with "role".';
    loading.add({ code: 'parse', message, position });
    return undefined;
  }
  const { name: _, ...keywords } = loadNodeKeywords(new Fields(loading, entry, 'role', position));
  const fields = new Fields(loading, entry, 'role', position);
  fields.reportUnknown((key) => !keywordsOf('role').has(key));
  if (fields.has('collections')) {
    const text =
      'collections means nothing beside the name of a role: in Ansible, too, those of the play and of the role count';
    loading.warn(text, fields.at('collections'));
  }
  const params = mapping();
  for (const key of Object.keys(entry)) {
    if (key === 'role' || key === 'src' || keywordsOf('role').has(key)) continue;
    params[key] = entry[key]!;
    checkVariables(loading, entry[key]!, placeIn(entry, key, position));
  }
  const key = ['role', 'name', 'src'].find((one) => entry[one] !== undefined && entry[one] !== null)!;
  return { role: name, position: placeIn(entry, key, position), params, keywords };
}
