import path from 'node:path';
import { didYouMean } from '../errors.ts';
import { type Position, placeOfKey } from '../position.ts';
import { keyText } from '../python/dict.ts';
import { isMapping, type Mapping, mapping, type Value } from '../value.ts';
import type { Action, IncludeKind } from './action.ts';
import { checkDictTemplates, isTemplate } from './check-templates.ts';
import { loadCollections } from './collections.ts';
import { loadNodeKeywords } from './common-keywords.ts';
import { Fields } from './fields.ts';
import { checkInclude } from './include-check.ts';
import { keywords } from './keywords.ts';
import { kindOf, type Loading, type NodeContext, placeIn } from './loading.ts';
import { loadLoop, loadLoopControl, optional } from './loop.ts';
import { roleUseOf } from './role-use.ts';
import { renderStatic } from './static-scope.ts';
import { findTaskFile, loadTaskFile } from './task-files.ts';
import type { BlockNode, Collections, IncludeNode, TaskTreeNode } from './tree.ts';

const taskArguments = ['file', 'apply'];
const roleArguments = [
  'name',
  'role',
  'tasks_from',
  'vars_from',
  'defaults_from',
  'handlers_from',
  'allow_duplicates',
  'rolespec_validate',
  'public',
  'apply',
];

/** Loads include_tasks, import_tasks, include_role and import_role. */
export async function loadInclude(
  loading: Loading,
  dict: Mapping,
  action: Action,
  position: Position,
  context: NodeContext,
): Promise<TaskTreeNode | undefined> {
  const kind = action.include!;
  const args = checkedArguments(loading, kind, action);
  if (!args) return undefined;
  if (kind === 'import_tasks' || kind === 'import_role')
    return loadImport(loading, dict, action, args, position, context);
  if (context.handlers && kind === 'include_role') return notAHandler(loading, kind, action.name.position);
  return loadDynamic(loading, dict, action, args, position, context);
}

function notAHandler(loading: Loading, kind: IncludeKind, position: Position): undefined {
  loading.add({ code: 'parse', message: `"${kind}" cannot be a handler.`, position });
}

/** The arguments with the file or role under its one name (`file`, `name`); undefined when that is missing or another is unknown. */
function checkedArguments(loading: Loading, kind: IncludeKind, action: Action): Mapping | undefined {
  const forRole = kind.endsWith('role');
  const known = (forRole ? roleArguments : taskArguments).filter(
    (name) => name !== 'apply' || kind.startsWith('include'),
  );
  const args = mapping();
  const target = forRole ? 'name' : 'file';
  let isKnown = true;
  for (const key of Object.keys(action.args)) {
    const name = (key === '_raw' && !forRole) || (key === 'role' && forRole) ? target : key;
    if (known.includes(name)) {
      args[name] = action.args[key]!;
      continue;
    }
    isKnown = false;
    loading.add({
      code: 'argument',
      message: `${kind}: there is no argument "${key === '_raw' ? String(action.args._raw) : keyText(key)}".`,
      position: placeOfKey(action.args, key) ?? action.name.position,
      hint:
        didYouMean(key, known) ??
        (key === '_raw' ? 'Write name: ROLE below it.' : `Variables are given by "vars:" beside "${kind}:".`),
    });
  }
  if (args[target] !== undefined && args[target] !== null) return isKnown ? args : undefined;
  const message = `${kind}: the argument "${target}" is required.`;
  loading.add({ code: 'argument', message, position: action.name.position });
  return undefined;
}

function targetPlace(action: Action): Position {
  const key = ['_raw', 'file', 'name', 'role'].find((name) => action.args[name] !== undefined) ?? '_raw';
  return placeIn(action.args, key, action.name.position);
}

