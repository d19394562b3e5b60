import { becomeMethodOf, becomeMethodsHint, unknownBecomeMethod } from '../become-methods.ts';
import { type Position, placeOfKey } from '../position.ts';
import { keyText } from '../python/dict.ts';
import { isMapping, type Mapping, mapping, type Value } from '../value.ts';
import { checkTemplates, isTemplate } from './check-templates.ts';
import { type Fields, isIdentifier, scalarText } from './fields.ts';
import { kindOf, placeIn } from './loading.ts';
import type { CommonKeywords, NodeKeywords, Written } from './tree.ts';

export type Mutable<T> = { -readonly [K in keyof T]: T[K] };

const simple = {
  connection: 'connection',
  port: 'port',
  remote_user: 'remoteUser',
  become: 'become',
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

/**
 * How a keyword's value comes into what is loaded. Readers are looked up by the keys that a task has: it has few of the
 * keywords that there are.
 */
export type Reader<T> = (into: Mutable<T>, fields: Fields) => void;

/** A reader that sets a field to what it finds. */
export function reads<T, K extends keyof T>(field: K, read: (fields: Fields) => T[K] | undefined): Reader<T> {
  return (into, fields) => {
    const value = read(fields);
    if (value !== undefined) into[field] = value;
  };
}

const commonReaders: [string, Reader<CommonKeywords>][] = [
  ...Object.entries(simple).map(([keyword, field]): [string, Reader<CommonKeywords>] => [
    keyword,
    reads(field, (fields) => fields.written(keyword)),
  ]),
  ['become_method', reads('becomeMethod', loadBecomeMethod)],
  ['tags', reads('tags', (fields) => fields.names('tags', true))],
  ['name', reads('name', (fields) => fields.text('name'))],
  ['user', reads('remoteUser', (fields) => fields.written('remote_user') ?? fields.written('user'))],
  ['vars', reads('vars', loadVars)],
  ['environment', reads('environment', loadEnvironment)],
  ['module_defaults', reads('moduleDefaults', loadModuleDefaults)],
];
const playReaders: ReadonlyMap<string, Reader<CommonKeywords>> = new Map(commonReaders);

const nodeReaders: ReadonlyMap<string, Reader<NodeKeywords>> = new Map<string, Reader<NodeKeywords>>([
  ...(commonReaders as [string, Reader<NodeKeywords>][]),
  ['when', reads('when', (fields) => fields.conditions('when'))],
  ['delegate_to', reads('delegateTo', (fields) => fields.written('delegate_to'))],
  ['delegate_facts', reads('delegateFacts', (fields) => fields.written('delegate_facts'))],
]);

/** Reads the keywords that plays, roles, blocks and tasks share. */
export function loadCommon(fields: Fields): CommonKeywords {
  const common: Mutable<CommonKeywords> = { tags: [] };
  readKeywords(common, fields, playReaders);
  return common;
}

/** Reads the keywords of everything below a play. */
export function loadNodeKeywords(fields: Fields): NodeKeywords {
  const node: Mutable<NodeKeywords> = { tags: [], when: [] };
  readKeywords(node, fields, nodeReaders);
  return node;
}

/** Reads what is there of some keywords, in the order in which it was written. */
export function readKeywords<T>(into: Mutable<T>, fields: Fields, readers: ReadonlyMap<string, Reader<T>>): void {
  for (const key of fields.keys) readers.get(key)?.(into, fields);
}

function loadBecomeMethod(fields: Fields): Written | undefined {
  const written = fields.written('become_method');
  if (!written || isTemplate(fields.loading, written.value)) return written;
  const name = scalarText(written.value) ?? '';
  if (name === '' || becomeMethodOf(name)) return written;
  const { position } = written;
  fields.loading.add({ code: 'unsupported', message: unknownBecomeMethod(name), position, hint: becomeMethodsHint });
  return undefined;
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
      message: `"${keyText(name)}" cannot be the name of a variable.`,
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
