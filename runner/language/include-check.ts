import type { Position } from '../position.ts';
import type { Value } from '../value.ts';
import { isTemplate } from './check-templates.ts';
import { scalarText } from './fields.ts';
import { kindOf, type Loading, type NodeContext } from './loading.ts';
import { roleUseOf } from './role-use.ts';
import { findTaskFile, loadTaskFile } from './task-files.ts';
import type { IncludeNode } from './tree.ts';

/**
 * Checks what include_tasks or include_role will include, when its name is known: that it is there, and all of it.
 * Each file and role is checked once per play, so that includes that include themselves end.
 */
export async function checkInclude(
  loading: Loading,
  node: IncludeNode,
  target: Value,
  position: Position,
  context: NodeContext,
): Promise<void> {
  const name = scalarText(target);
  if (name === undefined) {
    const what = node.kind === 'include_tasks' ? 'file' : 'role';
    loading.add({
      code: 'argument',
      message: `${node.kind}: the ${what} must be text, not ${kindOf(target)}.`,
      position,
    });
    return;
  }
  const inside: NodeContext = { ...context, parent: node, imports: [] };
  if (node.kind === 'include_tasks') await checkTasks(loading, name, position, inside);
  else await checkRole(loading, node, name, position, inside);
}

async function checkTasks(loading: Loading, name: string, position: Position, context: NodeContext): Promise<void> {
  const file = loading.attempt(() => findTaskFile(name, context, position), position);
  if (file === undefined || !isFirst(context, `${context.handlers ? 'handlers' : 'tasks'} ${file}`)) return;
  const nodes = await loadTaskFile(loading, file, position, { ...context, imports: [file] });
  if (context.handlers) context.play.handlers.push(...nodes);
}

async function checkRole(
  loading: Loading,
  node: IncludeNode,
  name: string,
  position: Position,
  context: NodeContext,
): Promise<void> {
  const { args } = node;
  if (Object.keys(args).some((key) => key.endsWith('_from') && isTemplate(loading, args[key]))) {
    context.play.handlersUnknown = true;
    return;
  }
  const use = roleUseOf(loading, name, args, 'include_role', position);
  const key = JSON.stringify(['role', name, use.tasksFrom, use.varsFrom, use.defaultsFrom, use.handlersFrom]);
  if (isFirst(context, key)) await loading.loaders.role(loading, use, context);
}

function isFirst(context: NodeContext, key: string): boolean {
  const { checked } = context.play;
  // The same names mean others where other collections are looked into.
  const whole = [key, context.uncertain, ...context.collections.map(({ value }) => value)].join(' ');
  if (checked.has(whole)) return false;
  checked.add(whole);
  return true;
}
