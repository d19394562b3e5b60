import type { Problem } from '../errors.ts';
import type { Position } from '../position.ts';
import { hideNamed } from '../secrets/named.ts';
import { type Mapping, mapping, UnsafeText } from '../value.ts';
import { type Action, findAction } from './action.ts';
import { checkArguments } from './check-arguments.ts';
import { checkFiles } from './check-files.ts';
import { checkTemplates } from './check-templates.ts';
import { loadCollections, meansOwnModule } from './collections.ts';
import { loadNodeKeywords, type Mutable, type Reader, readKeywords, reads } from './common-keywords.ts';
import { Fields } from './fields.ts';
import { loadInclude } from './include.ts';
import { isTaskKey } from './keywords.ts';
import type { ModuleSignature } from './load.ts';
import type { Loading, NodeContext } from './loading.ts';
import { loadLoop, loadLoopControl } from './loop.ts';
import { defaultLevels, moduleDefaults } from './module-defaults.ts';
import type { TaskNode, TaskTreeNode } from './tree.ts';

/**
 * Loads one task, include or import from its dict. Undefined when a problem leaves nothing of it. What has to wait for
 * nothing comes at once.
 */
export function loadTask(
  loading: Loading,
  dict: Mapping,
  position: Position,
  context: NodeContext,
): TaskTreeNode | undefined | Promise<TaskTreeNode | undefined> {
  const fields = new Fields(loading, dict, context.handlers ? 'handler' : 'task', position);
  const action = findAction(fields);
  return action instanceof Promise
    ? action.then((found) => loadAction(fields, found, context))
    : loadAction(fields, action, context);
}

function loadAction(
  fields: Fields,
  action: Action | undefined,
  context: NodeContext,
): TaskTreeNode | undefined | Promise<TaskTreeNode | undefined> {
  // Keys that are no keywords at all were told apart from modules by findAction.
  fields.reportUnsupported();
  if (fields.place === 'task' && 'listen' in fields.dict) fields.reportUnknownKeyword('listen');
  if (!action) return undefined;
  if (action.include) return loadInclude(fields.loading, fields.dict, action, fields.position, context);
  const collections = loadCollections(fields) ?? context.collections;
  const around = { ...context, collections };
  if (collections.length > 0 && !meansOwnModule(fields.loading, action.name, action.signature!, around))
    return undefined;
  return moduleTask(fields, action, action.signature!, context);
}

/** A task that would go on by itself while the play goes on. Templated values are told of when the task runs. */
function reportBackground(loading: Loading, { async: seconds, poll }: TaskNode): void {
  if (!seconds || seconds.value === 0 || !poll || String(poll.value) !== '0') return;
  loading.add({
    code: 'unsupported',
    message: 'async with poll: 0 (start a task and go on) is not supported.',
    hint: 'Leave poll out to wait for the task, or start a service for what must go on by itself.',
    position: poll.position,
  });
}

const taskReaders: ReadonlyMap<string, Reader<TaskNode>> = new Map<string, Reader<TaskNode>>([
  ['loop_control', reads('loopControl', (fields) => loadLoopControl(fields))],
  ['register', reads('register', (fields) => fields.text('register')?.value)],
  ['changed_when', reads('changedWhen', (fields) => fields.conditions('changed_when'))],
  ['failed_when', reads('failedWhen', (fields) => fields.conditions('failed_when'))],
  ['until', reads('until', (fields) => fields.conditions('until'))],
  ['retries', reads('retries', (fields) => fields.written('retries'))],
  ['delay', reads('delay', (fields) => fields.written('delay'))],
  ['notify', reads('notify', (fields) => fields.names('notify'))],
  ['async', reads('async', (fields) => fields.written('async'))],
  ['poll', reads('poll', (fields) => fields.written('poll'))],
  ['listen', reads('listen', (fields) => fields.names('listen'))],
]);

/** A task in place of one of which nothing can be run: with its keywords, it fails with what is wrong. */
export function failingTask(
  loading: Loading,
  dict: Mapping,
  position: Position,
  context: NodeContext,
  problems: readonly Problem[],
): TaskNode {
  const fields = new Fields(loading, dict, context.handlers ? 'handler' : 'task', position);
  const words = problems.flatMap(({ message, hint, position: at = position }) => [
    message,
    ...(hint === undefined ? [] : [hint]),
    `at ${at.file}:${at.line}:${at.column}`,
  ]);
  const args = mapping([['msg', new UnsafeText(hideNamed(words.join('\n')))]]);
  const key = fields.keys.find((one) => !isTaskKey(one)) ?? 'fail';
  return taskOf(fields, { name: { value: key, position }, args, local: false }, 'fail', context);
}

function moduleTask(fields: Fields, action: Action, signature: ModuleSignature, context: NodeContext): TaskNode {
  const task = taskOf(fields, action, signature.name, context);
  checkTask(fields.loading, task, action, signature, context);
  return task;
}

function taskOf(fields: Fields, action: Action, module: string, context: NodeContext): TaskNode {
  const { position } = fields;
  const keywords = loadNodeKeywords(fields);
  const delegateTo =
    keywords.delegateTo ?? (action.local ? { value: 'localhost', position: action.name.position } : undefined);
  // With all fields, so that the nodes of all tasks are alike to V8.
  const task: Mutable<TaskNode> = {
    type: 'task',
    position,
    parent: context.parent,
    keywords: delegateTo === keywords.delegateTo ? keywords : { ...keywords, delegateTo },
    module,
    action: action.name,
    args: action.args,
    argsTemplate: action.argsTemplate,
    loop: loadLoop(fields),
    loopControl: undefined,
    register: undefined,
    changedWhen: undefined,
    failedWhen: undefined,
    until: undefined,
    retries: undefined,
    delay: undefined,
    notify: [],
    async: undefined,
    poll: undefined,
    listen: context.handlers ? [] : undefined,
  };
  readKeywords(task, fields, taskReaders);
  return task;
}

function checkTask(
  loading: Loading,
  task: TaskNode,
  action: Action,
  signature: ModuleSignature,
  context: NodeContext,
): void {
  const { uncertain } = context;
  context.play.notified.push(...task.notify.map((name) => ({ name, uncertain })));
  reportBackground(loading, task);
  if (task.argsTemplate) checkTemplates(loading, task.argsTemplate.value, task.argsTemplate.position);
  if (!loading.options.outlineOnly) {
    const levels = defaultLevels(task, context.play.moduleDefaults);
    checkArguments(loading, action, signature, moduleDefaults(signature, action.name.value, levels), task.position);
  }
  if (task.loop?.lookup !== 'first_found') checkFiles(loading, signature, action.args, context, task.position);
}
