import { type Position, placeOfKey } from '../position.ts';
import { isMapping, type Mapping, mapping, type Value } from '../value.ts';
import { checkTemplates, isTemplate } from './check-templates.ts';
import { type Fields, isIdentifier } from './fields.ts';
import { kindOf, placeIn } from './loading.ts';
import type { CommonKeywords, NodeKeywords, Written } from './tree.ts';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

const simple = {
  connection: 'connection',
  port: 'port',
  remote_user: 'remoteUser',
  become: 'become',
  become_method: 'becomeMethod',
  become_user: 'becomeUser',
  become_flags: 'becomeFlags',
  become_exe: 'becomeExe',
  no_log: 'noLog',
  run_once: 'runOnce',
  ignore_errors: 'ignoreErrors',
  ignore_unreachable: 'ignoreUnreachable',
  check_mode: 'checkMode',
  diff: 'diff',
  any_errors_fatal: 'anyErrorsFatal',
  throttle: 'throttle',
  timeout: 'timeout',
} as const;
const simpleFields: ReadonlyMap<string, (typeof simple)[keyof typeof simple]> = new Map(Object.entries(simple));

/** Reads the keywords that plays, roles, blocks and tasks share. */
export function loadCommon(fields: Fields): CommonKeywords {
  const common: Mutable<CommonKeywords> = { tags: fields.names('tags', true) };
  fillCommon(common, fields);
  return common;
}

function fillCommon(common: Mutable<CommonKeywords>, fields: Fields): void {
  const name = fields.text('name');
  if (name) common.name = name;
  for (const key of fields.keys) {
    const field = simpleFields.get(key);
    const written = field && fields.written(key);
    if (written) common[field] = written;
  }
  const user = fields.written('user');
  if (user) common.remoteUser ??= user;
  const vars = loadVars(fields);
  if (vars) common.vars = vars;
  const environment = loadEnvironment(fields);
  if (environment) common.environment = environment;
  const defaults = loadModuleDefaults(fields);
  if (defaults) common.moduleDefaults = defaults;
}

/** Reads the keywords of everything below a play. */
export function loadNodeKeywords(fields: Fields): NodeKeywords {
  const node: Mutable<NodeKeywords> = { tags: fields.names('tags', true), when: fields.conditions('when') ?? [] };
  fillCommon(node, fields);
  const delegateTo = fields.written('delegate_to');
  if (delegateTo) node.delegateTo = delegateTo;
  const delegateFacts = fields.written('delegate_facts');
  if (delegateFacts) node.delegateFacts = delegateFacts;
  return node;
}

function loadVars(fields: Fields): Mapping | undefined {
  const written = fields.written('vars');
  if (!written || !isMapping(written.value)) return undefined;
  checkVariableNames(fields, written.value, written.position);
  return written.value;
}

/** Reports names that cannot be variables. */
export function checkVariableNames(fields: Fields, vars: Mapping, position: Position): void {
  for (const name of Object.keys(vars)) {
    if (isIdentifier(name)) continue;
    fields.loading.add({
      code: 'parse',
      message: `"${name}" cannot be the name of a variable.`,
      position: placeOfKey(vars, name) ?? position,
      hint: 'Names are letters, digits and "_", begin with no digit, and are no words of Python.',
    });
  }
}

function loadEnvironment(fields: Fields): Written[] | undefined {
  const written = fields.written('environment');
  if (!written) return undefined;
  const { value, position } = written;
  const levels = Array.isArray(value)
    ? value.map((entry, index) => ({ value: entry, position: placeIn(value, index, position) }))
    : [written];
  return levels.filter((level) => {
    if (level.value === null || isMapping(level.value) || isTemplate(fields.loading, level.value))
      return level.value !== null;
    const message = `"environment" must be a dict of names and values, not ${kindOf(level.value)}.`;
    fields.loading.add({ code: 'parse', message, position: level.position });
    return false;
  });
}

function loadModuleDefaults(fields: Fields): Mapping | undefined {
  if (!fields.has('module_defaults')) return undefined;
  const value = fields.dict.module_defaults!;
  const position = fields.at('module_defaults');
  const defaults = mapping();
  for (const part of Array.isArray(value) ? value : [value]) {
    if (!isMapping(part)) {
      const message = `"module_defaults" must be a dict of modules and their arguments, not ${kindOf(part)}.`;
      fields.loading.add({ code: 'parse', message, position });
      continue;
    }
    for (const [module, args] of Object.entries(part)) addModuleDefaults(fields, defaults, module, args, part);
  }
  return defaults;
}

function addModuleDefaults(fields: Fields, defaults: Mapping, module: string, args: Value, part: Mapping): void {
  const { loading } = fields;
  const position = placeIn(part, module, fields.at('module_defaults'));
  checkTemplates(loading, args, position);
  if (module.startsWith('group/')) {
    const message = `"module_defaults" for a group of modules (${module}) is not supported.`;
    loading.add({ code: 'unsupported', message, position, hint: 'Name the modules one by one.' });
  } else if (isMapping(args) || isTemplate(loading, args)) {
    defaults[module] = args;
  } else {
    const message = `The defaults of "${module}" must be a dict of arguments, not ${kindOf(args)}.`;
    loading.add({ code: 'parse', message, position });
  }
}
