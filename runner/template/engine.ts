import { randomBytes } from 'node:crypto';
import type { Position } from '../position.ts';
import { EvaluationError } from '../python/evaluation-error.ts';
import { isNumeric } from '../python/kinds.ts';
import type { V } from '../python/object.ts';
import { truth } from '../python/operators.ts';
import { str } from '../python/text.ts';
import type { Value } from '../value.ts';
import { atBorder } from './border.ts';
import { runTemplate } from './compile/template.ts';
import {
  booleanOf,
  emptyCondition,
  isWholeTemplate,
  literalOf,
  literalTruth,
  textCondition,
  withLiterals,
} from './condition.ts';
import { EngineRun, type RunSettings } from './engine-run.ts';
import { type CompiledExpression, ExpressionCache } from './expression-cache.ts';
import { readHeader } from './file-header.ts';
import { baseNameOf } from './names.ts';
import { renderValue } from './render-value.ts';
import type { TemplateRules } from './rules.ts';
import type { LookupOptions, Registry, Run } from './run.ts';
import { finish, finishText } from './runtime/finish.ts';
import { finishNative } from './runtime/finish-native.ts';
import { yamlLexerOptions } from './syntax/lexer.ts';
import type { FileTemplateOptions, Templar, TemplateContext } from './templar.ts';
import { lexerOptions, noOptions, TemplateCache } from './template-cache.ts';

const singleVariable = /^\{\{\s*(\w*)\s*\}\}\n?$/;

/** The templar: Ansible's rules around compiled templates. */
export class Engine implements Templar {
  readonly omit = `__omit_place_holder__${randomBytes(20).toString('hex')}`;
  readonly rules: TemplateRules;
  readonly #brokenConditionals: boolean;
  readonly #registry: Registry;
  /** The evaluation that is under way. */
  #running: EngineRun | undefined;
  #lookupNames: ReadonlySet<string> | undefined;
  readonly #templates: TemplateCache;
  readonly #settings: RunSettings;
  readonly #expressions: ExpressionCache;

  constructor(registry: Registry, verbosity: number, rules: TemplateRules, brokenConditionals: boolean) {
    this.rules = rules;
    this.#brokenConditionals = brokenConditionals;
    this.#registry = registry;
    this.#templates = new TemplateCache(registry);
    this.#expressions = new ExpressionCache(registry);
    this.#settings = {
      registry,
      omit: this.omit,
      rules,
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
    return this.#templates.compiled + this.#expressions.compiled;
  }

