import path from 'node:path';
import { KplayError } from '../errors.ts';
import type { Position } from '../position.ts';
import { findFile } from '../search-path.ts';
import { isMapping } from '../value.ts';
import { kindOf, type Loading, type NodeContext, startOf } from './loading.ts';
import type { TaskTreeNode } from './tree.ts';
import { positionOfRoot } from './yaml.ts';

/**
 * Finds a file of tasks as Ansible does: beside the including file and those that include it, then in the role's
 * tasks/ (among handlers in handlers/ first), then beside the playbook. Throws KplayError `missing-file`.
 */
export function findTaskFile(name: string, context: NodeContext, position: Position): string {
  const kind = context.handlers ? 'handlers' : 'tasks';
  const folders: string[] = context.files.map((file) => path.dirname(file));
  // Handlers of a role may include its tasks.
  const below = context.handlers ? [kind, 'tasks', ''] : [kind, ''];
  if (context.role) folders.push(...below.map((one) => path.join(context.role!.role.path, one)));
  folders.push(path.join(context.play.folder, kind), context.play.folder);
  const found = findFile(name, undefined, folders);
  if (found !== undefined) return found;
  throw new KplayError({
    code: 'missing-file',
    message: `There is no file of tasks "${name}".`,
    position,
    hint: path.isAbsolute(name) ? undefined : `It was looked for in ${[...new Set(folders)].join(', ')}.`,
  });
}

/** Loads the tasks of a file. An empty file is only warned of. */
export async function loadTaskFile(
  loading: Loading,
  file: string,
  position: Position,
  context: NodeContext,
): Promise<TaskTreeNode[]> {
  const inside: NodeContext = { ...context, files: [file, ...context.files] };
  const list = loading.attempt(() => loading.readYaml(file), position);
  if (list === undefined) return [];
  if (list === null) {
    loading.warn(`The file ${file} is empty and has no tasks to include.`, position);
    return [];
  }
  const start = positionOfRoot(list) ?? startOf(file);
  if (!Array.isArray(list)) {
    const message = `A file of tasks must hold a list of tasks, not ${kindOf(list)}.`;
    const hint =
      isMapping(list) && 'hosts' in list ? 'This is a play; use import_playbook.' : 'Begin each task with "- ".';
    loading.add({ code: 'parse', message, position: start, hint });
    return [];
  }
  if (list.some((entry) => isMapping(entry) && 'hosts' in entry && ('tasks' in entry || 'roles' in entry))) {
    loading.add({
      code: 'parse',
      message: 'This file holds plays, but it is included as tasks.',
      position: start,
      hint: 'Use import_playbook beside the plays.',
    });
    return [];
  }
  return loading.loaders.tasks(loading, list, start, inside);
}
