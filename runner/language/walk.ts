import type { IncludeNode, Playbook, PlayNode, TaskNode, TaskTreeNode } from './tree.ts';

/** Every task and include of a list of nodes in the order in which they would run, rescue and always included. */
export function* walkNodes(nodes: Iterable<TaskTreeNode>): Generator<TaskNode | IncludeNode> {
  for (const node of nodes) {
    if (node.type === 'block') {
      yield* walkNodes(node.block);
      yield* walkNodes(node.rescue);
      yield* walkNodes(node.always);
    } else if (node.type === 'role') yield* walkNodes(node.tasks);
    else yield node;
  }
}

/** Every task and include of a play that is known before it runs; no handlers. */
export function* walkPlay(play: PlayNode): Generator<TaskNode | IncludeNode> {
  yield* walkNodes(play.preTasks);
  yield* walkNodes(play.roles);
  yield* walkNodes(play.tasks);
  yield* walkNodes(play.postTasks);
}

/** Every task and include of a playbook with its play, for `--list-tasks` and the like. */
export function* walkTasks(playbook: Playbook): Generator<{ play: PlayNode; task: TaskNode | IncludeNode }> {
  for (const play of playbook.plays) for (const task of walkPlay(play)) yield { play, task };
}