  isTemplate(text: string): boolean {
    const index = text.indexOf('{');
    return index >= 0 && /\{[{%#]/.test(text);
  }

  isVolatile(text: string): boolean {
    if (!this.isTemplate(text)) return false;
    try {
      return this.#templates.get(text, yamlLexerOptions).volatile;
    } catch (error) {
      // Who renders it is told what is wrong with it.
      if (error instanceof EvaluationError) return true;
      throw error;
    }
  }

  render(value: Value, context: TemplateContext, position?: Position): Value {
    if (typeof value === 'string') return this.#renderText(value, context, position);
    return renderValue(value, position, (text, place) => this.#renderText(text, context, place));
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
    if (!this.isTemplate(text)) return text;
    return atBorder({ position }, () => this.#run(context, (run) => this.#evaluateText(text, run)));
  }

  #evaluateText(text: string, run: Run): Value {
    if (run.rules !== '2.18') return this.#evaluateNative(text, run);
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

  #evaluateNative(text: string, run: Run): Value {
    const out: V[] = [];
    runTemplate(this.#templates.get(text, yamlLexerOptions), run, out);
    const result = finishNative(run.concat(out), this.omit);
    return typeof result === 'string' ? restoreNewlines(result, text, '\n') : result;
  }

  #condition(text: string): CompiledExpression {
    return this.isTemplate(text) ? this.#expressions.getRendering(text) : this.#expressions.get(text);
  }

  evaluate(expression: string, context: TemplateContext, position?: Position): Value {
    if (expression.trimStart().startsWith('{{')) return this.#renderText(expression, context, position);
    return atBorder({ position }, () =>
      this.#run(context, (run) => this.#finished(this.#expressions.get(expression)(run), run)),
    );
  }

  #finished(value: V, run: Run): Value {
    return run.rules === '2.18' ? finish(value) : finishNative(value, this.omit);
  }

  test(expression: string, context: TemplateContext, position?: Position): boolean {
    if ((context.rules ?? this.rules) !== '2.18')
      return atBorder({ position }, () => this.#run(context, (run) => this.#testNative(expression, run)) as boolean);
    return atBorder({ position }, () => {
      if (!this.isTemplate(expression)) return this.#run(context, (run) => this.#test(expression, run)) as boolean;
      const embedded = isWholeTemplate(expression.trim()) ? undefined : this.#testEmbedded(expression, context);
      if (embedded !== undefined) return embedded;
      const rendered = this.#run(context, (run) => this.#evaluateText(expression, run));
      if (typeof rendered !== 'string' || rendered === '') return truth(rendered);
      const trusted = trustedTextOf(expression.trim(), context);
      if (trusted !== undefined) return this.#run(context, (run) => this.#test(trusted, run)) as boolean;
      // Text that came out of a template may hold what a host sent, so it is read as a literal and never evaluated.
      return literalTruth(rendered.trim());
    });
  }

  #test(expression: string, run: Run): boolean {
    return expression.trim() === '' || truth(this.#expressions.get(expression)(run));
  }

  /**
   * A condition with templates inside of it, by the rules up to 2.18: one that gives a number, a bool or None is that literal, and a constant
   * string holds what its templates give. Undefined where one gives anything else, which would be read as part of the condition.
   */
  #testEmbedded(condition: string, context: TemplateContext): boolean | undefined {
    const result = this.#run(context, (run): Value => {
      const plain = withLiterals(condition, (expression) => literalOf(this.#expressions.get(expression)(run)));
      return plain === undefined ? null : truth(this.#condition(plain)(run));
    });
    return typeof result === 'boolean' ? result : undefined;
  }

  #boolean(value: Value): boolean {
    return this.#brokenConditionals ? truth(value) : booleanOf(value);
  }

  /** What holds nothing counts as true where conditions may be of any type, as in Ansible. */
  #empty(): boolean {
    if (this.#brokenConditionals) return true;
    throw emptyCondition();
  }

  /** A condition that is a template of its own is its result; everything else is an expression, which has to give a boolean. */
  #testNative(condition: string, run: Run): boolean {
    const text = condition.trim();
    if (text === '') return this.#empty();
    if (!isWholeTemplate(text)) return this.#boolean(finishNative(this.#condition(condition)(run), this.omit));
    const result = this.#evaluateNative(text, run);
    if (result === null || (typeof result === 'string' && result.trim() === '')) return this.#empty();
    if (typeof result !== 'string') return this.#boolean(result);
    const trusted = trustedTextOf(text, run.context);
    if (trusted !== undefined) return this.#boolean(finishNative(this.#condition(trusted)(run), this.omit));
    // Text that came out of a template may hold what a host sent, so it is never evaluated.
    throw textCondition();
  }

  renderFile(text: string, file: string, context: TemplateContext, options = noOptions): string {
    const evaluate = (run: Run) => this.#evaluateFile(text, run, options);
    return atBorder({ file }, () => this.#run(context, evaluate, file)) as string;
  }

  #evaluateFile(text: string, run: Run, options: FileTemplateOptions): string {
    const { body, settings, lines } = readHeader(text, options);
    const lexer = lexerOptions(settings);
    try {
      const out: V[] = [];
      runTemplate(this.#templates.get(body, lexer), run, out);
      return restoreNewlines(this.#fileText(run.concat(out), run), body, lexer.newlineSequence);
    } catch (error) {
      if (error instanceof EvaluationError && error.line !== undefined && (error.file ?? run.file) === run.file) {
        error.line += lines;
      }
      throw error;
    }
  }

  #fileText(result: V, run: Run): string {
    if (run.rules === '2.18') return result as string;
    return result === null ? '' : str(finishNative(result, this.omit));
  }

  check(text: string, position?: Position): void {
    if (!this.isTemplate(text)) return;
    atBorder({ position }, () => void this.#templates.get(text, yamlLexerOptions));
  }

  checkExpression(expression: string, position?: Position): void {
    if (this.isTemplate(expression)) return this.check(expression, position);
    if (expression.trim() !== '') atBorder({ position }, () => void this.#expressions.get(expression));
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
      return this.#run(context, (run) =>
        lookup(terms, options as LookupOptions, run).map((one) => this.#finished(one, run)),
      ) as Value[];
    });
  }
}

/** The text of the one variable that a condition in braces names, where it did not come from a host. */
function trustedTextOf(condition: string, context: TemplateContext): string | undefined {
  const variable = singleVariable.exec(condition)?.[1];
  return variable === undefined ? undefined : context.scope.trustedText?.(variable);
}

/** Jinja2 drops the newline at the end of a template; Ansible puts as many back as there were. */
function restoreNewlines(result: string, source: string, newline: string): string {
  const wanted = trailingNewlines(source);
  // To look at the end of a long result would put its parts together, which whoever writes it does anyway.
  if (wanted === 0) return result;
  const missing = wanted - trailingNewlines(result);
  return missing > 0 ? result + newline.repeat(missing) : result;
}

function trailingNewlines(text: string): number {
  let count = 0;
  for (let index = text.length - 1; index >= 0 && text[index] === '\n'; index--) count++;
  return count;
}
