import { didYouMean } from '../errors.ts';
import type { Position } from '../position.ts';
import { pythonText } from '../python/text.ts';
import { type Mapping, mapping, type Value } from '../value.ts';
import { checkHandlers } from './check-handlers.ts';
import { isTemplate } from './check-templates.ts';
import { collectionsOfPlay } from './collections.ts';
import { loadCommon } from './common-keywords.ts';
import { Fields } from './fields.ts';
import { kindOf, type Loading, type NodeContext, type PlayContext, placeIn, type RoleUse } from './loading.ts';
import { optional } from './loop.ts';
import { rulesOfPlay } from './play-rules.ts';
import { loadRoleEntries } from './role-meta.ts';
import { renderStatic } from './static-scope.ts';
import type {
  CommonKeywords,
  Conditions,
  IncludeNode,
  PlayNode,
  RoleNode,
  TaskNode,
  TaskTreeNode,
  Written,
} from './tree.ts';
import { hasConditions } from './uncertain.ts';
import { loadVarsFiles } from './vars-files.ts';
import { loadVarsPrompt } from './vars-prompt.ts';

const strategies = ['linear', 'free', 'host_pinned'] as const;
const orders = ['inventory', 'reverse_inventory', 'sorted', 'reverse_sorted', 'shuffle'] as const;

/** What import_playbook hands on to the plays that it imports. */
export interface PlayImport {
  readonly vars: Mapping;
  readonly tags: readonly Written<string>[];
  readonly when: Conditions;
}

/** Loads a play and checks all that it holds. */
export async function loadPlay(
  loading: Loading,
  dict: Mapping,
  position: Position,
  file: string,
  folder: string,
  imported: PlayImport,
): Promise<PlayNode> {
  const fields = new Fields(loading, dict, 'play', position);
  fields.reportUnknown();
  const own = loadCommon(fields);
  const keywords = withImport(own, imported);
  const play: PlayContext = {
    folder,
    vars: keywords.vars ? [keywords.vars] : [],
    rules: loading.attempt(() => rulesOfPlay(keywords.vars), position),
    roles: new Map(),
    notified: [],
    handlers: [],
    handlersUnknown: false,
    checked: new Set(),
    moduleDefaults: keywords.moduleDefaults,
  };
  const context: NodeContext = {
    play,
    parent: undefined,
    role: undefined,
    files: [file],
    handlers: false,
    imports: [],
    collections: collectionsOfPlay(fields, file),
    uncertain: hasConditions(imported.when),
  };
  const varsFiles = loadVarsFiles(fields, play);
  const roles = await loadRoles(fields, context);
  const section = (name: string): Promise<TaskTreeNode[]> => loadSection(fields, name, context);
  const preTasks = await section('pre_tasks');
  const tasks = await section('tasks');
  const postTasks = await section('post_tasks');
  const handlers = await loadSection(fields, 'handlers', { ...context, handlers: true, uncertain: true });
  play.handlers.push(...handlers);
  checkHandlers(loading, play);
  return {
    type: 'play',
    position,
    keywords,
    hosts: loadHosts(fields),
    ...optional('gatherFacts', fields.written('gather_facts')),
    ...optional('gatherSubset', fields.written('gather_subset')),
    ...optional('gatherTimeout', fields.written('gather_timeout')),
    ...optional('factPath', fields.written('fact_path')),
    varsFiles,
    varsPrompt: loadVarsPrompt(fields),
    strategy: loadStrategy(fields, context),
    order: oneOf(fields, 'order', orders, context) ?? 'inventory',
    ...optional('serial', loadSerial(fields)),
    ...optional('maxFailPercentage', fields.written('max_fail_percentage')),
    ...optional('forceHandlers', fields.written('force_handlers')),
    preTasks,
    roles,
    tasks,
    postTasks,
    handlers: handlers as (TaskNode | IncludeNode)[],
    when: imported.when,
  };
}

