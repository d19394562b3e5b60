import path from 'node:path';
import type { V } from '../python/object.ts';
import { placesOf } from '../search-path.ts';
import type { Mapping, Value } from '../value.ts';
import { concatNative, concatText, concatValue } from './compile/output.ts';
import { runTemplate } from './compile/template.ts';
import { isolatedScope, overlayScope } from './overlay-scope.ts';
import { recursion } from './recursion.ts';
import type { TemplateRules } from './rules.ts';
import type { LoadedTemplate, Registry, Run } from './run.ts';
import { Changes } from './runtime/changes.ts';
import type { FileTemplateOptions, TemplateContext } from './templar.ts';
import { lexerOptions, noOptions, type TemplateCache } from './template-cache.ts';

/** How many templates may be inside of each other. Those that include themselves for a tree of values need a few. */
const deepest = 200;

/** What all evaluations of a templar share. */
export interface RunSettings {
  readonly registry: Registry;
  readonly omit: string;
  readonly rules: TemplateRules;
  readonly verbosity: number;
  readonly templates: TemplateCache;
  renderText(text: string, run: Run): Value;
  renderFile(text: string, run: Run, options: FileTemplateOptions): string;
}

/** One evaluation of a template or expression. */
export class EngineRun implements Run {
  readonly #settings: RunSettings;
  readonly context: TemplateContext;
  readonly file: string | undefined;
  /** What includes or imports the template that is evaluated. */
  readonly #outer: EngineRun | undefined;
  #changes: Changes | undefined;

  constructor(settings: RunSettings, context: TemplateContext, file?: string, outer?: EngineRun) {
    this.#settings = settings;
    this.context = context;
    this.file = file;
    this.#outer = outer;
  }

  get registry(): Registry {
    return this.#settings.registry;
  }

  get omit(): string {
    return this.#settings.omit;
  }

  get verbosity(): number {
    return this.#settings.verbosity;
  }

  beforeChange(container: V[] | Mapping): void {
    if (this.#outer) return this.#outer.beforeChange(container);
    this.#changes ??= new Changes();
    this.#changes.note(container);
  }

  /** What the evaluation has changed so far, if anything. */
  get changes(): Changes | undefined {
    return this.#changes;
  }

  get rules(): TemplateRules {
    return this.context.rules ?? this.#settings.rules;
  }

  concat(parts: readonly V[]): V {
    if (this.rules !== '2.18') return concatNative(parts, this.omit);
    return this.file === undefined ? this.concatValue(parts) : concatText(this.#withoutOmitted(parts));
  }

  concatValue(parts: readonly V[]): V {
    if (this.rules !== '2.18') return concatNative(parts, this.omit);
    // Alone it stays, for who renders the text to leave it out.
    return concatValue(parts.length > 1 ? this.#withoutOmitted(parts) : parts);
  }

  /** In a text what is omitted is nothing. */
  #withoutOmitted(parts: readonly V[]): readonly V[] {
    return parts.includes(this.omit) ? parts.map((part) => (part === this.omit ? '' : part)) : parts;
  }

  load(names: readonly string[]): LoadedTemplate | undefined {
    for (const name of names) {
      for (const file of placesOf(name, 'templates', this.#directories())) {
        const text = this.#settings.templates.textOf(file);
        if (text !== undefined) return this.#loaded(text, file);
      }
    }
    return undefined;
  }

  #directories(): string[] {
    const { searchPath, playbookFolder } = this.context;
    return [...searchPath, playbookFolder, ...(this.file === undefined ? [] : [path.dirname(path.resolve(this.file))])];
  }

  #loaded(text: string, file: string): LoadedTemplate {
    this.#checkDepth(file);
    const template = this.#settings.templates.get(text, lexerOptions(noOptions));
    const render = (locals: ReadonlyMap<string, V> | undefined, out: V[], isolated = false): ReadonlyMap<string, V> => {
      const scope = isolated ? isolatedScope : overlayScope(this.context.scope, locals);
      const run = new EngineRun(this.#settings, { ...this.context, scope }, file, this);
      return runTemplate(template, run, out).own();
    };
    return { file, template, render };
  }

  /** Throws for a file that is too deep inside of others. */
  #checkDepth(file: string): void {
    const files: (string | undefined)[] = [file];
    for (let run: EngineRun | undefined = this; run; run = run.#outer) files.push(run.file);
    if (files.length > deepest) throw recursion('includes', files.reverse());
  }

  renderFile(text: string, file: string, options: FileTemplateOptions, variables?: ReadonlyMap<string, V>): string {
    const context = { ...this.context, scope: overlayScope(this.context.scope, variables) };
    this.#checkDepth(file);
    return this.#settings.renderFile(text, new EngineRun(this.#settings, context, file, this), options);
  }

  renderText(text: string): Value {
    return this.#settings.renderText(text, this);
  }
}
