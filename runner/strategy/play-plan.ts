import type { BlockNode, IncludeNode, PlayNode, RoleNode, TaskNode, TaskTreeNode } from '../language/tree.ts';
import { childrenOf, walkTree } from '../language/walk.ts';
import { repr } from '../python/text.ts';
import type { Mapping } from '../value.ts';
import type { Step } from './step.ts';

/** A part of a play; handlers are flushed after it when `flush` is set. */
export interface Section {
  readonly nodes: readonly TaskTreeNode[];
  readonly flush: boolean;
}

/** A handler, as one use of a role or the play brings it. */
export interface Handler {
  readonly node: TaskNode | IncludeNode;
  /** Finished variables of the includes around the role. */
  readonly loopVars: Mapping;
}

/** How tags, names and handlers are looked up; given by who can render templates. */
export interface PlanResolver {
  /** Whether the tags of a task or include select it. */
  isSelected(node: TaskNode | IncludeNode): boolean;
  /**
   * What a task that changed something on a host notifies (names may hold templates; a loop's items are in the result).
   * Throws KplayError for what no handler has or listens to.
   */
  notifications(step: Step, host: string, result: Mapping | undefined, handlers: readonly Handler[]): readonly string[];
  /** The handlers that have a name on a host, or listen to it. */
  handlersOf(notification: string, host: string, handlers: readonly Handler[]): readonly Handler[];
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
  /** In the order in which they run. Those that came last win over others of their name. */
  readonly handlers: Handler[];
  readonly #resolver: PlanResolver;
  readonly #start: StartPoint;
  readonly #selected = new WeakMap<TaskTreeNode, boolean>();
  readonly #completed = new Map<string, Set<string>>();
  readonly #ran = new Map<RoleNode, Set<string>>();
  readonly #brought = new Map<TaskNode | IncludeNode, Set<string>>();

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
    const loopVars = {};
    this.handlers = handlersIn(play).map((node) => ({ node, loopVars }));
    this.#resolver = resolver;
    this.#start = start;
  }

  /** Adds the handlers of the roles that an include brought, once for the same variables, whichever hosts come to it. */
  addHandlers(nodes: readonly TaskTreeNode[], loopVars: Mapping): void {
    const added = usesIn(nodes).flatMap((use) => use.handlers.flatMap(flatten));
    if (added.length === 0) return;
    const variables = repr(loopVars);
    for (const node of added) {
      const known = this.#brought.get(node) ?? new Set();
      if (known.has(variables)) continue;
      this.#brought.set(node, known.add(variables));
      this.handlers.push({ node, loopVars });
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
    return childrenOf(node).some((child) => this.hasSelected(child));
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

  /** What a task that changed something notifies: see PlanResolver. */
  notifications(step: Step, host: string, result: Mapping | undefined): readonly string[] {
    return this.#resolver.notifications(step, host, result, this.handlers);
  }

  /** The handlers of that name now: those of a role that came later take the place of earlier ones. */
  handlersOf(notification: string, host: string): readonly Handler[] {
    return this.#resolver.handlersOf(notification, host, this.handlers);
  }
}

const roleKeys = new WeakMap<RoleNode, string>();

function roleKey(node: RoleNode): string {
  let key = roleKeys.get(node);
  if (key === undefined) {
    const { when, tags } = node.keywords;
    key = repr([
      node.role.path,
      node.params ?? null,
      when.map((one) => one.value),
      tags.map((one) => one.value),
      node.keywords.vars ?? null,
    ]);
    roleKeys.set(node, key);
  }
  return key;
}

/** Every role of a play that is known before it runs, each once, in order. */
export function rolesOf(play: PlayNode): RoleNode[] {
  const seen = new Set<string>();
  return usesOf(play).filter(({ role }) => !seen.has(role.path) && seen.add(role.path));
}

/** Every use of a role that is known before the play runs, in order. */
function usesOf(play: PlayNode): RoleNode[] {
  return usesIn([...play.preTasks, ...play.roles, ...play.tasks, ...play.postTasks]);
}

function usesIn(nodes: readonly TaskTreeNode[]): RoleNode[] {
  return [...walkTree(nodes)].filter((node) => node.type === 'role');
}

/** The handlers of a play as Ansible orders them: of the roles that it lists, its own, of those that its tasks import. */
function handlersIn(play: PlayNode): (TaskNode | IncludeNode)[] {
  const uses = usesOf(play);
  const imported = (use: RoleNode): boolean => {
    if (use.via === 'dependency') return use.dependencyOf !== undefined && imported(use.dependencyOf);
    return use.via === 'import_role';
  };
  const handlersOf = (some: readonly RoleNode[]): readonly TaskTreeNode[] => some.flatMap((use) => use.handlers);
  const listed = uses.filter((use) => !imported(use));
  return [...handlersOf(listed), ...play.handlers, ...handlersOf(uses.filter(imported))].flatMap(flatten);
}

function flatten(node: TaskNode | BlockNode | IncludeNode | TaskTreeNode): (TaskNode | IncludeNode)[] {
  if (node.type === 'block') return node.block.flatMap(flatten);
  if (node.type === 'role') return node.tasks.flatMap(flatten);
  return [node];
}
