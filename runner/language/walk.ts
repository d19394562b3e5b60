import type { IncludeNode, TaskNode, TaskTreeNode } from './tree.ts';

/** What stands in a block (rescue and always, too) or in a role's tasks, in the order in which it would run. */
export function childrenOf(node: TaskTreeNode): readonly TaskTreeNode[] {
  if (node.type === 'block') return [...node.block, ...node.rescue, ...node.always];
  return node.type === 'role' ? node.tasks : [];
}

/** Every node of a list and all that stands in it, each before what stands in it. */
export function* walkTree(nodes: Iterable<TaskTreeNode>): Generator<TaskTreeNode> {
  for (const node of nodes) {
    yield node;
    yield* walkTree(childrenOf(node));
  }
}

/** Every task and include of a list of nodes in the order in which they would run, rescue and always included. */
export function* walkNodes(nodes: Iterable<TaskTreeNode>): Generator<TaskNode | IncludeNode> {
  for (const node of walkTree(nodes)) if (node.type === 'task' || node.type === 'include') yield node;
}
