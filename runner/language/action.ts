import { didYouMean } from '../errors.ts';
import { type Position, placeOfKey, placeOfValue, rememberPlace } from '../position.ts';
import { pythonText } from '../python/text.ts';
import { table } from '../table.ts';
import { isMapping, type Mapping, mapping, type Value } from '../value.ts';
import { isTemplate } from './check-templates.ts';
import type { Fields } from './fields.ts';
import { parseKeyValues } from './key-values.ts';
import { isTaskKey, keywords, keywordsOf } from './keywords.ts';
import type { ModuleSignature } from './load.ts';
import { kindOf, type Loading } from './loading.ts';
import type { Written } from './tree.ts';

/** Which module a task runs, and with what. */
export interface Action {
  readonly name: Written<string>;
  readonly args: Mapping;
  readonly argsTemplate?: Written<string> | undefined;
  readonly local: boolean;
  /** Absent for includes and imports, which are no modules. */
  readonly signature?: ModuleSignature | undefined;
  readonly include?: IncludeKind | undefined;
}

export type IncludeKind = 'include_tasks' | 'import_tasks' | 'include_role' | 'import_role';

const includeCollections = ['', 'ansible.builtin.', 'ansible.legacy.'];
const includeKinds: ReadonlyMap<string, IncludeKind> = new Map(
  (['include_tasks', 'import_tasks', 'include_role', 'import_role'] as const).flatMap((kind) =>
    includeCollections.map((collection) => [`${collection}${kind}`, kind] as const),
  ),
);

/**
 * Finds what a task does among its keys. Reports problems; undefined when there is nothing to go on with. It comes at once
 * when the modules are known already, as nearly always: thousands of tasks need not wait one by one.
 */
export function findAction(fields: Fields): Action | undefined | Promise<Action | undefined> {
  const candidates: string[] = [];
  const forms: string[] = [];
  const unknown: string[] = [];
  for (const key of fields.keys) {
    const older = isOlderForm(key) && fields.has(key);
    if (older) forms.push(key);
    else if (!isTaskKey(key)) candidates.push(key);
    else continue;
    const name = older ? nameInOlderForm(fields.dict[key]!) : key;
    if (name !== undefined && !fields.loading.knows(name) && includeKind(name) === undefined) unknown.push(name);
  }
  if (unknown.length === 0) return chooseAction(fields, candidates, forms);
  return fields.loading.learn(unknown).then(() => chooseAction(fields, candidates, forms));
}

function isOlderForm(key: string): boolean {
  return key === 'action' || key === 'local_action';
}

/** `candidates` are keys that may name modules, `forms` those of the older forms that the task has. */
function chooseAction(fields: Fields, candidates: readonly string[], forms: readonly string[]): Action | undefined {
  const { dict, loading } = fields;
  const known: string[] = [];
  for (const key of candidates) if (includeKind(key) !== undefined || loading.signature(key)) known.push(key);
  known.push(...forms);
  if (known.length > 1) {
    const list = known.map((key) => `"${key}"`).join(' and ');
    const hint = 'Make a task of each.';
    loading.add({
      code: 'parse',
      message: `This task has several actions: ${list}.`,
      position: keyPlace(fields, known[1]!),
      hint,
    });
    return undefined;
  }
  const name = known[0];
  for (const key of candidates) if (key !== name) reportStray(fields, key, name !== undefined, candidates.length);
  if (name === undefined) {
    if (candidates.length === 0) {
      const hint = 'Name a module and its arguments, e.g. ansible.builtin.command: hostname.';
      loading.add({
        code: 'parse',
        message: 'This task does nothing: it names no module.',
        position: fields.position,
        hint,
      });
    }
    return undefined;
  }
  const local = name === 'local_action';
  if (local || name === 'action') return olderForm(fields, name, local);
  const written = { value: name, position: keyPlace(fields, name) };
  return complete(fields, written, dict[name] ?? null, placeOfValue(dict, name), false);
}

function keyPlace(fields: Fields, key: string): Position {
  return placeOfKey(fields.dict, key) ?? fields.position;
}

/** A key that is neither keyword nor known module. */
function reportStray(fields: Fields, key: string, hasAction: boolean, count: number): void {
  const { catalog } = fields.loading.options;
  const asKeyword = keywords[key] !== undefined || didYouMean(key, keywordsOf('task')) !== undefined;
  const asModule = didYouMean(withoutCollection(key), catalog.names);
  if (hasAction || keywords[key] !== undefined || (asKeyword && (asModule === undefined || count > 1))) {
    fields.reportUnknownKeyword(key);
    return;
  }
  fields.loading.add({
    code: 'unknown-module',
    message: `There is no module "${key}".`,
    position: keyPlace(fields, key),
    hint: removed[withoutCollection(key)] ?? asModule ?? 'See "kplay doc --list" for all modules.',
  });
}

const removed: Readonly<Record<string, string>> = table<string>({
  include: 'Use include_tasks or import_tasks.',
  import_playbook: 'import_playbook stands beside plays, not among tasks.',
  hosts: 'A play stands beside other plays, not among tasks.',
});

function withoutCollection(name: string): string {
  return name.slice(name.lastIndexOf('.') + 1);
}

/** The include or import that a name means, whatever its collection. */
function includeKind(name: string): IncludeKind | undefined {
  return includeKinds.get(name);
}

/** The module that `action` or `local_action` names, where it does. */
function nameInOlderForm(value: Value): string | undefined {
  if (typeof value === 'string') return /^\s*(\S*)/.exec(value)![1]!;
  return isMapping(value) && typeof value.module === 'string' ? value.module.split(' ')[0]! : undefined;
}

