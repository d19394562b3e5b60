import type { IncludeNode, Playbook, PlayNode, TaskNode } from '../../../runner/language/tree.ts';
import { walkNodes } from '../../../runner/language/walk.ts';

/** Every task and include of a play that is known before it runs; no handlers. */
export function* walkPlay(play: PlayNode): Generator<TaskNode | IncludeNode> {
  yield* walkNodes(play.preTasks);
  yield* walkNodes(play.roles);
  yield* walkNodes(play.tasks);
  yield* walkNodes(play.postTasks);
}

/** Every task and include of a playbook with its play. */
export function* walkTasks(playbook: Playbook): Generator<{ play: PlayNode; task: TaskNode | IncludeNode }> {
  for (const play of playbook.plays) for (const task of walkPlay(play)) yield { play, task };
}
