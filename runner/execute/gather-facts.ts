import type { PlayNode, TaskNode, Written } from '../language/tree.ts';
import type { TemplateContext } from '../template/templar.ts';
import type { Mapping } from '../value.ts';
import type { Engine } from './engine.ts';
import { booleanKeyword } from './keywords.ts';

/** The task that gathers a play's facts, or undefined when the play turns it off. It is tagged always unless the play has tags. */
export function gatherFactsTask(engine: Engine, play: PlayNode, context: TemplateContext): TaskNode | undefined {
  if (!(booleanKeyword(engine, 'gather_facts', play.gatherFacts, context) ?? true)) return undefined;
  const { position } = play;
  const written = <T extends string | boolean>(value: T): Written<T> => ({ value, position });
  const args: Mapping = {};
  if (play.gatherSubset) args.gather_subset = play.gatherSubset.value;
  if (play.gatherTimeout) args.gather_timeout = play.gatherTimeout.value;
  if (play.factPath) args.fact_path = play.factPath.value;
  return {
    type: 'task',
    position,
    keywords: {
      name: written('Gathering Facts'),
      // Each host has facts of its own, also where the play's tasks run for one of them only.
      runOnce: written(false),
      tags: play.keywords.tags.length > 0 ? [] : [written('always')],
      when: [],
    },
    module: 'setup',
    action: written('setup'),
    args,
    notify: [],
  };
}
