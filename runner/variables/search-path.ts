import path from 'node:path';
import type { PlayNode, RoleNode, TaskTreeNode } from '../language/tree.ts';

/**
 * Folders in which relative names of files are looked for, first match wins: the node's role, the roles that use it,
 * the folder of the file that the node stands in, the play's folder, the first playbook's.
 */
export function searchPath(
  node: TaskTreeNode | undefined,
  roles: readonly RoleNode[],
  play: PlayNode | undefined,
  playbookFolder: string,
): readonly string[] {
  const folders = [...roles.map((role) => role.role.path)];
  const files = [node?.position.file, play?.position.file];
  for (const file of files) if (file !== undefined) folders.push(path.dirname(path.resolve(file)));
  folders.push(playbookFolder);
  return [...new Set(folders)];
}
