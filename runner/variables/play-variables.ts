import type { HashBehaviour } from '../dicts.ts';
import type { PlayNode, RoleNode, TaskTreeNode } from '../language/tree.ts';
import { walkTree } from '../language/walk.ts';
import type { Templar } from '../template/templar.ts';
import type { HostFacts } from './facts.ts';
import type { Layer } from './layer.ts';
import { finished, written } from './layer.ts';
import { defaultsOfRole, layersOfRole, varsOfRole } from './node-variables.ts';
import type { PlayState } from './variables.ts';
import { VarsFiles } from './vars-files.ts';

/** Layers that many tasks of a host share. */
export interface LowerLayers {
  readonly facts: HostFacts;
  /** What the inventory gives. */
  readonly given: readonly Layer[];
  readonly layers: readonly Layer[];
}

/** What belongs to one play: its files of variables and the roles that all of it sees. */
export class PlayVariables {
  readonly play: PlayNode;
  readonly varsFiles: VarsFiles;
  /** What {@link ownLayers} and the layers below make for each host, and what it was made of. */
  readonly lowerLayers = new Map<string, LowerLayers>();
  #state: PlayState | undefined;
  readonly #exposed = new Set<RoleNode>();
  #vars: readonly Layer[] | undefined;
  #defaults: readonly Layer[] | undefined;

  constructor(play: PlayNode, playbookFolder: string, templar: Templar, behaviour: HashBehaviour) {
    this.play = play;
    this.varsFiles = new VarsFiles(play, playbookFolder, templar, behaviour);
    // As in Ansible, the play's own roles come before those that their tasks import.
    for (const role of play.roles) if (role.public) this.expose(role);
    for (const section of [play.preTasks, play.roles, play.tasks, play.postTasks]) {
      for (const role of rolesIn(section)) this.expose(role);
    }
  }

  /** Absent until the play begins: then only its keywords are rendered. */
  get state(): PlayState | undefined {
    return this.#state;
  }

  start(state: PlayState): void {
    this.#state = state;
    this.lowerLayers.clear();
  }

  /** Prompts' answers, and the play's vars. */
  ownLayers(): Layer[] {
    const layers: Layer[] = [];
    if (this.#state) layers.push(finished(this.#state.prompted));
    const { vars } = this.play.keywords;
    if (vars) layers.push(written(vars));
    return layers;
  }

  expose(role: RoleNode): void {
    this.#exposed.add(role);
    this.#vars = undefined;
    this.#defaults = undefined;
  }

  /** Variables of all exposed roles, highest first: a later role wins. */
  roleVars(): readonly Layer[] {
    this.#vars ??= this.#layers(varsOfRole);
    return this.#vars;
  }

  /** Defaults of all exposed roles, highest first. */
  roleDefaults(): readonly Layer[] {
    this.#defaults ??= this.#layers(defaultsOfRole);
    return this.#defaults;
  }

  /** Names of the exposed roles that the play itself names. */
  ownRoleNames(): string[] {
    return this.#names((role) => role.dependencyOf === undefined);
  }

  /** Names of the exposed roles that others depend on. */
  dependentRoleNames(): string[] {
    return this.#names((role) => role.dependencyOf !== undefined);
  }

  #names(wanted: (role: RoleNode) => boolean): string[] {
    return [...new Set([...this.#exposed].filter(wanted).map((role) => role.role.name))];
  }

  #layers(sort: typeof varsOfRole): Layer[] {
    const own = [...this.#exposed].filter((role) => role.dependencyOf === undefined).reverse();
    const seen = new Set<RoleNode>();
    return own.flatMap((role) => layersOfRole(role, sort, true, seen));
  }
}

/** All roles that are known before the play runs. */
function* rolesIn(nodes: Iterable<TaskTreeNode>): Generator<RoleNode> {
  for (const node of walkTree(nodes)) if (node.type === 'role' && node.public) yield node;
}
