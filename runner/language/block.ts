import type { ErrorCode } from '../errors.ts';
import { type Position, placeOfKey } from '../position.ts';
import { isMapping, type Mapping, type Value } from '../value.ts';
import { loadCollections } from './collections.ts';
import { loadNodeKeywords } from './common-keywords.ts';
import { loadConditions } from './conditions.ts';
import { Fields } from './fields.ts';
import { kindOf, type Loading, type NodeContext, placeIn } from './loading.ts';
import { failingTask, loadTask } from './task.ts';
import type { BlockNode, TaskTreeNode } from './tree.ts';
import { isUncertain, mayFail } from './uncertain.ts';

/** Loads a list of tasks, blocks, includes and imports. */
export async function loadTaskList(
  loading: Loading,
  list: Value,
  position: Position,
  context: NodeContext,
): Promise<TaskTreeNode[]> {
  if (list === null) return [];
  if (!Array.isArray(list)) {
    loading.add({
      code: 'parse',
      message: `Tasks must be a list, not ${kindOf(list)}.`,
      position,
      hint: isMapping(list) ? 'Begin each task with "- ".' : undefined,
    });
    return [];
  }
  const nodes: TaskTreeNode[] = [];
  for (const [index, entry] of list.entries()) {
    const place = placeIn(list, index, position);
    if (!loading.countTask(place)) break;
    const node = isMapping(entry) ? loadEntry(loading, entry, place, context) : notATask(loading, entry, place);
    const loaded = node instanceof Promise ? await node : node;
    if (loaded) nodes.push(loaded);
  }
  return nodes;
}

function notATask(loading: Loading, entry: Value, position: Position): undefined {
  loading.add({ code: 'parse', message: `A task must be a dict, not ${kindOf(entry)}.`, position });
}

function loadEntry(
  loading: Loading,
  dict: Mapping,
  position: Position,
  context: NodeContext,
): TaskTreeNode | undefined | Promise<TaskTreeNode | undefined> {
  const isBlock = 'block' in dict || 'rescue' in dict || 'always' in dict;
  if (isBlock) return loadBlock(loading, dict, position, context);
  if (!context.uncertain && !isUncertain(dict)) return loadTask(loading, dict, position, context);
  // Whether a task that is reached runs is asked for sure.
  if (!context.uncertain && !mayFail(dict))
    loadConditions(loading, 'when', dict.when!, placeIn(dict, 'when', position));
  return loadUncertain(loading, dict, position, { ...context, uncertain: true });
}

/** Problems that come again, in their place, when a task is reached. */
const recurring: ReadonlySet<ErrorCode> = new Set(['template', 'undefined', 'missing-file', 'missing-role']);

/** Loads a task that may never be reached. Where another problem is left in it, one stands in its place that fails with the reason. */
function loadUncertain(
  loading: Loading,
  dict: Mapping,
  position: Position,
  context: NodeContext,
): TaskTreeNode | undefined | Promise<TaskTreeNode | undefined> {
  return loading.uncertainly<TaskTreeNode | undefined>(
    () => loadTask(loading, dict, position, context),
    (node, problems) => {
      const fails = problems.length > 0 && (!node || problems.some(({ code }) => !recurring.has(code)));
      return fails ? failingTask(loading, dict, position, context, problems) : node;
    },
  );
}

/** Each task of a block among handlers is a handler of its own, so what such a block rescues never comes about. */
function neverRun(loading: Loading, dict: Mapping, section: string): void {
  if (!(section in dict)) return;
  const text = `"${section}" of a block among handlers never runs: each task in "block" is a handler of its own.`;
  loading.warn(text, placeOfKey(dict, section));
}

async function loadBlock(
  loading: Loading,
  dict: Mapping,
  position: Position,
  context: NodeContext,
): Promise<BlockNode | undefined> {
  const fields = new Fields(loading, dict, 'block', position);
  fields.reportUnknown();
  if (!('block' in dict)) {
    const message = '"rescue" and "always" need a "block" beside them.';
    loading.add({ code: 'parse', message, position });
  }
  const notify = fields.names('notify');
  context.play.notified.push(...notify.map((name) => ({ name, uncertain: context.uncertain || isUncertain(dict) })));
  const sections = { block: [] as TaskTreeNode[], rescue: [] as TaskTreeNode[], always: [] as TaskTreeNode[] };
  const node: BlockNode = {
    type: 'block',
    position,
    ...(context.parent ? { parent: context.parent } : {}),
    keywords: loadNodeKeywords(fields),
    ...sections,
    notify,
  };
  const inside = { ...context, parent: node, collections: loadCollections(fields) ?? context.collections };
  for (const name of ['block', 'rescue', 'always'] as const) {
    const place = placeIn(dict, name, position);
    const uncertain = context.uncertain || isUncertain(dict) || (name === 'block' && 'rescue' in dict);
    const nodes = await loadTaskList(loading, dict[name] ?? null, place, { ...inside, uncertain });
    if (name !== 'block' && context.handlers) neverRun(loading, dict, name);
    else sections[name].push(...nodes);
  }
  return node;
}
