import { existsSync } from 'node:fs';
import path from 'node:path';
import { type Position, placeOfKey } from '../position.ts';
import { isMapping, type Mapping, mapping, type Value } from '../value.ts';
import { playbookOfCollection } from './collections.ts';
import { loadCommon } from './common-keywords.ts';
import { Fields } from './fields.ts';
import { kindOf, type Loading, type NodeContext, placeIn, startOf } from './loading.ts';
import { loadPlay, type PlayImport } from './play.ts';
import { renderStatic } from './static-scope.ts';
import type { PlayNode } from './tree.ts';
import { positionOfRoot } from './yaml.ts';

const importKeys = ['import_playbook', 'ansible.builtin.import_playbook', 'ansible.legacy.import_playbook'];

/** Loads the plays of a playbook file, imported playbooks in their places. `chain` holds the files that import it. */
export async function loadPlays(
  loading: Loading,
  file: string,
  imported: PlayImport,
  chain: readonly string[] = [],
  from?: Position,
): Promise<PlayNode[]> {
  const list = loading.attempt(() => loading.readYaml(file), from);
  if (list === undefined) return [];
  const start = positionOfRoot(list) ?? startOf(file);
  if (!Array.isArray(list) || list.length === 0) {
    const isEmpty = list === null || Array.isArray(list);
    loading.add({
      code: 'parse',
      message: isEmpty ? 'The playbook is empty.' : `A playbook must be a list of plays, not ${kindOf(list)}.`,
      position: start,
      hint: 'A play begins with "- hosts: ".',
    });
    return [];
  }
  const plays: PlayNode[] = [];
  for (const [index, entry] of list.entries()) {
    const position = placeIn(list, index, start);
    plays.push(...(await loadEntry(loading, entry, position, file, imported, chain)));
  }
  return plays;
}

async function loadEntry(
  loading: Loading,
  entry: Value,
  position: Position,
  file: string,
  imported: PlayImport,
  chain: readonly string[],
): Promise<PlayNode[]> {
  if (!isMapping(entry)) {
    loading.add({ code: 'parse', message: `A play must be a dict, not ${kindOf(entry)}.`, position });
    return [];
  }
  const key = importKeys.find((name) => name in entry);
  if (key !== undefined) return importPlays(loading, entry, key, position, file, imported, chain);
  if ('include' in entry && !('hosts' in entry)) {
    const hint = 'Use import_playbook.';
    const message = '"include" of playbooks is not supported.';
    loading.add({ code: 'unsupported', message, position: placeOfKey(entry, 'include') ?? position, hint });
    return [];
  }
  return [await loadPlay(loading, entry, position, file, path.dirname(file), imported)];
}

async function importPlays(
  loading: Loading,
  dict: Mapping,
  key: string,
  position: Position,
  file: string,
  outer: PlayImport,
  chain: readonly string[],
): Promise<PlayNode[]> {
  const fields = new Fields(loading, dict, 'import_playbook', position);
  fields.reportUnknown((name) => name === key);
  const place = placeIn(dict, key, position);
  const own = loadCommon(fields);
  const context = emptyContext(file, outer);
  const name = loading.attempt(() => renderStatic(loading, dict[key] ?? null, context, own.vars, place), place);
  if (name === undefined) return [];
  // A collection's playbook comes before a file of that name, as in Ansible.
  const target = playbookOfCollection(loading, context, name) ?? path.resolve(path.dirname(file), name);
  if (name === '' || !existsSync(target)) {
    const message = name === '' ? '"import_playbook" needs the name of a file.' : `There is no playbook "${name}".`;
    const hint = name === '' ? undefined : `It was looked for in ${path.dirname(file)}.`;
    loading.add({ code: 'missing-file', message, position: place, hint });
    return [];
  }
  if (target === file || chain.includes(target)) {
    loading.add({ code: 'parse', message: `The playbook "${name}" imports itself.`, position: place });
    return [];
  }
  const vars = mapping();
  for (const part of [own.vars, outer.vars]) if (part) Object.assign(vars, part);
  const inner: PlayImport = {
    vars,
    tags: [...outer.tags, ...own.tags],
    when: [...outer.when, ...(fields.conditions('when') ?? [])],
  };
  return loadPlays(loading, target, inner, [file, ...chain], place);
}

function emptyContext(file: string, imported: PlayImport): NodeContext {
  const play = {
    folder: path.dirname(file),
    vars: [imported.vars],
    roles: new Map(),
    notified: [],
    handlers: [],
    handlersUnknown: false,
    checked: new Set<string>(),
    moduleDefaults: undefined,
    rules: undefined,
  };
  return {
    play,
    parent: undefined,
    role: undefined,
    files: [file],
    handlers: false,
    imports: [],
    collections: [],
    uncertain: false,
  };
}
