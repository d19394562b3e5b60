import type { Inventory } from '../inventory/inventory.ts';
import { environmentOf, parentOf } from '../language/inherit.ts';
import type { PlayNode, RoleNode, TaskTreeNode } from '../language/tree.ts';
import { lazyMapping } from '../lazy-mapping.ts';
import type { Scope, Templar } from '../template/templar.ts';
import type { Mapping, Value } from '../value.ts';
import { mapping } from '../value.ts';
import type { PlayVariables } from './play-variables.ts';
import type { TaskScope } from './task-scope.ts';

/** What magic variables are made of. */
export interface MagicInput {
  readonly inventory: Inventory;
  readonly templar: Templar;
  readonly run: Readonly<Record<string, Value>>;
  readonly playbookFolder: string;
  readonly hostvars: Mapping;
  readonly groups: () => Mapping;
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

/** The magic variables that hold in a scope, each with how to work it out. */
export function magicVariables(input: MagicInput): ReadonlyMap<string, () => Value | undefined> {
  const variables = new Map<string, () => Value | undefined>();
  for (const name of Object.keys(input.run)) variables.set(name, () => input.run[name]);
  addHostVariables(input, variables);
  variables.set('hostvars', () => {
    input.scope.markVolatile();
    return input.hostvars;
  });
  if (!input.play) return variables;
  variables.set('vars', () => scopeView(input.scope));
  addPlayVariables(input, variables);
  addRoleVariables(input, variables);
  return variables;
}

function addHostVariables(input: MagicInput, variables: Map<string, () => Value | undefined>): void {
  const { host, inventory } = input;
  variables.set('inventory_hostname', () => host);
  variables.set('inventory_hostname_short', () => host.split('.')[0]!);
  variables.set('group_names', () => {
    const known = inventory.host(host);
    return known ? [...inventory.groupNames(known)] : [];
  });
  variables.set('groups', input.groups);
  variables.set('playbook_dir', () => input.playbookFolder);
  variables.set('omit', () => input.templar.omit);
  if (!variables.has('ansible_inventory_sources')) {
    variables.set('ansible_inventory_sources', () => [...inventory.sources]);
  }
}

function addPlayVariables(input: MagicInput, variables: Map<string, () => Value | undefined>): void {
  const { variables: playVariables, play, node } = input;
  const state = playVariables?.state;
  if (state) {
    variables.set('ansible_play_name', () => state.name);
    variables.set('ansible_play_hosts_all', () => [...state.allHosts]);
    variables.set('ansible_play_hosts', () => [...state.hosts()]);
    variables.set('ansible_play_batch', () => [...state.batch()]);
    variables.set('play_hosts', () => [...state.batch()]);
  }
  if (playVariables) {
    const own = (): string[] => playVariables.ownRoleNames();
    const dependent = (): string[] => playVariables.dependentRoleNames();
    variables.set('ansible_play_role_names', own);
    variables.set('ansible_dependent_role_names', dependent);
    variables.set('ansible_role_names', () => [...new Set([...own(), ...dependent()])]);
    variables.set('role_names', own);
  }
  variables.set('ansible_search_path', () => [...input.searchPath]);
  if (node) {
    variables.set('environment', () => {
      const levels = environmentOf(node, play);
      return levels.map(({ value, position }) => input.templar.render(value, input.scope.context, position));
    });
  }
  const { delegate } = input;
  if (delegate === undefined) return;
  variables.set('ansible_delegated_vars', () => {
    return mapping([[delegate, scopeView(input.scope.connection)]]);
  });
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

function addRoleVariables(input: MagicInput, variables: Map<string, () => Value | undefined>): void {
  const role = input.roles[0];
  if (!role) return;
  variables.set('role_name', () => role.role.name);
  variables.set('ansible_role_name', () => role.role.name);
  variables.set('role_path', () => role.role.path);
  const parents = usingRoles(role);
  if (parents.length === 0) return;
  variables.set('ansible_parent_role_names', () => parents.map((parent) => parent.role.name));
  variables.set('ansible_parent_role_paths', () => parents.map((parent) => parent.role.path));
}

/** The roles that include or import a role, nearest first. */
function usingRoles(role: RoleNode): RoleNode[] {
  const found: RoleNode[] = [];
  if (role.dependencyOf) return found;
  for (let at = parentOf(role); at; at = parentOf(at)) if (at.type === 'role') found.push(at);
  return found;
}
