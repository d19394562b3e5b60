import { didYouMean } from '../errors.ts';
import { displayName } from './display-name.ts';
import type { Loading, PlayContext } from './loading.ts';
import type { TaskTreeNode } from './tree.ts';
import { walkNodes } from './walk.ts';

/**
 * Reports names that are notified but that no handler has or listens to. Nothing is said where handlers or their names
 * are known only at run time.
 */
export function checkHandlers(loading: Loading, play: PlayContext): void {
  const { templar } = loading.options;
  const names = handlerNames(play.handlers);
  if (play.handlersUnknown || [...names].some((name) => templar.isTemplate(name))) return;
  for (const { name, uncertain } of play.notified) {
    if (templar.isTemplate(name.value) || names.has(name.value)) continue;
    const problem = {
      code: 'parse',
      message: `There is no handler "${name.value}".`,
      position: name.position,
      hint:
        didYouMean(name.value, names) ??
        'Handlers stand under "handlers:" of the play or in handlers/main.yml of a role.',
    } as const;
    if (uncertain) loading.addUncertain(problem);
    else loading.add(problem);
  }
}

function handlerNames(handlers: readonly TaskTreeNode[]): Set<string> {
  const names = new Set<string>();
  for (const handler of walkNodes(handlers)) {
    const own = handler.keywords.name?.value;
    if (own !== undefined) names.add(own).add(displayName(handler));
    for (const topic of handler.listen ?? []) names.add(topic.value);
  }
  return names;
}
