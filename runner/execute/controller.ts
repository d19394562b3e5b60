import { readYamlFile } from '../language/yaml.ts';
import type { ArgumentSchema } from '../module/arguments.ts';
import type { Controller } from '../module/contract.ts';
import { ModuleFailure } from '../module/contract.ts';
import type { Position } from '../position.ts';
import { readText } from '../python/file-names.ts';
import { isThere, placesOf } from '../search-path.ts';
import type { TemplateRules } from '../template/rules.ts';
import type { FileTemplateOptions, Scope, TemplateContext } from '../template/templar.ts';
import type { Mapping, Value } from '../value.ts';
import { isMapping } from '../value.ts';
import type { Engine } from './engine.ts';
import { learnArguments } from './secret-arguments.ts';

/** What a module may use of this machine while one task runs on one host. */
export class TaskController implements Controller {
  readonly playbookFolder: string;
  readonly verbosity: number;
  readonly #engine: Engine;
  readonly #context: TemplateContext;
  readonly #position: Position;
  readonly #playHosts: () => readonly string[];

  constructor(engine: Engine, context: TemplateContext, position: Position, playHosts: () => readonly string[]) {
    this.#engine = engine;
    this.#context = context;
    this.#position = position;
    this.#playHosts = playHosts;
    this.playbookFolder = context.playbookFolder;
    this.verbosity = engine.verbosity;
  }

  get templateRules(): TemplateRules {
    return this.#context.rules ?? this.#engine.templar.rules;
  }

  get playHosts(): readonly string[] {
    return this.#playHosts();
  }

  findFile(name: string, kind: 'files' | 'templates' | 'vars' | 'tasks'): string {
    // The folders themselves would be found.
    if (name === '') throw new ModuleFailure('the name of the file is empty');
    const places = placesOf(name, kind, this.#context.searchPath);
    const found = places.find(isThere);
    if (found !== undefined) return found;
    throw new ModuleFailure(`Could not find or access '${name}'. Searched in:\n\t${places.join('\n\t')}`);
  }

  renderFile(file: string, options?: FileTemplateOptions, extra?: Mapping): string {
    const text = readText(file);
    const scope = extra ? new ExtendedScope(this.#context.scope, extra) : this.#context.scope;
    return this.#engine.templar.renderFile(text, file, { ...this.#context, scope }, options);
  }

  readVariables(file: string): Mapping {
    const value = readYamlFile(file);
    if (value === null) return {};
    if (!isMapping(value)) throw new ModuleFailure(`${file} must hold a dict of variables`);
    return value;
  }

  variable(name: string): Value | undefined {
    return this.#context.scope.get(name);
  }

  writtenVariable(name: string): Value | undefined {
    return this.#context.scope.written?.(name);
  }

  test(expression: string): boolean {
    return this.#engine.templar.test(expression, this.#context, this.#position);
  }

  render(value: Value): Value {
    return this.#engine.templar.render(value, this.#context, this.#position);
  }

  hideSecrets(schema: ArgumentSchema, values: Mapping): void {
    learnArguments(schema, values, this.#engine.secrets);
  }

  prompt(
    text: string,
    options: { readonly echo: boolean; readonly timeoutSeconds?: number | undefined },
  ): Promise<string | undefined> {
    return this.#engine.prompt(text, options);
  }
}

class ExtendedScope implements Scope {
  readonly #below: Scope;
  readonly #extra: Mapping;

  constructor(below: Scope, extra: Mapping) {
    this.#below = below;
    this.#extra = extra;
  }

  get(name: string): Value | undefined {
    return Object.hasOwn(this.#extra, name) ? this.#extra[name] : this.#below.get(name);
  }

  has(name: string): boolean {
    return Object.hasOwn(this.#extra, name) || this.#below.has(name);
  }

  names(): Iterable<string> {
    return new Set([...this.#below.names(), ...Object.keys(this.#extra)]);
  }
}
