import path from 'node:path';
import { keywordsAround } from '../../../runner/language/inherit.ts';
import type { Playbook, TaskTreeNode } from '../../../runner/language/tree.ts';

/** A tree as plain data to compare: places as `file:line:column`, written values alone, parents left out. */
export function plainTree(folder: string, value: unknown): unknown {
  if (Array.isArray(value)) return value.map((entry) => plainTree(folder, entry));
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).filter(([key, entry]) => !hidden(key, entry));
  if (isPlace(value)) return `${path.relative(folder, value.file)}:${value.line}:${value.column}`;
  if ('value' in value && 'position' in value) return plainTree(folder, value.value);
  return Object.fromEntries(
    entries.map(([key, entry]) => [
      key,
      key === 'file' || key === 'path' ? relative(folder, entry) : plainTree(folder, entry),
    ]),
  );
}

function hidden(key: string, entry: unknown): boolean {
  const empty = (Array.isArray(entry) && entry.length === 0) || entry === undefined;
  // Uses of other roles stand in the tree themselves; a role's meta has dependencies that are none.
  const uses = key === 'dependencies' && Array.isArray(entry) && entry.every((one: object) => 'dependencyOf' in one);
  return key === 'parent' || key === 'dependencyOf' || uses || empty;
}

function relative(folder: string, file: unknown): unknown {
  return typeof file === 'string' && path.isAbsolute(file) ? path.relative(folder, file) : file;
}

function isPlace(value: object): value is { file: string; line: number; column: number } {
  return 'file' in value && 'line' in value && 'column' in value;
}

/** Every node of a playbook whose parent is not the one that holds it. */
export function wrongParents(playbook: Playbook): TaskTreeNode[] {
  const wrong: TaskTreeNode[] = [];
  const visit = (node: TaskTreeNode, parent: TaskTreeNode | undefined): void => {
    if (node.parent !== parent) wrong.push(node);
    keywordsAround(node);
    const children =
      node.type === 'block' ? [...node.block, ...node.rescue, ...node.always] : node.type === 'role' ? node.tasks : [];
    for (const child of children) visit(child, node);
  };
  for (const play of playbook.plays) {
    for (const node of [...play.preTasks, ...play.roles, ...play.tasks, ...play.postTasks, ...play.handlers])
      visit(node, undefined);
  }
  return wrong;
}
