import type { Position } from '../position.ts';
import type { Mapping } from '../value.ts';
import { type Action, findAction } from './action.ts';
import { checkArguments, defaultsAround } from './check-arguments.ts';
import { checkFiles } from './check-files.ts';
import { checkTemplates } from './check-templates.ts';
import { loadNodeKeywords } from './common-keywords.ts';
import { Fields } from './fields.ts';
import { loadInclude } from './include.ts';
import type { ModuleSignature } from './load.ts';
import type { Loading, NodeContext } from './loading.ts';
import { loadLoop, loadLoopControl } from './loop.ts';
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
  return moduleTask(fields, action, action.signature!, context);
}

/** A task that would go on by itself while the play goes on. Templated values are told of when the task runs. */
function reportBackground(fields: Fields): void {
  const seconds = fields.written('async');
  const poll = fields.written('poll');
  if (!seconds || seconds.value === 0 || !poll || String(poll.value) !== '0') return;
  fields.loading.add({
    code: 'unsupported',
    message: 'async with poll: 0 (start a task and go on) is not supported.',
    hint: 'Leave poll out to wait for the task, or start a service for what must go on by itself.',
    position: poll.position,
  });
}

function moduleTask(fields: Fields, action: Action, signature: ModuleSignature, context: NodeContext): TaskNode {
  const { loading, position } = fields;
  const keywords = loadNodeKeywords(fields);
  reportBackground(fields);
  const loop = loadLoop(fields);
  const notify = fields.names('notify');
  context.play.notified.push(...notify);
  if (action.argsTemplate) checkTemplates(loading, action.argsTemplate.value, action.argsTemplate.position);
  if (!loading.options.outlineOnly) {
    const defaults = [...defaultsAround(context.parent, context.play.moduleDefaults), keywords.moduleDefaults];
    checkArguments(loading, action, signature, defaults, position);
  }
  if (!loop || !isFirstFound(loop.lookup)) checkFiles(loading, signature.name, action.args, context, position);
  const delegateTo =
    keywords.delegateTo ?? (action.local ? { value: 'localhost', position: action.name.position } : undefined);
  // With all fields, so that the nodes of all tasks are alike to V8.
  return {
    type: 'task',
    position,
    parent: context.parent,
    keywords: delegateTo === keywords.delegateTo ? keywords : { ...keywords, delegateTo },
    module: signature.name,
    action: action.name,
    args: action.args,
    argsTemplate: action.argsTemplate,
    loop,
    loopControl: loadLoopControl(fields),
    register: fields.text('register')?.value,
    changedWhen: fields.conditions('changed_when'),
    failedWhen: fields.conditions('failed_when'),
    until: fields.conditions('until'),
    retries: fields.written('retries'),
    delay: fields.written('delay'),
    notify,
    async: fields.written('async'),
    poll: fields.written('poll'),
    listen: context.handlers ? fields.names('listen') : undefined,
  };
}

function isFirstFound(lookup: string | undefined): boolean {
  return lookup === 'first_found';
}
