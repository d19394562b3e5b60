import { type HashBehaviour, joinDicts } from '../dicts.ts';
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
export function nodeVariables(
  node: TaskTreeNode | TaskNode | undefined,
  behaviour: HashBehaviour = 'replace',
): NodeVariables {
  const includeParams: Layer[] = [];
  const roleParams: Layer[] = [];
  const vars: Layer[] = [];
  const roles: RoleNode[] = [];
  for (let at = node; at; at = parentOf(at)) {
    if (at.type === 'role') {
      roles.push(at);
      add(roleParams, at.params);
    } else if (at.type === 'include') addInclude(at, includeParams, vars, at === node);
    else add(vars, at.keywords.vars);
  }
  return {
    includeParams: behaviour === 'merge' ? united(includeParams) : includeParams,
    roleParams,
    vars: behaviour === 'merge' ? united(vars) : vars,
    roles,
    roleVars: roles.flatMap((role, index) => (index === 0 ? ownRoleVars(role) : layersOf(varsOfUser(role)))),
    roleDefaults: roles.flatMap((role, index) => layersOfRole(role, defaultsOfRole, index === 0)),
  };
}

/** Layers whose dicts replace each other even where those of other levels are joined, as Ansible has it for a task and its blocks. */
function united(layers: readonly Layer[]): readonly Layer[] {
  return layers.length < 2 ? layers : [written(joinDicts(layers.map((layer) => layer.dict()).reverse()))];
}

function addInclude(node: IncludeNode, includeParams: Layer[], vars: Layer[], itself: boolean): void {
  if (!itself) add(vars, node.apply?.vars);
  add(includeParams, node.keywords.vars);
}

function add(layers: Layer[], dict: Mapping | undefined): void {
  if (dict && Object.keys(dict).length > 0) layers.push(written(dict));
}

function layersOf(dicts: readonly (Mapping | undefined)[]): Layer[] {
  const layers: Layer[] = [];
  for (const dict of dicts) add(layers, dict);
  return layers;
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
  const layers = layersOf(sort(role));
  if (withDependencies) {
    for (const dependency of [...role.dependencies].reverse()) {
      layers.push(...layersOfRole(dependency, sort, true, seen));
    }
  }
  return layers;
}

/** What a role's own tasks see: the `vars` given where it is used, over its own vars, over those of its dependencies. */
function ownRoleVars(role: RoleNode): Layer[] {
  const given = layersOf([role.keywords.vars, importingNode(role)?.keywords.vars]);
  return [...given, ...layersOfRole(role, varsOfRole, true)];
}

/** What a role sees of one that uses it. */
function varsOfUser(role: RoleNode): readonly (Mapping | undefined)[] {
  return [role.role.vars, role.keywords.vars, importingNode(role)?.keywords.vars];
}

/** The vars that a role shows to others: its own, and not those given where it is used. */
export function varsOfRole(role: RoleNode): readonly (Mapping | undefined)[] {
  return [role.role.vars];
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
