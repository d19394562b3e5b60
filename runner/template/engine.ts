import { randomBytes } from 'node:crypto';
import type { Position } from '../position.ts';
import { placeOfValue } from '../position.ts';
import { EvaluationError } from '../python/evaluation-error.ts';
import { isNumeric } from '../python/kinds.ts';
import type { V } from '../python/object.ts';
import { truth } from '../python/operators.ts';
import { WalkMemory } from '../shared-values.ts';
import { isMapping, type Mapping, mapping, UnsafeText, type Value } from '../value.ts';
import { atBorder } from './border.ts';
import { compileBareExpression, runTemplate } from './compile/template.ts';
import { EngineRun, type RunSettings } from './engine-run.ts';
import { readHeader } from './file-header.ts';
import { baseNameOf } from './names.ts';
import type { LookupOptions, Registry, Run } from './run.ts';
import { finish, finishText } from './runtime/finish.ts';
import { yamlLexerOptions } from './syntax/lexer.ts';
import { parseBareExpression } from './syntax/parser.ts';
import type { FileTemplateOptions, Templar, TemplateContext } from './templar.ts';
import { lexerOptions, TemplateCache } from './template-cache.ts';

const singleVariable = /^\{\{\s*(\w*)\s*\}\}\n?$/;
/** How many expressions are remembered. */
const capacity = 20_000;
const expressionOptions = { ...yamlLexerOptions, literalBackslashes: false };

/** The truth of a condition that a template rendered to text: a word for true or false, none, or a number. */
function literalTruth(text: string): boolean {
  if (/^(?:true|yes|on)$/i.test(text)) return true;
  if (/^(?:false|no|off|none)$/i.test(text)) return false;
  if (/^-?\d+(?:\.\d+)?$/.test(text)) return Number(text) !== 0;
  throw textCondition();
}

function textCondition(): EvaluationError {
  return new EvaluationError(
    'The condition came out of its template as text, which is neither true nor false',
    'template',
    'Write the condition without braces: when: x == 1, not when: "{{ x }} == 1".',
  );
}

/** What rendering made of the lists and dicts of a value so far. */
type Memory = WalkMemory<Value>;
type Place = Position | undefined;

/** The templar: Ansible's rules around compiled templates. */
export class Engine implements Templar {
  readonly omit = `__omit_place_holder__${randomBytes(20).toString('hex')}`;
  readonly #registry: Registry;
  #expressionsCompiled = 0;
  /** The evaluation that is under way. */
  #running: EngineRun | undefined;
  #lookupNames: ReadonlySet<string> | undefined;
  readonly #templates: TemplateCache;
  readonly #settings: RunSettings;
  readonly #expressions = new Map<string, (run: Run) => V>();

  constructor(registry: Registry, verbosity: number) {
    this.#registry = registry;
    this.#templates = new TemplateCache(registry);
    this.#settings = {
      registry,
      omit: this.omit,
      verbosity,
      templates: this.#templates,
      renderText: (text, run) => (this.isTemplate(text) ? this.#evaluateText(text, run) : text),
      renderFile: (text, run, options) => this.#evaluateFile(text, run, options),
    };
  }

  get lookupNames(): ReadonlySet<string> {
    this.#lookupNames ??= new Set(this.#registry.lookups.keys());
    return this.#lookupNames;
  }

  /** How many texts have been parsed and compiled; each should be once, however many hosts use it. */
  get compiled(): number {
    return this.#templates.compiled + this.#expressionsCompiled;
  }

  isTemplate(text: string): boolean {
    const index = text.indexOf('{');
    return index >= 0 && /\{[{%#]/.test(text);
  }

  render(value: Value, context: TemplateContext, position?: Position): Value {
    if (typeof value === 'string') {
      return this.isTemplate(value) ? this.#renderText(value, context, position) : value;
    }
    if (typeof value !== 'object' || value === null) return value;
    return this.#renderObject(value, context, position, new WalkMemory());
  }

  #renderObject(value: Value & object, context: TemplateContext, position: Place, memory: Memory): Value {
    if (value instanceof UnsafeText) return value.text;
    const isList = Array.isArray(value);
    if (!isList && !isMapping(value)) return value;
    return (
      memory.recall(value) ??
      memory.note(
        value,
        isList
          ? this.#renderList(value, context, position, memory)
          : this.#renderMapping(value, context, position, memory),
      )
    );
  }

  #renderEntry(value: Value, context: TemplateContext, position: Place, memory: Memory): Value {
    return typeof value === 'object' && value !== null
      ? this.#renderObject(value, context, position, memory)
      : this.render(value, context, position);
  }

  #renderList(list: Value[], context: TemplateContext, position: Place, memory: Memory): Value[] {
    let copy: Value[] | undefined;
    for (let index = 0; index < list.length; index++) {
      const rendered = this.#renderEntry(list[index]!, context, placeOfValue(list, index) ?? position, memory);
      if (rendered !== list[index]) {
        copy ??= [...list];
        copy[index] = rendered;
      }
    }
    return copy ?? list;
  }