/** `action: module a=1`, `action: {module: name, …}`, and the same of local_action. */
function olderForm(fields: Fields, form: string, local: boolean): Action | undefined {
  const { loading } = fields;
  const value = fields.dict[form]!;
  const position = fields.at(form);
  if (typeof value === 'string') {
    const [, name = '', space = '', rest = ''] = /^\s*(\S+)(\s*)([\s\S]*)$/.exec(value) ?? [];
    const restPlace = { ...position, column: position.column + name.length + space.length };
    return complete(fields, { value: name, position }, rest === '' ? null : rest, restPlace, local);
  }
  if (isMapping(value) && typeof value.module === 'string') {
    const [name = '', ...words] = value.module.split(' ');
    const args = mapping();
    if (words.length > 0) Object.assign(args, parseKeyValues(words.join(' '), position, takesCommand(loading, name)));
    for (const key of Object.keys(value)) if (key !== 'module') copyEntry(value, key, args, position);
    return complete(
      fields,
      { value: name, position: placeOfValue(value, 'module') ?? position },
      args,
      position,
      local,
    );
  }
  const hint = `Write ${form}: {module: NAME, \u2026}, or the module's name as the key.`;
  loading.add({ code: 'parse', message: `"${form}" must name a module, not ${kindOf(value)}.`, position, hint });
  return undefined;
}

/** Whether a module's text is a command, of which only some options are taken out. */
function takesCommand(loading: Loading, module: string): boolean {
  return includeKind(module) === undefined && loading.signature(module)?.takesCommand === true;
}

function copyEntry(from: Mapping, key: string, to: Mapping, fallback: Position): void {
  to[key] = from[key]!;
  rememberPlace(to, key, placeOfValue(from, key) ?? fallback, placeOfKey(from, key));
}

function complete(
  fields: Fields,
  name: Written<string>,
  value: Value,
  valuePlace: Position | undefined,
  local: boolean,
): Action | undefined {
  const { loading } = fields;
  const include = includeKind(name.value);
  const signature = include ? undefined : loading.signature(name.value);
  if (!include && !signature) {
    const hint = didYouMean(withoutCollection(name.value), loading.options.catalog.names);
    loading.add({
      code: 'unknown-module',
      message: `There is no module "${name.value}".`,
      position: name.position,
      hint,
    });
    return undefined;
  }
  const position = valuePlace ?? name.position;
  const base = argsKeyword(fields);
  const given = givenArgs(fields, signature, include, value, position);
  if (given === undefined) return undefined;
  const args = mergeArgs(base?.args, given.args, position);
  return { name, args, argsTemplate: given.template ?? base?.template, local, signature, include };
}

/** The arguments of the keyword `args` and those of the module, which win. What is written stays as it is. */
function mergeArgs(base: Mapping | undefined, given: Mapping | undefined, position: Position): Mapping {
  if (given && !base && given._raw_params === undefined) return given;
  const args = mapping();
  for (const part of [base, given]) {
    for (const key of Object.keys(part ?? {})) copyEntry(part!, key, args, position);
  }
  if (args._raw_params !== undefined) {
    args._raw ??= args._raw_params;
    delete args._raw_params;
  }
  return args;
}

interface Given {
  readonly args?: Mapping | undefined;
  readonly template?: Written<string> | undefined;
}

function argsKeyword(fields: Fields): Given | undefined {
  if (!fields.has('args')) return undefined;
  const value = fields.dict.args!;
  const position = fields.at('args');
  if (isMapping(value)) return { args: value };
  if (isTemplate(fields.loading, value)) return { template: { value, position } };
  if (typeof value === 'string')
    return { args: fields.loading.attempt(() => parseKeyValues(value, position), position) };
  const message = `"args" must be a dict of arguments, not ${kindOf(value)}.`;
  fields.loading.add({ code: 'parse', message, position });
  return undefined;
}

function givenArgs(
  fields: Fields,
  signature: ModuleSignature | undefined,
  include: IncludeKind | undefined,
  value: Value,
  position: Position,
): Given | undefined {
  if (value === null) return {};
  if (isMapping(value)) return { args: value };
  const label = signature?.name ?? include ?? '';
  if (typeof value === 'string') {
    const takesText = signature?.freeForm !== undefined || include !== undefined;
    if (!takesText && isOneTemplate(value)) return { template: { value, position } };
    const args = fields.loading.attempt(() => parseKeyValues(value, position, signature?.takesCommand), position);
    if (args?._raw !== undefined && !takesText) {
      reportExtraText(fields, label, pythonText(args._raw), position);
      return undefined;
    }
    return args && { args };
  }
  const scalar = typeof value === 'number' || typeof value === 'boolean';
  if (scalar && signature?.freeForm !== undefined) {
    const args = mapping([['_raw', pythonText(value)]]);
    rememberPlace(args, '_raw', position);
    return { args };
  }
  const message = `The arguments of "${label}" must be a dict, or text like a=1 b=2, not ${kindOf(value)}.`;
  fields.loading.add({ code: 'argument', message, position });
  return undefined;
}

function reportExtraText(fields: Fields, module: string, text: string, position: Position): void {
  fields.loading.add({
    code: 'argument',
    message: `${module}: it takes no free text, but this is no name=value: "${text.trim()}".`,
    position,
    hint: `Write its arguments as a dict below "${module}:", or quote values that hold blanks.`,
  });
}

/** Whether a text is a template from end to end, and not `{{ name }}={{ value }}`. */
function isOneTemplate(text: string): boolean {
  return /^\s*\{\{[\s\S]*\}\}\s*$/.test(text) && !/\}\}=/.test(text);
}
