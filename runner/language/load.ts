import type { HashBehaviour } from '../dicts.ts';
import type { Warn } from '../errors.ts';
import type { ArgumentSchema } from '../module/arguments.ts';
import type { ModuleDescription } from '../module/contract.ts';
import type { Templar } from '../template/templar.ts';
import type { Mapping } from '../value.ts';
import type { IncludeNode, Playbook, RoleNode, TaskTreeNode } from './tree.ts';

/** What the loader must know of a module to check a task before any host is touched. */
export type ModuleSignature = Pick<
  ModuleDescription<ArgumentSchema>,
  | 'name'
  | 'aliases'
  | 'collections'
  | 'args'
  | 'rules'
  | 'freeForm'
  | 'takesCommand'
  | 'extraArguments'
  | 'templatedNames'
>;

/** Finds modules by any of their names; loads a module's file only when it is asked for. */
export interface ModuleCatalog {
  /** The signature, or undefined for an unknown name. `searchFolders` are library/ folders of users. */
  signature(name: string): Promise<ModuleSignature | undefined>;
  readonly names: ReadonlySet<string>;
}

export interface LoadOptions {
  readonly catalog: ModuleCatalog;
  readonly templar: Templar;
  /** Folders with roles beside the playbook's own roles/, nearest first. */
  readonly rolePath: readonly string[];
  /** Directory of the first playbook, in which files are looked for last. */
  readonly playbookFolder?: string | undefined;
  /** Folders with ansible_collections/, after collections/ beside the playbook. */
  readonly collectionPath?: readonly string[] | undefined;
  /** The package's own playbooks, and its roles, which are for these alone. */
  readonly own?: { readonly playbooks: string; readonly roles: string } | undefined;
  /** Variables known before the run (extra vars), for templates in static imports. */
  readonly extraVars: Mapping;
  /** What becomes of dicts of one name in several files of a role; the last one counts when absent. */
  readonly hashBehaviour?: HashBehaviour | undefined;
  /** Whether templates, arguments, and files that tasks name are left unchecked: for listing what there is, which needs none of them. */
  readonly outlineOnly?: boolean | undefined;
  /** Whether what is wrong in a part that a run may never reach is an error as any other. */
  readonly strict?: boolean | undefined;
  /** Told of what is no error: duplicate keys, braces in a condition. */
  readonly warn?: Warn | undefined;
}

/** Loads what include_tasks and include_role ask for while running, with the same checks. Results are cached by file and parent. */
export interface IncludeLoader {
  tasks(file: string, include: IncludeNode): Promise<readonly TaskTreeNode[]>;
  role(
    name: string,
    options: {
      readonly tasksFrom?: string;
      readonly varsFrom?: string;
      readonly defaultsFrom?: string;
      readonly handlersFrom?: string;
      readonly allowDuplicates?: boolean;
      readonly public?: boolean;
    },
    include: IncludeNode,
  ): Promise<readonly RoleNode[]>;
}

export interface Loaded {
  readonly playbooks: readonly Playbook[];
  readonly includes: IncludeLoader;
}
