import { parentOf } from '../language/inherit.ts';
import type { BlockNode, IncludeNode, RoleNode, TaskNode, TaskTreeNode } from '../language/tree.ts';
import type { Mapping } from '../value.ts';
import type { Layer } from './layer.ts';
import { written } from './layer.ts';

/** The variables that a node's place in the tree gives it, by level; highest first in each. */
export interface NodeVariables {
  readonly includeParams: readonly Layer[];
  readonly roleParams: readonly Layer[];
  /** Of the task and its blocks. */
  readonly vars: readonly Layer[];
  /** Of its role, that role's dependencies, and the roles that use it. */
  readonly roleVars: readonly Layer[];
  readonly roleDefaults: readonly Layer[];
  /** The role that the node belongs to, and those that use it, nearest first. */
  readonly roles: readonly RoleNode[];
}

/** Collects what {@link NodeVariables} says by walking up from a node. */
export function nodeVariables(node: TaskTreeNode | TaskNode | undefined): NodeVariables {
  const includeParams: Layer[] = [];
  const roleParams: Layer[] = [];
  const vars: Layer[] = [];
  const roles: RoleNode[] = [];
  // A role that is needed by another sees that one's role variables, but not those of the blocks around it.
  let throughDependency = false;
  for (let at = node; at; at = parentOf(at)) {
    if (at.type === 'role') {
      roles.push(at);
      add(roleParams, at.params);
      throughDependency ||= at.dependencyOf !== undefined;
    } else if (!throughDependency) {
      if (at.type === 'include') addInclude(at, includeParams, vars, at === node);
      else add(vars, at.keywords.vars);
    }
  }
  return {
    includeParams,
    roleParams,
    vars,
    roles,
    roleVars: roles.flatMap((role, index) => layersOfRole(role, varsOfRole, index === 0)),
    roleDefaults: roles.flatMap((role, index) => layersOfRole(role, defaultsOfRole, index === 0)),
  };
}

function addInclude(node: IncludeNode, includeParams: Layer[], vars: Layer[], itself: boolean): void {
  if (!itself) add(vars, node.apply?.vars);
  add(includeParams, node.keywords.vars);
}

function add(layers: Layer[], dict: Mapping | undefined): void {
  if (dict && Object.keys(dict).length > 0) layers.push(written(dict));
}

/** A role's layers of one sort, and its dependencies' below its own. */
export function layersOfRole(
  role: RoleNode,
  sort: (role: RoleNode) => readonly (Mapping | undefined)[],
  withDependencies: boolean,
  seen = new Set<RoleNode>(),
): Layer[] {
  if (seen.has(role)) return [];
  seen.add(role);
  const layers: Layer[] = [];
  for (const dict of sort(role)) add(layers, dict);
  if (withDependencies) {
    for (const dependency of [...role.dependencies].reverse()) {
      layers.push(...layersOfRole(dependency, sort, true, seen));
    }
  }
  return layers;
}

/** A role's vars, and below them the `vars` given where it is used (in Ansible those belong to the role too). */
export function varsOfRole(role: RoleNode): readonly (Mapping | undefined)[] {
  return [role.role.vars, role.keywords.vars, importingNode(role)?.keywords.vars];
}

export function defaultsOfRole(role: RoleNode): readonly (Mapping | undefined)[] {
  return [role.role.defaults];
}

/** The import_role or include_role that brought a role. */
function importingNode(role: RoleNode): BlockNode | IncludeNode | undefined {
  const { parent, via } = role;
  if (via === 'import_role' && parent?.type === 'block' && parent.origin === 'import_role') return parent;
  return via === 'include_role' && parent?.type === 'include' ? parent : undefined;
}
