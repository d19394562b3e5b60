import { pythonText } from '../python/text.ts';
import type { RoleNode, TaskTreeNode } from './tree.ts';

/** The role that a node belongs to, or undefined. */
export function roleOf(node: TaskTreeNode): RoleNode | undefined {
  for (let at: TaskTreeNode | undefined = node; at; at = at.parent) if (at.type === 'role') return at;
  return undefined;
}

/**
 * A node's name as Ansible shows it, templates not rendered: `role : name`, the action where there is no name, the
 * role's name for a role, and for include_role its own name or `include_role : role`, wherever it stands.
 */
export function displayName(node: TaskTreeNode): string {
  if (node.type === 'role') return node.role.name;
  if (node.type === 'include' && node.kind === 'include_role')
    return node.keywords.name?.value || `${node.action.value} : ${pythonText(node.args.name!)}`;
  const own = node.keywords.name?.value || actionOf(node);
  const role = roleOf(node)?.role.name;
  if (role === undefined || (own.startsWith(role) && own.startsWith(' : ', role.length))) return own;
  return `${role} : ${own}`;
}

function actionOf(node: Exclude<TaskTreeNode, RoleNode>): string {
  if (node.type === 'block') return node.origin ?? 'block';
  return node.action.value;
}
