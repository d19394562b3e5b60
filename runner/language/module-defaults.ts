import { isMapping, type Mapping } from '../value.ts';
import { keywordsAround } from './inherit.ts';
import type { ModuleSignature } from './load.ts';
import type { TaskTreeNode } from './tree.ts';

type Named = Pick<ModuleSignature, 'name' | 'aliases' | 'collections'>;

/**
 * The arguments that module_defaults give a module: those of the nearest level that names it. As in Ansible they take the place of
 * outer ones, so that an empty dict takes these away. `levels` stand the farthest first; `written` is the name that the task has.
 */
export function moduleDefaults(
  module: Named,
  written: string,
  levels: readonly (Mapping | undefined)[],
): Mapping | undefined {
  if (levels.every((level) => level === undefined)) return undefined;
  const names = namesOf(module, written);
  let found: Mapping | undefined;
  for (const level of levels) {
    for (const [name, args] of Object.entries(level ?? {})) if (names.has(name) && isMapping(args)) found = args;
  }
  return found;
}

function namesOf({ name, aliases = [], collections = [] }: Named, written: string): ReadonlySet<string> {
  const short = [name, ...aliases, written];
  const prefixes = ['ansible.builtin', 'ansible.legacy', ...collections];
  return new Set([...short, ...short.flatMap((one) => prefixes.map((prefix) => `${prefix}.${one}`))]);
}

/** The module_defaults of a play, of all that a task stands in, and its own, the farthest first. */
export function defaultLevels(node: TaskTreeNode, play: Mapping | undefined): (Mapping | undefined)[] {
  return [
    play,
    ...keywordsAround(node)
      .map((keywords) => keywords.moduleDefaults)
      .reverse(),
  ];
}
