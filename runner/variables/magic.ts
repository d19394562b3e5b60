import type { Inventory } from '../inventory/inventory.ts';
import { environmentOf, parentOf } from '../language/inherit.ts';
import type { PlayNode, RoleNode, TaskTreeNode } from '../language/tree.ts';
import { lazyMapping } from '../lazy-mapping.ts';
import { dictOf } from '../python/dict.ts';
import type { Scope, Templar } from '../template/templar.ts';
import type { Mapping, Value } from '../value.ts';
import type { PlayVariables } from './play-variables.ts';
import type { TaskScope } from './task-scope.ts';

/** What magic variables rest on that is the same for a whole run. */
export interface MagicCommons {
  readonly inventory: Inventory;
  readonly templar: Templar;
  readonly run: Readonly<Record<string, Value>>;
  /** The folder of the playbook that the running play stands in. */
  readonly playbookFolder: () => string;
  readonly hostvars: Mapping;
  readonly groups: () => Mapping;
}

/** What magic variables are made of. */
export interface MagicInput {
  readonly commons: MagicCommons;
  readonly host: string;
  readonly scope: TaskScope;
  /** Absent in `hostvars`. */
  readonly play?: PlayNode | undefined;
  readonly variables?: PlayVariables | undefined;
  readonly node?: TaskTreeNode | undefined;
  readonly roles: readonly RoleNode[];
  readonly searchPath: readonly string[];
  readonly delegate?: string | undefined;
}

/** How a magic variable is worked out. */
type Work = (input: MagicInput) => Value | undefined;

/** Magic variables that hold where something is known, and how to tell. */
interface Group {
  readonly holds: (input: MagicInput) => boolean;
  readonly variables: Readonly<Record<string, Work>>;
}

const ofHosts: Group = {
  holds: () => true,
  variables: {
    inventory_hostname: ({ host }) => host,
    inventory_hostname_short: ({ host }) => host.split('.')[0]!,
    group_names: ({ host, commons: { inventory } }) => {
      const known = inventory.host(host);
      return known ? [...inventory.groupNames(known)] : [];
    },
    groups: ({ commons }) => commons.groups(),
    playbook_dir: ({ commons }) => commons.playbookFolder(),
    omit: ({ commons }) => commons.templar.omit,
    ansible_inventory_sources: ({ commons: { run, inventory } }) =>
      Object.hasOwn(run, 'ansible_inventory_sources') ? run.ansible_inventory_sources : [...inventory.sources],
    hostvars: ({ scope, commons }) => {
      scope.markVolatile();
      return commons.hostvars;
    },
  },
};

const ofPlays: Group = {
  holds: ({ play }) => play !== undefined,
  variables: {
    vars: ({ scope }) => scopeView(scope),
    ansible_search_path: ({ searchPath }) => [...searchPath],
  },
};

const ofRunningPlays: Group = {
  holds: ({ play, variables }) => play !== undefined && variables?.state !== undefined,
  variables: {
    ansible_play_name: ({ variables }) => variables!.state!.name,
    ansible_play_hosts_all: ({ variables }) => [...variables!.state!.allHosts],
    ansible_play_hosts: ({ variables }) => [...variables!.state!.hosts()],
    ansible_play_batch: ({ variables }) => [...variables!.state!.batch()],
    play_hosts: ({ variables }) => [...variables!.state!.batch()],
  },
};

const ownRoleNames: Work = ({ variables }) => variables!.ownRoleNames();

const ofRolesOfPlays: Group = {
  holds: ({ play, variables }) => play !== undefined && variables !== undefined,
  variables: {
    ansible_play_role_names: ownRoleNames,
    ansible_dependent_role_names: ({ variables }) => variables!.dependentRoleNames(),
    ansible_role_names: ({ variables }) => [
      ...new Set([...variables!.ownRoleNames(), ...variables!.dependentRoleNames()]),
    ],
    role_names: ownRoleNames,
  },
};

const ofNodes: Group = {
  holds: ({ play, node }) => play !== undefined && node !== undefined,
  variables: {
    environment: ({ node, play, commons, scope }) =>
      environmentOf(node!, play!).map(({ value, position }) => commons.templar.render(value, scope.context, position)),
  },
};

const ofDelegates: Group = {
  holds: ({ play, delegate }) => play !== undefined && delegate !== undefined,
  variables: {
    ansible_delegated_vars: ({ delegate, scope }) => dictOf([[delegate!, scopeView(scope.connection)]]),
  },
};

const ofRoles: Group = {
  holds: ({ play, roles }) => play !== undefined && roles.length > 0,
  variables: {
    role_name: ({ roles }) => roles[0]!.role.name,
    ansible_role_name: ({ roles }) => roles[0]!.role.name,
    role_path: ({ roles }) => roles[0]!.role.path,
  },
};

const ofUsedRoles: Group = {
  holds: ({ play, roles }) => play !== undefined && roles.length > 0 && usingRoles(roles[0]!).length > 0,
  variables: {
    ansible_parent_role_names: ({ roles }) => usingRoles(roles[0]!).map((parent) => parent.role.name),
    ansible_parent_role_paths: ({ roles }) => usingRoles(roles[0]!).map((parent) => parent.role.path),
  },
};

const groups = [ofHosts, ofPlays, ofRunningPlays, ofRolesOfPlays, ofNodes, ofDelegates, ofRoles, ofUsedRoles];
/** Every magic variable with its group, so that a scope need not make a table of its own. */
const table: ReadonlyMap<string, { readonly group: Group; readonly work: Work }> = new Map(
  groups.flatMap((group) => Object.entries(group.variables).map(([name, work]) => [name, { group, work }] as const)),
);

/** The magic variables that hold in a scope; each is worked out when it is asked for. */
export class MagicVariables {
  readonly #input: MagicInput;

  constructor(input: MagicInput) {
    this.#input = input;
  }

  has(name: string): boolean {
    const known = table.get(name);
    return known?.group.holds(this.#input) === true || Object.hasOwn(this.#input.commons.run, name);
  }

  get(name: string): Value | undefined {
    const known = table.get(name);
    return known?.group.holds(this.#input) === true ? known.work(this.#input) : this.#input.commons.run[name];
  }

  names(): string[] {
    const held = groups.filter((group) => group.holds(this.#input));
    return [...Object.keys(this.#input.commons.run), ...held.flatMap((group) => Object.keys(group.variables))];
  }
}

/** A scope as a dict. `vars` and `hostvars` are not shown, so that showing all of it comes to an end. */
export function scopeView(scope: Scope): Mapping {
  const shown = (name: string): boolean => name !== 'vars' && name !== 'hostvars';
  return lazyMapping({
    get: (name) => scope.get(name),
    has: (name) => shown(name) && scope.has(name),
    keys: () => [...scope.names()].filter(shown),
  });
}

/** The roles that include or import a role, nearest first. */
function usingRoles(role: RoleNode): RoleNode[] {
  const found: RoleNode[] = [];
  if (role.dependencyOf) return found;
  for (let at = parentOf(role); at; at = parentOf(at)) if (at.type === 'role') found.push(at);
  return found;
}
