import type { HashBehaviour } from '../dicts.ts';
import type { Warn } from '../errors.ts';
import type { Inventory } from '../inventory/inventory.ts';
import type { IncludeNode, PlayNode, RoleNode, TaskNode } from '../language/tree.ts';
import type { SecretRegister } from '../secrets/register.ts';
import type { Scope, Templar, TemplateContext } from '../template/templar.ts';
import type { Mapping, Value } from '../value.ts';
import type { ConnectionFlags } from './connection-variables.ts';

/** What changes from task to task and item to item: the top of the stack of scopes. */
export interface TaskScopeInput {
  readonly host: string;
  readonly play: PlayNode;
  /** Absent while a play's own keywords are rendered. */
  readonly node?: TaskNode | IncludeNode | RoleNode | undefined;
  /** Finished values above everything but extra vars: item, ansible_loop, index variables. */
  readonly loopVars?: Mapping | undefined;
  /** Variables that stand for the connection in delegated tasks are the delegate's. */
  readonly delegate?: string | undefined;
}

/**
 * Holds every variable of a run and answers look-ups in Ansible's order of precedence (facts/ansible.md). Layers are
 * looked through lazily; nothing is merged or copied per host and task. Values written in files are rendered when they
 * are looked up (once per task and host); facts, registered results and results of templates never are.
 */
export interface VariableStore {
  /** The variables of a task on a host. Cheap to make; renders what is asked for, remembers it as long as it lives. */
  scope(input: TaskScopeInput): Scope;
  /** The context for the templar: the scope, and the search path of the node (role's folders, task file's, playbook's). */
  context(input: TaskScopeInput): TemplateContext;
  /** Begins a play: its vars, vars_files (rendered per host when needed), prompts' answers. */
  startPlay(play: PlayNode, state: PlayState): void;
  /**
   * Reads the files of variables of all groups now, beside these plays' playbooks too, and those of all hosts where `hosts` is set: what is wrong with them is
   * known before a host is contacted. Throws KplayError with every problem.
   */
  readFiles(hosts: boolean, plays: readonly PlayNode[]): void;
  setFacts(host: string, facts: Mapping): void;
  clearFacts(host: string): void;
  /** set_fact and registered results; finished values. */
  setHostVariables(host: string, variables: Mapping): void;
  setIncludedVariables(host: string, variables: Mapping): void;
  /** A role that comes by; where it is public (roles:, import_role; include_role with public) the rest of the play sees its variables. */
  exposeRole(node: RoleNode): void;
}

/** What magic variables tell of the play; kept up to date by the strategy. */
export interface PlayState {
  readonly name: string;
  /** ansible_play_hosts_all */
  readonly allHosts: readonly string[];
  /** ansible_play_hosts: without failed and unreachable ones. */
  hosts(): readonly string[];
  /** ansible_play_batch */
  batch(): readonly string[];
  /** vars_prompt answers; finished. */
  readonly prompted: Mapping;
}

export interface VariableStoreOptions {
  readonly inventory: Inventory;
  readonly templar: Templar;
  readonly extraVars: Mapping;
  /** What becomes of dicts of one name on several levels; they replace each other when absent. */
  readonly hashBehaviour?: HashBehaviour | undefined;
  /** Folder of the first playbook, whose group_vars/ and host_vars/ count. */
  readonly playbookFolder: string;
  /** Magic variables that are the same for the whole run: ansible_check_mode, ansible_version, ansible_run_tags … */
  readonly run: Readonly<Record<string, Value>>;
  /** What the command line says about connections, which templates of tasks see where no variable says otherwise. */
  readonly connectionFlags?: ConnectionFlags | undefined;
  /** Told of variables with reserved names, each once. */
  readonly warn?: Warn | undefined;
  /** Gets the values of variables that are secret by their names, before anybody can show them. */
  readonly secrets: SecretRegister;
}
