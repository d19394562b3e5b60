import type { ArgumentSchema } from '../module/arguments.ts';
import { validateArguments } from '../module/validate.ts';
import { type Position, placeOfKey, placeOfValue, rememberPlace } from '../position.ts';
import { type Mapping, mapping, type Value } from '../value.ts';
import type { Action } from './action.ts';
import { checkDictTemplates, checkTemplates } from './check-templates.ts';
import type { ModuleSignature } from './load.ts';
import type { Loading } from './loading.ts';

const expressions = new WeakMap<ArgumentSchema, ReadonlySet<string>>();

/** Arguments that are bare expressions, whose syntax is checked as such. */
function expressionsOf(schema: ArgumentSchema): ReadonlySet<string> {
  const known = expressions.get(schema);
  if (known) return known;
  const names = Object.keys(schema).filter((name) => schema[name]!.expression === true);
  const found = new Set(names);
  expressions.set(schema, found);
  return found;
}

/**
 * Checks all that is known of a task's arguments before it runs: names, types and choices of values without
 * templates, required ones, rules. What module_defaults give counts as given.
 */
export function checkArguments(
  loading: Loading,
  action: Action,
  signature: ModuleSignature,
  defaults: Mapping | undefined,
  position: Position,
): void {
  const bare = expressionsOf(signature.args);
  checkDictTemplates(loading, action.args, position, bare);
  if (signature.templatedNames) {
    for (const name of Object.keys(action.args)) {
      checkTemplates(loading, name, placeOfKey(action.args, name) ?? position);
    }
  }
  if (bare.size > 0) checkExpressions(loading, action.args, bare, position);
  const given = givenArguments(action.args, signature, defaults);
  const partial = action.argsTemplate !== undefined;
  const { problems, warnings } = validateArguments(
    partial ? withoutRequired(signature.args) : signature.args,
    partial ? undefined : signature.rules,
    given,
    signature.name,
    {
      templated: (value) => typeof value === 'string' && loading.options.templar.isTemplate(value),
      extraArguments: signature.extraArguments,
    },
  );
  for (const problem of problems) loading.add({ ...problem, position: problem.position ?? action.name.position });
  for (const warning of warnings) loading.warn(warning, action.name.position);
}

/** All that is given, under the names of the module's schema; the task's own arguments win. */
function givenArguments(args: Mapping, signature: ModuleSignature, defaults: Mapping | undefined): Mapping {
  if (defaults === undefined && args._raw === undefined) return args;
  const given = mapping();
  for (const dict of defaults === undefined ? [args] : [defaults, args]) {
    for (const key of Object.keys(dict)) copy(dict, key, given, key === '_raw' ? (signature.freeForm ?? key) : key);
  }
  return given;
}

function copy(from: Mapping, key: string, to: Mapping, name: string): void {
  to[name] = from[key]!;
  const value = placeOfValue(from, key);
  if (value) rememberPlace(to, name, value, placeOfKey(from, key));
}

function checkExpressions(loading: Loading, args: Mapping, names: ReadonlySet<string>, position: Position): void {
  const { templar } = loading.options;
  const check = (value: Value, place: Position): void => {
    if (Array.isArray(value)) {
      for (const [index, entry] of value.entries()) check(entry, placeOfValue(value, index) ?? place);
    } else if (typeof value === 'string') {
      loading.attempt(() => {
        if (templar.isTemplate(value)) templar.check(value, place);
        else templar.checkExpression(value, place);
      }, place);
    }
  };
  for (const name of names) if (args[name] !== undefined) check(args[name], placeOfValue(args, name) ?? position);
}

function withoutRequired(schema: ArgumentSchema): ArgumentSchema {
  return Object.fromEntries(Object.entries(schema).map(([name, spec]) => [name, { ...spec, required: false }]));
}
