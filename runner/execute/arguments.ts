import { KplayError } from '../errors.ts';
import { parseKeyValues } from '../language/key-values.ts';
import type { TaskNode } from '../language/tree.ts';
import type { Module } from '../module/contract.ts';
import { validateArguments } from '../module/validate.ts';
import { type Position, placeOfValue } from '../position.ts';
import { pythonText } from '../python/text.ts';
import { checkWritable } from '../shared-values.ts';
import type { TemplateContext } from '../template/templar.ts';
import type { Mapping, Value } from '../value.ts';
import { isMapping } from '../value.ts';
import type { CompiledTask } from './compiled-task.ts';
import type { Engine } from './engine.ts';
import { dropOmitted } from './omit.ts';
import { hasSecrets, learnArguments } from './secret-arguments.ts';

/** A task's arguments, ready for its module. */
export interface PreparedArguments {
  readonly args: Record<string, unknown>;
  readonly warnings: readonly string[];
}

/**
 * Renders, coerces and checks a task's arguments; once for all hosts and items when none of them holds a template.
 * Throws KplayError with every problem.
 */
export function prepareArguments(
  engine: Engine,
  task: CompiledTask & { readonly node: TaskNode },
  context: TemplateContext,
): PreparedArguments {
  const module = task.module!;
  const written = writtenArguments(engine, task, module);
  if (written.prepared) return written.prepared;
  const rendered = renderArguments(engine, task, written, context);
  learnArguments(module.args, rendered, engine.secrets);
  const { args, problems, warnings } = validateArguments(module.args, module.rules, rendered, module.name, {
    extraArguments: module.extraArguments,
  });
  if (problems.length > 0) {
    throw new KplayError(problems.map((problem) => ({ ...problem, position: problem.position ?? task.node.position })));
  }
  // Texts have become dicts and lists that may hold some.
  if (hasSecrets(module.args)) learnArguments(module.args, args, engine.secrets);
  const prepared = { args, warnings };
  if (written.isPlain && isShareable(module, args)) {
    Object.freeze(args);
    written.prepared = prepared;
  }
  return prepared;
}

/** What is the same for all hosts about a task's arguments. */
interface WrittenArguments {
  readonly list: readonly WrittenArgument[];
  /** Whether they are texts, numbers and booleans without templates. */
  readonly isPlain: boolean;
  /** What became of plain ones. */
  prepared?: PreparedArguments;
}

interface WrittenArgument {
  /** The name that it goes by after rendering, unless it is a template itself. */
  readonly name: string;
  readonly templatedName: boolean;
  readonly value: Value;
  readonly place: Position;
  /** Text of an expression, which is left to the module. */
  readonly expression: boolean;
}

const known = new WeakMap<CompiledTask, WrittenArguments>();

function writtenArguments(
  engine: Engine,
  task: CompiledTask & { readonly node: TaskNode },
  module: Module,
): WrittenArguments {
  let written = known.get(task);
  if (!written) {
    const { node } = task;
    const list = Object.entries({ ...task.moduleDefaults, ...node.args }).map(([name, value]) => {
      const place = placeOfValue(node.args, name) ?? node.position;
      const expression = module.args[name]?.expression === true;
      const freeForm = name === '_raw' && !expression ? module.freeForm : undefined;
      const templatedName = module.templatedNames === true && engine.templar.isTemplate(name);
      return { name: freeForm ?? name, templatedName, value, place, expression };
    });
    const isPlain =
      !node.argsTemplate &&
      list.every(
        ({ value, templatedName, expression }) =>
          !templatedName &&
          isPlainValue(value) &&
          (expression || typeof value !== 'string' || !engine.templar.isTemplate(value)),
      );
    written = { list, isPlain };
    known.set(task, written);
  }
  return written;
}

/** Lists and dicts are made for each host anew, since templates may change them (`list.append(…)`). */
function isShareable(module: Module, args: Mapping): boolean {
  return Object.entries(args).every(
    ([name, value]) => typeof value !== 'object' || value === null || value === module.args[name]?.default,
  );
}

function renderArguments(
  engine: Engine,
  task: CompiledTask & { readonly node: TaskNode },
  written: WrittenArguments,
  context: TemplateContext,
): Mapping {
  const rendered: Mapping = {};
  for (const { name: writtenName, templatedName, value, place, expression } of written.list) {
    const name = templatedName ? pythonText(engine.templar.render(writtenName, context, place)) : writtenName;
    const result = expression ? value : engine.templar.render(value, context, place);
    if (expression) rendered[name] = result;
    else if (isPlainValue(result)) {
      if (result !== engine.templar.omit) rendered[name] = result;
    } else {
      if (task.module!.kind !== 'controller') checkWritable(result, `The argument "${name}"`, place);
      rendered[name] = dropOmitted(engine.templar.omit, result);
    }
  }
  if (task.node.argsTemplate) Object.assign(rendered, templatedArguments(engine, task, task.module!, context));
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
  if (result === engine.templar.omit) return {};
  if (isMapping(result)) return dropOmitted(engine.templar.omit, result) as Mapping;
  if (typeof result === 'string' && module.freeForm) return { [module.freeForm]: result };
  if (typeof result === 'string') return parseKeyValues(result, position);
  throw new KplayError({ code: 'argument', message: `the arguments of ${module.name} must be a dict`, position });
}

function isPlainValue(value: Value): boolean {
  return typeof value !== 'object' || value === null;
}
