import type { BlockNode, IncludeNode, PlayNode, RoleNode, TaskNode, TaskTreeNode } from '../language/tree.ts';

/** A part of a play; handlers are flushed after it when `flush` is set. */
export interface Section {
  readonly nodes: readonly TaskTreeNode[];
  readonly flush: boolean;
}

/** How tags, names and handlers are looked up; given by who can render templates. */
export interface PlanResolver {
  /** Whether the tags of a task or include select it. */
  isSelected(node: TaskNode | IncludeNode): boolean;
  /** The handlers that a task's notify names, for a host (names may hold templates). Throws KplayError for unknown ones. */
  handlersFor(
    node: TaskNode,
    host: string,
    handlers: readonly (TaskNode | IncludeNode)[],
  ): readonly { readonly node: TaskNode | IncludeNode; readonly name: string }[];
  /** Whether a task is the one that `--start-at-task` names. */
  isStart(node: TaskNode | IncludeNode): boolean;
}

/** Where `--start-at-task` stands; shared by the plays of a run. */
export interface StartPoint {
  found: boolean;
}

/** What all hosts share of a play's course: its sections, handlers, which roles ran where, which tasks are selected. */
export class PlayPlan {
  readonly sections: readonly Section[];
  readonly forceHandlers: boolean;
  readonly handlers: (TaskNode | IncludeNode)[];
  readonly #resolver: PlanResolver;
  readonly #start: StartPoint;
  readonly #selected = new WeakMap<TaskTreeNode, boolean>();
  readonly #completed = new Map<string, Set<string>>();
  readonly #ran = new Map<RoleNode, Set<string>>();

  constructor(
    play: PlayNode,
    gatherFacts: TaskNode | undefined,
    forceHandlers: boolean,
    resolver: PlanResolver,
    start: StartPoint,
  ) {
    this.sections = [
      { nodes: gatherFacts ? [gatherFacts] : [], flush: false },
      { nodes: play.preTasks, flush: true },
      { nodes: play.roles, flush: false },
      { nodes: play.tasks, flush: true },
      { nodes: play.postTasks, flush: true },
    ];
    this.forceHandlers = forceHandlers;
    this.handlers = [...rolesOf(play).flatMap((role) => role.role.handlers), ...play.handlers].flatMap(flatten);
    this.#resolver = resolver;
    this.#start = start;
  }

  /** Adds the handlers of a role that was included while running. */
  addHandlers(role: RoleNode): void {
    for (const handler of role.role.handlers.flatMap(flatten)) {
      if (!this.handlers.includes(handler)) this.handlers.push(handler);
    }
  }

  /** Whether a node, or anything below it, is selected by tags. */
  hasSelected(node: TaskTreeNode): boolean {
    let selected = this.#selected.get(node);
    if (selected === undefined) {
      selected = this.#findSelected(node);
      this.#selected.set(node, selected);
    }
    return selected;
  }

  #findSelected(node: TaskTreeNode): boolean {
    if (node.type === 'task' || node.type === 'include') return this.#resolver.isSelected(node);
    const children = node.type === 'block' ? [...node.block, ...node.rescue, ...node.always] : node.tasks;
    return children.some((child) => this.hasSelected(child));
  }

  /** False for tasks before the one that `--start-at-task` names. */
  starts(node: TaskNode | IncludeNode): boolean {
    if (!this.#start.found && this.#resolver.isStart(node)) this.#start.found = true;
    return this.#start.found;
  }

  /** Whether a role is to run on a host: the first time for the same parameters, unless duplicates are allowed. */
  beginRole(node: RoleNode, host: string): boolean {
    if (node.allowDuplicates || node.role.meta.allowDuplicates) return true;
    return !this.#completed.get(roleKey(node))?.has(host);
  }

  /** The role came to its end on a host; it counts only when a task of it ran. */
  endRole(node: RoleNode, host: string): void {
    if (!this.#ran.get(node)?.has(host)) return;
    const key = roleKey(node);
    const hosts = this.#completed.get(key) ?? new Set();
    hosts.add(host);
    this.#completed.set(key, hosts);
  }

  /** A task was not skipped on a host: every role around it has run there. */
  ranTask(node: TaskNode, host: string): void {
    for (let parent = node.parent; parent; parent = parent.parent) {
      if (parent.type !== 'role') continue;
      const hosts = this.#ran.get(parent) ?? new Set();
      hosts.add(host);
      this.#ran.set(parent, hosts);
    }
  }

  handlersFor(
    node: TaskNode,
    host: string,
  ): readonly { readonly node: TaskNode | IncludeNode; readonly name: string }[] {
    return this.#resolver.handlersFor(node, host, this.handlers);
  }
}

const roleKeys = new WeakMap<RoleNode, string>();

function roleKey(node: RoleNode): string {
  let key = roleKeys.get(node);
  if (key === undefined) {
    const { when, tags } = node.keywords;
    key = JSON.stringify([
      node.role.path,
      node.params,
      when.map((one) => one.value),
      tags.map((one) => one.value),
      node.keywords.vars,
    ]);
    roleKeys.set(node, key);
  }
  return key;
}

/** Every role of a play that is known before it runs, each once, in order. */
export function rolesOf(play: PlayNode): RoleNode[] {
  const roles: RoleNode[] = [];
  const seen = new Set<string>();
  const visit = (node: TaskTreeNode): void => {
    if (node.type === 'block') for (const child of [...node.block, ...node.rescue, ...node.always]) visit(child);
    if (node.type !== 'role') return;
    if (!seen.has(node.role.path)) {
      seen.add(node.role.path);
      roles.push(node);
    }
    for (const child of node.tasks) visit(child);
  };
  for (const node of [...play.preTasks, ...play.roles, ...play.tasks, ...play.postTasks]) visit(node);
  return roles;
}

function flatten(node: TaskNode | BlockNode | IncludeNode | TaskTreeNode): (TaskNode | IncludeNode)[] {
  if (node.type === 'block') return node.block.flatMap(flatten);
  if (node.type === 'role') return node.tasks.flatMap(flatten);
  return [node];
}
