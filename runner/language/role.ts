import path from 'node:path';
import { argumentSpecTask } from './argument-spec.ts';
import { collectionOfRole, collectionsOfRole } from './collections.ts';
import type { Loading, NodeContext, RoleUse } from './loading.ts';
import { reportMissing, roleFiles, roleVariables } from './role-files.ts';
import { loadRoleMeta } from './role-meta.ts';
import { findRole, roleName } from './role-search.ts';
import { renderStatic } from './static-scope.ts';
import { loadTaskFile } from './task-files.ts';
import type { Role, RoleNode, TaskTreeNode } from './tree.ts';
import { hasConditions } from './uncertain.ts';

/** Loads a role where it is used, its dependencies before it. Empty when there is no such role (which is reported). */
export async function loadRole(loading: Loading, use: RoleUse, context: NodeContext): Promise<RoleNode[]> {
  const folder = loading.attempt(() => findRole(loading, use.name, context, use.position), use.position, true);
  if (folder === undefined) return [];
  const key = `role ${folder} ${use.tasksFrom ?? 'main'}`;
  if (context.imports.includes(key)) {
    const message = `The role "${use.name}" depends on itself.`;
    loading.add({ code: 'parse', message, position: use.position });
    return [];
  }
  const tasks: TaskTreeNode[] = [];
  const handlers: RoleNode['handlers'][number][] = [];
  const role = roleOf(loading, folder, use, context);
  const direct: RoleNode[] = [];
  const node: RoleNode = {
    type: 'role',
    position: use.position,
    ...(context.parent ? { parent: context.parent } : {}),
    keywords: use.keywords,
    role,
    params: use.params,
    tasks,
    handlers,
    ...(use.dependencyOf ? { dependencyOf: use.dependencyOf } : {}),
    dependencies: direct,
    via: use.via,
    allowDuplicates: use.allowDuplicates,
    public: use.public,
  };
  const inside: NodeContext = {
    ...context,
    parent: node,
    role: node,
    files: [],
    handlers: false,
    imports: [key, ...context.imports],
    collections: collectionsOfRole(role),
    uncertain: context.uncertain || hasConditions(use.keywords.when),
  };
  const dependencies = await loadDependencies(loading, node, context, inside);
  direct.push(...dependencies.filter(({ dependencyOf }) => dependencyOf === node));
  handlers.push(...(await loadHandlers(loading, folder, use, inside)));
  const check = argumentSpecTask(node, path.parse(use.tasksFrom ?? 'main').name);
  if (check) tasks.push(check);
  tasks.push(...(await loadRoleTasks(loading, folder, 'tasks', use.tasksFrom, use, inside)));
  return [...dependencies, node];
}

/** The role's files, shared by all uses of it in a play with the same `*_from`. */
function roleOf(loading: Loading, folder: string, use: RoleUse, context: NodeContext): Role {
  const key = JSON.stringify([folder, use.varsFrom, use.defaultsFrom]);
  const known = context.play.roles.get(key);
  if (known) return known;
  const role: Role = {
    name: roleName(folder),
    path: folder,
    defaults: roleVariables(loading, folder, 'defaults', use.defaultsFrom, use.position),
    vars: roleVariables(loading, folder, 'vars', use.varsFrom, use.position),
    meta: loadRoleMeta(loading, folder, use.position),
  };
  context.play.roles.set(key, role);
  return role;
}

/** Each use of a role has handlers of its own, which inherit its keywords and see its parameters. */
async function loadHandlers(
  loading: Loading,
  folder: string,
  use: RoleUse,
  context: NodeContext,
): Promise<RoleNode['handlers']> {
  const own = { ...context, handlers: true, uncertain: true };
  const handlers = await loadRoleTasks(loading, folder, 'handlers', use.handlersFrom, use, own);
  context.play.handlers.push(...handlers);
  return handlers as (TaskTreeNode & RoleNode['handlers'][number])[];
}

async function loadRoleTasks(
  loading: Loading,
  folder: string,
  subfolder: 'tasks' | 'handlers',
  from: string | undefined,
  use: RoleUse,
  context: NodeContext,
): Promise<TaskTreeNode[]> {
  const file = roleFiles(folder, subfolder, from, false)[0];
  if (file !== undefined) return loadTaskFile(loading, file, use.position, context);
  if (from !== undefined) reportMissing(loading, folder, subfolder, from, use.position);
  return [];
}

async function loadDependencies(
  loading: Loading,
  node: RoleNode,
  context: NodeContext,
  inside: NodeContext,
): Promise<RoleNode[]> {
  const nodes: RoleNode[] = [];
  // Those of meta/main.yml are for the role's tasks alone, as in Ansible.
  const own = collectionOfRole(node.role.path);
  const collections = inside.collections.filter(({ value }) => value === own);
  for (const dependency of node.role.meta.dependencies) {
    const { vars } = dependency.keywords;
    const name = loading.attempt(
      () => renderStatic(loading, dependency.role, inside, vars, dependency.position),
      dependency.position,
      true,
    );
    if (name === undefined) continue;
    const use: RoleUse = {
      ...dependency,
      name,
      via: 'dependency',
      allowDuplicates: false,
      public: node.public,
      dependencyOf: node,
    };
    nodes.push(...(await loadRole(loading, use, { ...inside, parent: context.parent, collections })));
  }
  return nodes;
}