  #renderMapping(dict: Mapping, context: TemplateContext, position: Place, memory: Memory): Mapping {
    let copy: Mapping | undefined;
    for (const key of Object.keys(dict)) {
      const rendered = this.#renderEntry(dict[key]!, context, placeOfValue(dict, key) ?? position, memory);
      if (rendered !== dict[key]) {
        copy ??= mapping(Object.entries(dict));
        copy[key] = rendered;
      }
    }
    return copy ?? dict;
  }

  /**
   * One evaluation. What it changes in lists and dicts is put back afterwards. A variable that it looks up is an evaluation
   * of its own, which sees nothing of the changes.
   */
  #run(context: TemplateContext, evaluate: (run: Run) => Value, file?: string): Value {
    const run = new EngineRun(this.#settings, context, file);
    const outer = this.#running;
    const changes = outer?.changes;
    changes?.exchange();
    this.#running = run;
    try {
      const result = evaluate(run);
      const own = run.changes?.copied(result) ?? result;
      return changes?.copied(own) ?? own;
    } finally {
      run.changes?.exchange();
      this.#running = outer;
      changes?.exchange();
    }
  }

  #renderText(text: string, context: TemplateContext, position: Position | undefined): Value {
    return atBorder({ position }, () => this.#run(context, (run) => this.#evaluateText(text, run)));
  }

  #evaluateText(text: string, run: Run): Value {
    const variable = text.length < 80 ? singleVariable.exec(text)?.[1] : undefined;
    if (variable) {
      const value = run.context.scope.get(variable);
      if (value !== undefined && (value === null || isNumeric(value))) return value;
    }
    const out: V[] = [];
    runTemplate(this.#templates.get(text, yamlLexerOptions), run, out);
    const result = finishText(run.concatValue(out));
    return typeof result === 'string' ? restoreNewlines(result, text, '\n') : result;
  }

  #expression(text: string): (run: Run) => V {
    let compiled = this.#expressions.get(text);
    if (!compiled) {
      this.#expressionsCompiled += 1;
      compiled = compileBareExpression(parseBareExpression(text, expressionOptions), this.#registry);
      if (this.#expressions.size >= capacity) this.#expressions.clear();
      this.#expressions.set(text, compiled);
    }
    return compiled;
  }

  evaluate(expression: string, context: TemplateContext, position?: Position): Value {
    if (expression.trimStart().startsWith('{{')) return this.#renderText(expression, context, position);
    return atBorder({ position }, () => this.#run(context, (run) => finish(this.#expression(expression)(run))));
  }

  test(expression: string, context: TemplateContext, position?: Position): boolean {
    return atBorder({ position }, () => {
      if (!this.isTemplate(expression)) return this.#run(context, (run) => this.#test(expression, run)) as boolean;
      const rendered = this.#run(context, (run) => this.#evaluateText(expression, run));
      if (typeof rendered !== 'string' || rendered === '') return truth(rendered);
      // Text that came out of a template may hold what a host sent, so it is read as a literal and never evaluated.
      return literalTruth(rendered.trim());
    });
  }

  #test(expression: string, run: Run): boolean {
    return expression.trim() === '' || truth(this.#expression(expression)(run));
  }

  renderFile(text: string, file: string, context: TemplateContext, options: FileTemplateOptions = {}): string {
    const evaluate = (run: Run) => this.#evaluateFile(text, run, options);
    return atBorder({ file }, () => this.#run(context, evaluate, file)) as string;
  }

  #evaluateFile(text: string, run: Run, options: FileTemplateOptions): string {
    const { body, settings, lines } = readHeader(text, options);
    const lexer = lexerOptions(settings);
    try {
      const out: V[] = [];
      runTemplate(this.#templates.get(body, lexer), run, out);
      return restoreNewlines(run.concat(out) as string, body, lexer.newlineSequence);
    } catch (error) {
      if (error instanceof EvaluationError && error.line !== undefined && (error.file ?? run.file) === run.file) {
        error.line += lines;
      }
      throw error;
    }
  }

  check(text: string, position?: Position): void {
    if (!this.isTemplate(text)) return;
    atBorder({ position }, () => void this.#templates.get(text, yamlLexerOptions));
  }

  checkExpression(expression: string, position?: Position): void {
    if (this.isTemplate(expression)) return this.check(expression, position);
    if (expression.trim() !== '') atBorder({ position }, () => void this.#expression(expression));
  }

  checkFile(text: string, file: string, options: FileTemplateOptions = {}): void {
    atBorder({ file }, () => {
      const { body, settings, lines } = readHeader(text, options);
      try {
        this.#templates.get(body, lexerOptions(settings));
      } catch (error) {
        if (error instanceof EvaluationError && error.line !== undefined) error.line += lines;
        throw error;
      }
    });
  }

  lookup(
    name: string,
    terms: Value[],
    options: Record<string, Value>,
    context: TemplateContext,
    position?: Position,
  ): Value[] {
    return atBorder({ position }, () => {
      const lookup = this.#registry.lookups.get(baseNameOf(name));
      if (!lookup) throw new EvaluationError(`lookup plugin (${name}) not found`);
      return this.#run(context, (run) => lookup(terms, options as LookupOptions, run).map(finish)) as Value[];
    });
  }
}

/** Jinja2 drops the newline at the end of a template; Ansible puts as many back as there were. */
function restoreNewlines(result: string, source: string, newline: string): string {
  const missing = trailingNewlines(source) - trailingNewlines(result);
  return missing > 0 ? result + newline.repeat(missing) : result;
}

function trailingNewlines(text: string): number {
  let count = 0;
  for (let index = text.length - 1; index >= 0 && text[index] === '\n'; index--) count++;
  return count;
}
