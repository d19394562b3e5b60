import type { Position } from '../position.ts';
import type { Mapping, Value } from '../value.ts';

/** A value that was written in a playbook, with its place; may hold templates. */
export interface Written<T extends Value = Value> {
  readonly value: T;
  readonly position: Position;
}

/** A condition (`when`, `changed_when`, `failed_when`, `until`): texts or booleans, all of which must hold. */
export type Conditions = readonly Written<string | boolean>[];

/** Collections in which short names of modules and roles are looked for, in this order, before anywhere else. */
export type Collections = readonly Written<string>[];

/**
 * Keywords that plays, roles, blocks and tasks share. Absent means inherited. Values that may hold templates are
 * kept as written and rendered when a task runs.
 */
export interface CommonKeywords {
  readonly name?: Written<string> | undefined;
  readonly vars?: Mapping | undefined;
  readonly environment?: readonly Written[] | undefined;
  readonly tags: readonly Written<string>[];
  readonly connection?: Written | undefined;
  readonly port?: Written | undefined;
  readonly remoteUser?: Written | undefined;
  readonly become?: Written | undefined;
  readonly becomeMethod?: Written | undefined;
  readonly becomeUser?: Written | undefined;
  readonly becomeFlags?: Written | undefined;
  readonly becomeExe?: Written | undefined;
  readonly noLog?: Written | undefined;
  readonly runOnce?: Written | undefined;
  readonly ignoreErrors?: Written | undefined;
  readonly ignoreUnreachable?: Written | undefined;
  readonly checkMode?: Written | undefined;
  readonly diff?: Written | undefined;
  readonly anyErrorsFatal?: Written | undefined;
  readonly throttle?: Written | undefined;
  readonly timeout?: Written | undefined;
  /** Default arguments per module (short name), nearest first wins per argument. */
  readonly moduleDefaults?: Mapping | undefined;
}

/** Keywords of everything below a play. */
export interface NodeKeywords extends CommonKeywords {
  /** The parents' conditions are not in here; {@link TaskNode.parent} leads to them. */
  readonly when: Conditions;
  readonly delegateTo?: Written | undefined;
  readonly delegateFacts?: Written | undefined;
}

export interface LoopControl {
  readonly loopVar?: Written<string> | undefined;
  readonly indexVar?: Written<string> | undefined;
  readonly label?: Written | undefined;
  readonly pause?: Written | undefined;
  readonly extended?: Written | undefined;
  readonly extendedAllitems?: Written | undefined;
  readonly breakWhen: Conditions;
}

/** Where a task's items come from: `loop`, or `with_NAME` by its lookup. */
export interface Loop {
  /** Absent for `loop`. */
  readonly lookup?: string | undefined;
  readonly terms: Written;
}

interface Node {
  readonly position: Position;
  /** The block, role or include that holds this node; its keywords are inherited. */
  readonly parent?: ParentNode | undefined;
}

/** A task that runs a module. */
export interface TaskNode extends Node {
  readonly type: 'task';
  readonly keywords: NodeKeywords;
  /** Canonical module name without collection, `dnf` for `ansible.builtin.yum`; as written in {@link action}. */
  readonly module: string;
  readonly action: Written<string>;
  /** Arguments as written, free-form and k=v text already split into the schema's terms (`_raw` for the free text). */
  readonly args: Mapping;
  /** `args: "{{ x }}"` or a module given one templated text: rendered first, then read as arguments. */
  readonly argsTemplate?: Written<string> | undefined;
  readonly loop?: Loop | undefined;
  readonly loopControl?: LoopControl | undefined;
  readonly register?: string | undefined;
  readonly changedWhen?: Conditions | undefined;
  readonly failedWhen?: Conditions | undefined;
  readonly until?: Conditions | undefined;
  readonly retries?: Written | undefined;
  readonly delay?: Written | undefined;
  readonly notify: readonly Written<string>[];
  readonly async?: Written | undefined;
  readonly poll?: Written | undefined;
  /** Of handlers. */
  readonly listen?: readonly Written<string>[] | undefined;
}

/** A block. `import_tasks` and `import_role` become blocks too: their keywords pass to every child. */
export interface BlockNode extends Node {
  readonly type: 'block';
  readonly keywords: NodeKeywords;
  readonly block: readonly TaskTreeNode[];
  readonly rescue: readonly TaskTreeNode[];
  readonly always: readonly TaskTreeNode[];
  readonly notify: readonly Written<string>[];
  /** Why it exists, when nobody wrote `block`: for list-tasks, names and search paths. */
  readonly origin?: 'import_tasks' | 'import_role' | 'include' | 'play-section' | undefined;
  /** File whose tasks these are, for relative paths. */
  readonly file?: string | undefined;
}