/** An import becomes a block that holds what is imported. */
async function loadImport(
  loading: Loading,
  dict: Mapping,
  action: Action,
  args: Mapping,
  position: Position,
  context: NodeContext,
): Promise<TaskTreeNode | undefined> {
  const kind = action.include as 'import_tasks' | 'import_role';
  const fields = new Fields(loading, dict, context.handlers ? 'handler' : 'task', position);
  const loop = Object.keys(dict).find((key) => key === 'loop' || key.startsWith('with_'));
  if (loop !== undefined) {
    const message = `"${kind}" cannot be looped over.`;
    const hint = `Use ${kind.replace('import', 'include')}.`;
    loading.add({ code: 'parse', message, position: placeOfKey(dict, loop) ?? position, hint });
    return undefined;
  }
  if (context.handlers && kind === 'import_role') return notAHandler(loading, kind, action.name.position);
  const children: TaskTreeNode[] = [];
  const notify = fields.names('notify');
  context.play.notified.push(...notify.map((name) => ({ name, uncertain: context.uncertain })));
  const place = targetPlace(action);
  const own = loadNodeKeywords(fields);
  const target = loading.attempt(
    () => renderStatic(loading, args[kind === 'import_tasks' ? 'file' : 'name']!, context, own.vars, place),
    place,
    true,
  );
  if (target === undefined) return undefined;
  // Ansible, too, refuses an import of what is not there, whatever its condition.
  const file =
    kind === 'import_tasks' ? loading.attempt(() => findTaskFile(target, context, place), place, true) : undefined;
  const block: BlockNode = {
    type: 'block',
    position,
    ...optional('parent', context.parent),
    keywords: own,
    block: children,
    rescue: [],
    always: [],
    notify,
    origin: kind,
    ...optional('file', file),
  };
  const inside = { ...context, parent: block, collections: loadCollections(fields) ?? context.collections };
  if (file !== undefined && context.imports.includes(file)) {
    loading.add({ code: 'parse', message: `The file ${path.basename(file)} imports itself.`, position: place });
  } else if (file !== undefined) {
    inside.imports = [file, ...context.imports];
    children.push(...(await loadTaskFile(loading, file, place, inside)));
  } else if (kind === 'import_role') {
    children.push(
      ...(await loading.loaders.role(loading, roleUseOf(loading, target, args, 'import_role', place), inside)),
    );
  }
  return block;
}

async function loadDynamic(
  loading: Loading,
  dict: Mapping,
  action: Action,
  args: Mapping,
  position: Position,
  context: NodeContext,
): Promise<TaskTreeNode> {
  const kind = action.include as 'include_tasks' | 'include_role';
  const fields = new Fields(loading, dict, 'include', position);
  const listen = context.handlers && dict.listen !== undefined;
  // Keys that are no keywords at all were reported when the action was looked for.
  fields.reportUnknown((name) => keywords[name] === undefined || (listen && name === 'listen'));
  checkDictTemplates(loading, action.args, position);
  const apply = applyFields(loading, action);
  const node: IncludeNode = {
    type: 'include',
    kind,
    action: action.name,
    position,
    ...optional('parent', context.parent),
    keywords: loadNodeKeywords(fields),
    ...optional('loop', loadLoop(fields)),
    ...optional('loopControl', loadLoopControl(fields)),
    ...optional('register', fields.text('register')?.value),
    args: withoutApply(args),
    ...optional('apply', apply && loadNodeKeywords(apply)),
    notify: [],
    ...(context.handlers ? { listen: new Fields(loading, dict, 'handler', position).names('listen') } : {}),
  };
  const own: NodeContext = { ...context, collections: dynamicCollections(kind, fields, apply) ?? context.collections };
  loading.includes.set(node, own);
  const target = args[kind === 'include_tasks' ? 'file' : 'name']!;
  if (isTemplate(loading, target)) context.play.handlersUnknown = true;
  else await checked(loading, node, target, targetPlace(action), own);
  return node;
}

/** What is included behind a condition is read when it is reached, so that nothing in it is an error before. */
async function checked(
  loading: Loading,
  node: IncludeNode,
  target: Value,
  place: Position,
  context: NodeContext,
): Promise<void> {
  const check = (): Promise<void> => checkInclude(loading, node, target, place, context);
  if (context.uncertain) await loading.uncertainly(check, (result) => result, true);
  else await check();
}

function withoutApply(args: Mapping): Mapping {
  const { apply, ...rest } = args;
  return mapping(Object.entries(rest));
}

/**
 * Where an include's names are looked for: include_role finds its role by its own keyword, and what include_tasks brings has
 * that of `apply`. The other two mean nothing, in Ansible neither.
 */
function dynamicCollections(
  kind: 'include_tasks' | 'include_role',
  own: Fields,
  apply: Fields | undefined,
): Collections | undefined {
  const [counts, idle] = kind === 'include_role' ? [own, apply] : [apply, own];
  if (idle?.has('collections')) {
    const text =
      kind === 'include_role'
        ? 'collections means nothing in apply of include_role: a role has its own (meta/main.yml)'
        : 'collections means nothing beside include_tasks: what is included does not inherit it, but what stands in apply';
    own.loading.warn(text, idle.at('collections'));
  }
  return counts && loadCollections(counts);
}

function applyFields(loading: Loading, action: Action): Fields | undefined {
  const value = action.args.apply;
  if (value === undefined || value === null) return undefined;
  const position = placeIn(action.args, 'apply', action.name.position);
  if (!isMapping(value)) {
    loading.add({ code: 'argument', message: `"apply" must be a dict of keywords, not ${kindOf(value)}.`, position });
    return undefined;
  }
  const fields = new Fields(loading, value, 'block', position);
  fields.reportUnknown();
  return fields;
}
