import path from 'node:path';
import type { PlayNode, RoleNode, TaskTreeNode } from '../language/tree.ts';
import { searchPath } from '../search-path.ts';

/** The directories in which files that a node names are looked for. */
export function searchPathOf(
  node: TaskTreeNode | undefined,
  roles: readonly RoleNode[],
  play: PlayNode | undefined,
  playbookFolder: string,
): readonly string[] {
  return searchPath({
    roles: roles.map((role) => role.role.path),
    file: node?.position.file,
    playbooks: [...(play ? [folderOfPlay(play)] : []), playbookFolder],
  });
}

/** The directory of the playbook that a play stands in: what is beside an imported playbook is for its plays, as in Ansible. */
export function folderOfPlay(play: PlayNode): string {
  return path.dirname(path.resolve(play.position.file));
}