/** include_tasks, include_role: resolved while running, per host and item. */
export interface IncludeNode extends Node {
  readonly type: 'include';
  readonly kind: 'include_tasks' | 'include_role';
  /** The action as written. */
  readonly action: Written<string>;
  readonly keywords: NodeKeywords;
  readonly loop?: Loop | undefined;
  readonly loopControl?: LoopControl | undefined;
  readonly register?: string | undefined;
  /** file, or name / tasks_from / vars_from / defaults_from / handlers_from / public / allow_duplicates, as written. */
  readonly args: Mapping;
  /** Keywords given to all that is included. */
  readonly apply?: NodeKeywords | undefined;
  readonly notify: readonly Written<string>[];
  /** Whether an include stands among handlers. */
  readonly listen?: readonly Written<string>[] | undefined;
}

/** A role in its place in a play, with all it brings. Dependencies stand before it as nodes of their own. */
export interface RoleNode extends Node {
  readonly type: 'role';
  readonly keywords: NodeKeywords;
  readonly role: Role;
  /** Parameters given where it is used. */
  readonly params: Mapping;
  readonly tasks: readonly TaskTreeNode[];
  /** The role's handlers as this use has them: they see its parameters. */
  readonly handlers: readonly (TaskNode | BlockNode | IncludeNode)[];
  /** The use of a role that asked for this one as a dependency. */
  readonly dependencyOf?: RoleNode | undefined;
  /** The uses that this one asks for; they are seen by its tasks whether they run again or not. */
  readonly dependencies: readonly RoleNode[];
  /** `static` in roles: and import_role; include_role makes one while running. */
  readonly via: 'roles' | 'import_role' | 'include_role' | 'dependency';
  readonly allowDuplicates: boolean;
  /** Whether defaults and vars are seen by the rest of the play (false only for include_role without public). */
  readonly public: boolean;
}

export type TaskTreeNode = TaskNode | BlockNode | IncludeNode | RoleNode;
export type ParentNode = BlockNode | RoleNode | IncludeNode;

/** What is read of a role's files once whatever the number of uses with the same `*_from`. */
export interface Role {
  /** Name as roles are known by: the folder's name, or `collection.name`. */
  readonly name: string;
  /** The folder. */
  readonly path: string;
  readonly defaults: Mapping;
  readonly vars: Mapping;
  readonly meta: RoleMeta;
}

export interface RoleMeta {
  readonly allowDuplicates: boolean;
  /** Where its tasks' short names of modules and roles are looked for first. */
  readonly collections: Collections;
  readonly dependencies: readonly {
    readonly role: string;
    readonly position: Position;
    readonly params: Mapping;
    readonly keywords: NodeKeywords;
  }[];
  /** argument_specs by entry point, as written. */
  readonly argumentSpecs?: Mapping | undefined;
}

export interface PlayNode {
  readonly type: 'play';
  readonly position: Position;
  readonly keywords: CommonKeywords;
  /** Pattern texts, joined by a comma later; may hold templates over extra vars. */
  readonly hosts: Written<string>;
  readonly gatherFacts?: Written | undefined;
  readonly gatherSubset?: Written | undefined;
  readonly gatherTimeout?: Written | undefined;
  readonly factPath?: Written | undefined;
  readonly varsFiles: readonly Written[];
  readonly varsPrompt: readonly VarsPrompt[];
  readonly strategy: 'linear' | 'free' | 'host_pinned';
  readonly order: 'inventory' | 'reverse_inventory' | 'sorted' | 'reverse_sorted' | 'shuffle';
  readonly serial?: Written | undefined;
  readonly maxFailPercentage?: Written | undefined;
  readonly forceHandlers?: Written | undefined;
  readonly preTasks: readonly TaskTreeNode[];
  readonly roles: readonly RoleNode[];
  readonly tasks: readonly TaskTreeNode[];
  readonly postTasks: readonly TaskTreeNode[];
  readonly handlers: readonly (TaskNode | BlockNode | IncludeNode)[];
  /** Conditions passed by import_playbook to every task; its vars and tags are merged into keywords. */
  readonly when: Conditions;
}

export interface VarsPrompt {
  readonly name: string;
  readonly prompt: string;
  readonly private: boolean;
  readonly default?: Value | undefined;
  readonly confirm: boolean;
  readonly unsafe: boolean;
  readonly position: Position;
}

export interface Playbook {
  readonly file: string;
  readonly plays: readonly PlayNode[];
}
