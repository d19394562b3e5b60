import path from 'node:path';
import { joinAll } from '../dicts.ts';
import { KplayError } from '../errors.ts';
import type { Position } from '../position.ts';
import type { Scope, TemplateContext } from '../template/templar.ts';
import type { Mapping, Value } from '../value.ts';
import { isTemplate } from './check-templates.ts';
import { scalarText } from './fields.ts';
import { type Loading, type NodeContext, searchPathOf } from './loading.ts';

/**
 * Renders what has to be known before anything runs: the name of a file or role that is imported, a play's strategy. It may use
 * extra vars, variables of the play, its static vars_files, roles and blocks around it. Throws KplayError when it needs more.
 */
export function renderStatic(
  loading: Loading,
  value: Value,
  context: NodeContext,
  own: Mapping | undefined,
  position: Position,
  what = 'The name of an import',
): string {
  if (!isTemplate(loading, value)) return scalarText(value) ?? '';
  try {
    const rendered = loading.options.templar.render(value, staticContext(loading, context, own), position);
    return scalarText(rendered) ?? '';
  } catch (error) {
    if (!(error instanceof KplayError) || error.problems[0]?.code !== 'undefined') throw error;
    throw new KplayError({
      code: 'undefined',
      message: `${what} must be known before the run: ${error.message}`,
      position,
      hint: 'Give the variable in vars, vars_files or --extra-vars; facts and the inventory are not known yet. include_tasks and include_role need not know.',
    });
  }
}

function staticContext(loading: Loading, context: NodeContext, own: Mapping | undefined): TemplateContext {
  const layers: Mapping[] = [loading.options.extraVars];
  if (own) layers.push(own);
  for (let at = context.parent; at; at = at.parent) if (at.keywords.vars) layers.push(at.keywords.vars);
  const { role } = context;
  if (role) layers.push(role.params, role.role.vars);
  layers.push(...[...context.play.vars].reverse());
  if (role) layers.push(role.role.defaults);
  const result: TemplateContext = {
    scope: new StaticScope(loading, layers, magicVariables(context), () => result),
    searchPath: searchPathOf(loading, context),
    playbookFolder: context.play.folder,
    rules: context.play.rules,
  };
  return result;
}

function magicVariables(context: NodeContext): Record<string, Value> {
  const magic: Record<string, Value> = { playbook_dir: path.resolve(context.play.folder) };
  if (context.role) {
    magic.role_path = path.resolve(context.role.role.path);
    magic.role_name = context.role.role.name;
    magic.ansible_role_name = context.role.role.name;
  }
  return magic;
}

class StaticScope implements Scope {
  readonly #loading: Loading;
  readonly #layers: readonly Mapping[];
  readonly #magic: Record<string, Value>;
  readonly #context: () => TemplateContext;
  readonly #open = new Set<string>();

  constructor(
    loading: Loading,
    layers: readonly Mapping[],
    magic: Record<string, Value>,
    context: () => TemplateContext,
  ) {
    this.#loading = loading;
    this.#layers = layers;
    this.#magic = magic;
    this.#context = context;
  }

  get(name: string): Value | undefined {
    if (Object.hasOwn(this.#magic, name)) return this.#magic[name];
    const values = this.#layers.flatMap((dict) => (dict[name] === undefined ? [] : [dict[name]]));
    const value = this.#loading.options.hashBehaviour === 'merge' ? joinAll(values) : values[0];
    if (value === undefined) return undefined;
    if (this.#open.has(name)) {
      throw new KplayError({ code: 'template', message: `The variable "${name}" is defined by itself.` });
    }
    this.#open.add(name);
    try {
      return this.#loading.options.templar.render(value, this.#context());
    } finally {
      this.#open.delete(name);
    }
  }

  has(name: string): boolean {
    return Object.hasOwn(this.#magic, name) || this.#layers.some((dict) => dict[name] !== undefined);
  }

  names(): Iterable<string> {
    return new Set([...Object.keys(this.#magic), ...this.#layers.flatMap((dict) => Object.keys(dict))]);
  }
}
