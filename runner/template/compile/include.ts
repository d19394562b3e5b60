import { EvaluationError, undefinedError } from '../../python/evaluation-error.ts';
import { defined } from '../../python/kinds.ts';
import { PyObject, type V } from '../../python/object.ts';
import { str } from '../../python/text.ts';
import { Undefined, type Value } from '../../value.ts';
import { recursion } from '../recursion.ts';
import type { FromImportNode, ImportNode, IncludeNode } from '../syntax/nodes.ts';
import type { Compiler } from './compiler.ts';
import type { Exec, Frame } from './frame.ts';

/** Compiles `{% include %}`. */
export function compileInclude(node: IncludeNode, compiler: Compiler): Exec {
  compiler.markVolatile();
  const name = compiler.expression(node.template);
  return (frame, out) => {
    const names = candidates(name(frame));
    const loaded = frame.run.load(names);
    if (!loaded) {
      if (node.ignoreMissing) return 0;
      throw notFound(names);
    }
    loaded.render(node.withContext === false ? undefined : frame.locals(), out);
    return 0;
  };
}

function candidates(value: V): string[] {
  const names = Array.isArray(value) ? (value as V[]) : [value];
  return names.map((name) => str(defined(name)));
}

function notFound(names: string[]): EvaluationError {
  const what = names.length === 1 ? `"${names[0]}"` : `any of ${names.map((name) => `"${name}"`).join(', ')}`;
  return new EvaluationError(`The template ${what} was not found.`, 'missing-file');
}

function loadModule(name: V, withContext: boolean | null, frame: Frame): Module {
  const loaded = frame.run.load(candidates(name));
  if (!loaded) throw notFound(candidates(name));
  const out: V[] = [];
  const values = loaded.render(withContext ? frame.locals() : undefined, out, !withContext);
  return new Module(values, frame.run.concat(out));
}

/** Compiles `{% import … as … %}`. */
export function compileImport(node: ImportNode, compiler: Compiler): Exec {
  compiler.markVolatile();
  const name = compiler.expression(node.template);
  const target = node.target.value;
  return (frame) => {
    frame.set(target, loadModule(name(frame), node.withContext, frame));
    return 0;
  };
}

/** Compiles `{% from … import … %}`. */
export function compileFromImport(node: FromImportNode, compiler: Compiler): Exec {
  compiler.markVolatile();
  const template = compiler.expression(node.template);
  return (frame) => {
    const module = loadModule(template(frame), node.withContext, frame);
    for (const { name, alias } of node.names) {
      const message = `the template does not export the requested name '${name}'`;
      frame.set(alias, module.attribute(name) ?? new Undefined(message));
    }
    return 0;
  };
}

/** What `import` gives: the names a template sets, and what it prints as text. */
class Module extends PyObject {
  readonly typeName = 'TemplateModule';
  readonly #values: ReadonlyMap<string, V>;
  readonly #text: V;
  constructor(values: ReadonlyMap<string, V>, text: V) {
    super();
    this.#values = values;
    this.#text = text;
  }
  repr(): string {
    return '<TemplateModule>';
  }
  override text(): string {
    return str(this.#text);
  }
  override attribute(name: string): V | undefined {
    return name.startsWith('_') ? undefined : this.#values.get(name);
  }
}

/** Runs `{% extends %}`: the parent's blocks stand behind those there are, and the parent is rendered at the end. */
export function extendTemplate(name: V, frame: Frame): void {
  const { template } = frame;
  if (template.parent) throw new EvaluationError('extended multiple times');
  if (name instanceof Undefined) throw undefinedError(name.message);
  const loaded = frame.run.load(candidates(name as Value));
  if (!loaded) throw notFound(candidates(name));
  const { file } = loaded;
  const before = template.chain ?? [template.file];
  template.chain = [...before, file];
  if (before.includes(file)) throw recursion('extends', template.chain);
  for (const [block, run] of loaded.template.blocks) {
    const bodies = template.blocks.get(block);
    if (bodies) bodies.push({ run, file });
    else template.blocks.set(block, [{ run, file }]);
  }
  template.parent = { run: loaded.template.body, file };
}
