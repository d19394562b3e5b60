import type { ReportedTask } from '../events.ts';
import { displayName } from '../language/display-name.ts';
import { pythonText } from '../python/text.ts';
import type { Step } from '../strategy/step.ts';
import type { CompiledTask } from './compiled-task.ts';
import type { PlayContext } from './play-context.ts';

let count = 0;

/** A task as reporters see it: its name rendered with a host's variables, or as written where that fails. */
export function reportedTask(context: PlayContext, task: CompiledTask, host: string, step: Step): ReportedTask {
  const { engine, play } = context;
  const { node } = task;
  const written = displayName(node);
  let name = written;
  // Only a name is rendered, and not the role that an include_role without one asks for.
  if (node.keywords.name && engine.templar.isTemplate(written)) {
    try {
      name = pythonText(
        engine.templar.render(
          written,
          engine.store.context({ host, play, node, loopVars: step.loopVars }),
          node.position,
        ),
      );
    } catch {
      name = written;
    }
  }
  count++;
  return {
    id: String(count),
    name,
    action: node.action.value,
    position: node.position,
    handler: step.handler,
    tags: task.tags.map((tag) => tag.value),
    checkMode: engine.checkMode,
  };
}
