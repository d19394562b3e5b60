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
  if (node) folders.push(path.dirname(path.resolve(node.position.file)));
  if (play) folders.push(folderOfPlay(play));
  folders.push(playbookFolder);
  return [...new Set(folders)];
}

/** The folder of the playbook that a play stands in: what is beside an imported playbook is for its plays, as in Ansible. */
export function folderOfPlay(play: PlayNode): string {
  return path.dirname(path.resolve(play.position.file));
}
