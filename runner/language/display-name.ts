import type { RoleNode, TaskNode, TaskTreeNode } from './tree.ts';

/** The role that a node belongs to, or undefined. */
export function roleOf(node: TaskTreeNode): RoleNode | undefined {
  for (let at: TaskTreeNode | undefined = node; at; at = at.parent) if (at.type === 'role') return at;
  return undefined;
}

/**
 * A node's name as Ansible shows it, templates not rendered: `role : name`, the action where there is no name, and the
 * role's name for a role.
 */
export function displayName(node: TaskTreeNode): string {
  if (node.type === 'role') return node.role.name;
  const own = node.keywords.name?.value || actionOf(node);
  const role = roleOf(node)?.role.name;
  if (role === undefined || (own.startsWith(role) && own.startsWith(' : ', role.length))) return own;
  return `${role} : ${own}`;
}

function actionOf(node: Exclude<TaskTreeNode, RoleNode>): string {
  if (node.type === 'block') return node.origin ?? 'block';
  return node.type === 'include' ? node.kind : (node as TaskNode).action.value;
}