function withImport(own: CommonKeywords, imported: PlayImport): CommonKeywords {
  const vars = mapping();
  for (const dict of [own.vars, imported.vars]) if (dict) Object.assign(vars, dict);
  const hasVars = Object.keys(vars).length > 0;
  // A dict that is the play's own keeps the places of its entries.
  const merged = Object.keys(imported.vars).length === 0 ? own.vars : vars;
  return { ...own, ...(hasVars ? optional('vars', merged) : {}), tags: [...imported.tags, ...own.tags] };
}

function loadHosts(fields: Fields): Written<string> {
  const patterns = fields.names('hosts');
  const value = patterns.map((pattern) => pattern.value).join(',');
  if (value.trim() === '') {
    const hint = 'Say which hosts the play is for: hosts: all, or a group, or localhost.';
    fields.loading.add({ code: 'parse', message: 'This play has no "hosts".', position: fields.position, hint });
  }
  return { value, position: patterns[0]?.position ?? fields.position };
}

async function loadSection(fields: Fields, name: string, context: NodeContext): Promise<TaskTreeNode[]> {
  if (!fields.has(name)) return [];
  return fields.loading.loaders.tasks(fields.loading, fields.dict[name]!, fields.at(name), context);
}

async function loadRoles(fields: Fields, context: NodeContext): Promise<RoleNode[]> {
  const { loading } = fields;
  if (!fields.has('roles')) return [];
  const nodes: RoleNode[] = [];
  for (const entry of loadRoleEntries(loading, fields.dict.roles!, fields.at('roles'))) {
    const name = loading.attempt(
      () => renderStatic(loading, entry.role, context, entry.keywords.vars, entry.position),
      entry.position,
      true,
    );
    if (name === undefined) continue;
    const { position, params, keywords } = entry;
    const use: RoleUse = { name, position, via: 'roles', keywords, params, allowDuplicates: false, public: true };
    nodes.push(...(await loading.loaders.role(loading, use, context)));
  }
  return nodes;
}

function loadStrategy(fields: Fields, context: NodeContext): PlayNode['strategy'] {
  const written = rendered(fields, 'strategy', context);
  if (written === undefined) return 'linear';
  const value = written.replace(/^ansible\.builtin\./, '');
  const known = strategies.find((strategy) => strategy === value);
  if (known) return known;
  fields.loading.add({
    code: 'unsupported',
    message: `The strategy "${value}" is not supported.`,
    position: fields.at('strategy'),
    hint: didYouMean(value, strategies) ?? `Strategies are ${strategies.join(', ')}.`,
  });
  return 'linear';
}

/** The text of a keyword whose templates are rendered before the play begins; undefined where it is not said or wrong. */
function rendered(fields: Fields, name: string, context: NodeContext): string | undefined {
  if (!fields.has(name)) return undefined;
  const value = fields.dict[name]!;
  if (!isTemplate(fields.loading, value)) return pythonText(value);
  const place = fields.at(name);
  const render = (): string => renderStatic(fields.loading, value, context, undefined, place, `"${name}"`);
  return fields.loading.attempt(render, place);
}

function oneOf<T extends string>(
  fields: Fields,
  name: string,
  choices: readonly T[],
  context: NodeContext,
): T | undefined {
  const value = rendered(fields, name, context);
  if (value === undefined) return undefined;
  const known = choices.find((choice) => choice === value);
  if (known) return known;
  const message = `"${name}" must be one of ${choices.join(', ')}, not "${value}".`;
  fields.loading.add({ code: 'parse', message, position: fields.at(name), hint: didYouMean(value, choices) });
  return undefined;
}

function loadSerial(fields: Fields): Written | undefined {
  const written = fields.written('serial');
  if (!written) return undefined;
  const { value } = written;
  const sizes: readonly Value[] = Array.isArray(value) ? value : [value];
  for (const [index, size] of sizes.entries()) {
    if (isTemplate(fields.loading, size) || /^\d+%?$/.test(pythonText(size).trim())) continue;
    const position = Array.isArray(value) ? placeIn(value, index, written.position) : written.position;
    const message = `"serial" must be a number or a percentage of hosts, not ${kindOf(size)}.`;
    fields.loading.add({ code: 'parse', message, position });
  }
  return written;
}
