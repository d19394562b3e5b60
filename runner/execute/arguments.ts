import { KplayError } from '../errors.ts';
import { parseKeyValues } from '../language/key-values.ts';
import type { TaskNode } from '../language/tree.ts';
import type { ArgumentSchema, ArgumentSpec } from '../module/arguments.ts';
import type { Module } from '../module/contract.ts';
import { validateArguments } from '../module/validate.ts';
import { placeOfValue } from '../position.ts';
import type { TemplateContext } from '../template/templar.ts';
import type { Mapping, Value } from '../value.ts';
import { isMapping } from '../value.ts';
import type { CompiledTask } from './compiled-task.ts';
import type { Engine } from './engine.ts';

/** A task's arguments, ready for its module. */
export interface PreparedArguments {
  readonly args: Record<string, unknown>;
  /** Values of no_log arguments, longest first. */
  readonly secrets: readonly string[];
  readonly warnings: readonly string[];
}

/** Renders, coerces and checks a task's arguments. Throws KplayError with every problem. */
export function prepareArguments(
  engine: Engine,
  task: CompiledTask & { readonly node: TaskNode },
  context: TemplateContext,
): PreparedArguments {
  const module = task.module!;
  const rendered = renderArguments(engine, task, module, context);
  const { args, problems, warnings } = validateArguments(module.args, module.rules, rendered, module.name, {
    extraArguments: module.extraArguments,
  });
  if (problems.length > 0) {
    throw new KplayError(problems.map((problem) => ({ ...problem, position: problem.position ?? task.node.position })));
  }
  return { args, secrets: secretsOf(module.args, args).sort((a, b) => b.length - a.length), warnings };
}

function renderArguments(
  engine: Engine,
  task: CompiledTask & { readonly node: TaskNode },
  module: Module,
  context: TemplateContext,
): Mapping {
  const { node } = task;
  const written: Mapping = { ...task.moduleDefaults, ...node.args };
  const rendered: Mapping = {};
  for (const [name, value] of Object.entries(written)) {
    const place = placeOfValue(node.args, name) ?? node.position;
    if (module.args[name]?.expression) {
      rendered[name] = value;
      continue;
    }
    const result = engine.templar.render(value, context, place);
    if (result !== engine.templar.omit)
      rendered[name === '_raw' && module.freeForm ? module.freeForm : name] = dropOmitted(engine, result);
  }
  if (node.argsTemplate) Object.assign(rendered, templatedArguments(engine, task, module, context));
  return rendered;
}

/** `module: "{{ arguments }}"`: what comes out is a dict of arguments, or text in one of the short forms. */
function templatedArguments(
  engine: Engine,
  task: CompiledTask & { readonly node: TaskNode },
  module: Module,
  context: TemplateContext,
): Mapping {
  const { value, position } = task.node.argsTemplate!;
  const result = engine.templar.render(value, context, position);
  if (isMapping(result)) return result;
  if (typeof result === 'string' && module.freeForm) return { [module.freeForm]: result };
  if (typeof result === 'string') return parseKeyValues(result, position);
  throw new KplayError({ code: 'argument', message: `the arguments of ${module.name} must be a dict`, position });
}

function dropOmitted(engine: Engine, value: Value): Value {
  if (Array.isArray(value))
    return value.filter((element) => element !== engine.templar.omit).map((element) => dropOmitted(engine, element));
  if (!isMapping(value)) return value;
  const kept: Mapping = {};
  for (const [key, entry] of Object.entries(value)) {
    if (entry !== engine.templar.omit) kept[key] = dropOmitted(engine, entry);
  }
  return kept;
}

function secretsOf(schema: ArgumentSchema, args: Record<string, unknown>): string[] {
  const secrets: string[] = [];
  for (const [name, spec] of Object.entries(schema)) collectSecrets(spec, args[name], secrets);
  return secrets;
}

function collectSecrets(spec: ArgumentSpec, value: unknown, secrets: string[]): void {
  if (value === undefined || value === null) return;
  if (spec.noLog) texts(value, secrets);
  else if (spec.options) {
    for (const element of Array.isArray(value) ? value : [value]) {
      if (isMapping(element)) secrets.push(...secretsOf(spec.options, element));
    }
  }
}

function texts(value: unknown, secrets: string[]): void {
  if (typeof value === 'string' || typeof value === 'number') {
    if (String(value) !== '') secrets.push(String(value));
  } else if (Array.isArray(value)) for (const element of value) texts(element, secrets);
  else if (isMapping(value)) for (const element of Object.values(value)) texts(element, secrets);
}
