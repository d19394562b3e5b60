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
import { loadLoop, loadLoopControl, optional } from './loop.ts';
import type { TaskNode, TaskTreeNode } from './tree.ts';

/** Loads one task, include or import from its dict. Undefined when a problem leaves nothing of it. */
export async function loadTask(
  loading: Loading,
  dict: Mapping,
  position: Position,
  context: NodeContext,
): Promise<TaskTreeNode | undefined> {
  const fields = new Fields(loading, dict, context.handlers ? 'handler' : 'task', position);
  const action = await findAction(fields);
  reportUnsupported(fields);
  if (!action) return undefined;
  if (action.include) return loadInclude(loading, dict, action, position, context);
  return moduleTask(fields, action, action.signature!, context);
}

function reportUnsupported(fields: Fields): void {
  // Other keys were told apart from modules by findAction.
  const others = new Set(Object.keys(fields.dict).filter((key) => !fields.has(key)));
  fields.reportUnknown((name) => name.startsWith('with_') || (others.has(name) && !isMisplacedListen(fields, name)));
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

function isMisplacedListen(fields: Fields, name: string): boolean {
  return name === 'listen' && fields.place === 'task';
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
  return {
    type: 'task',
    position,
    ...optional('parent', context.parent),
    keywords: delegateTo ? { ...keywords, delegateTo } : keywords,
    module: signature.name,
    action: action.name,
    args: action.args,
    ...optional('argsTemplate', action.argsTemplate),
    ...optional('loop', loop),
    ...optional('loopControl', loadLoopControl(fields)),
    ...optional('register', fields.text('register')?.value),
    ...optional('changedWhen', fields.conditions('changed_when')),
    ...optional('failedWhen', fields.conditions('failed_when')),
    ...optional('until', fields.conditions('until')),
    ...optional('retries', fields.written('retries')),
    ...optional('delay', fields.written('delay')),
    notify,
    ...optional('async', fields.written('async')),
    ...optional('poll', fields.written('poll')),
    ...(context.handlers ? { listen: fields.names('listen') } : {}),
  };
}

function isFirstFound(lookup: string | undefined): boolean {
  return lookup === 'first_found';
}
