import { environmentOf, keywordsAround, nearest, tagsOf, whenOf } from '../language/inherit.ts';
import { defaultLevels, moduleDefaults } from '../language/module-defaults.ts';
import type { Conditions, IncludeNode, PlayNode, TaskNode, Written } from '../language/tree.ts';
import type { Module } from '../module/contract.ts';
import type { Mapping } from '../value.ts';

const inheritedNames = [
  'connection',
  'port',
  'remoteUser',
  'become',
  'becomeMethod',
  'becomeUser',
  'becomeFlags',
  'becomeExe',
  'noLog',
  'runOnce',
  'ignoreErrors',
  'ignoreUnreachable',
  'checkMode',
  'diff',
  'anyErrorsFatal',
  'throttle',
  'timeout',
  'delegateTo',
  'delegateFacts',
] as const;

export type InheritedName = (typeof inheritedNames)[number];

/** Everything about a task that is the same for all hosts and items, worked out once. */
export interface CompiledTask {
  readonly node: TaskNode | IncludeNode;
  readonly play: PlayNode;
  readonly keywords: Readonly<Partial<Record<InheritedName, Written>>>;
  /** Parents' conditions first. */
  readonly when: Conditions;
  readonly tags: readonly Written<string>[];
  /** Parents' first. */
  readonly environment: readonly Written[];
  /** Defaults for this task's module, nearest wins. */
  readonly moduleDefaults: Mapping;
  /** Absent for includes and meta. */
  readonly module?: Module | undefined;
}

const compiled = new WeakMap<TaskNode | IncludeNode, CompiledTask>();

/** The compiled form of a task; remembered as long as the tree lives. `module` is needed the first time. */
export function compileTask(node: TaskNode | IncludeNode, play: PlayNode, module?: Module): CompiledTask {
  const known = compiled.get(node);
  if (known && known.play === play && (known.module || !module)) return known;
  const keywords: Partial<Record<InheritedName, Written>> = {};
  const around = keywordsAround(node, play);
  for (const name of inheritedNames) {
    const value = nearest(around, name);
    if (value !== undefined) keywords[name] = value as Written;
  }
  const task: CompiledTask = {
    node,
    play,
    keywords,
    when: whenOf(node, play),
    tags: tagsOf(node, play),
    environment: environmentOf(node, play),
    moduleDefaults: module ? defaultsFor(node, play, module) : {},
    module,
  };
  compiled.set(node, task);
  return task;
}

function defaultsFor(node: TaskNode | IncludeNode, play: PlayNode, module: Module): Mapping {
  const written = node.type === 'task' ? node.action.value : module.name;
  return moduleDefaults(module, written, defaultLevels(node, play.keywords.moduleDefaults)) ?? {};
}
