import type { Position } from '../position.ts';
import type { FileKind } from '../search-path.ts';
import type { Value } from '../value.ts';
import type { TemplateRules } from './rules.ts';

/**
 * Where a template finds its variables. What `get` returns is finished: a variable whose text in a playbook or
 * inventory holds templates is rendered by the scope when it is asked for (lazily), never by the template again.
 */
export interface Scope {
  /** The finished value, or undefined when there is no such variable. */
  get(name: string): Value | undefined;
  has(name: string): boolean;
  names(): Iterable<string>;
  /** A variable as it was written, its templates not rendered; undefined when there is none. Scopes of names alone have no such. */
  written?(name: string): Value | undefined;
  /** The text of a variable that a playbook, an inventory or a file of variables gives without a template; undefined for all others. */
  trustedText?(name: string): string | undefined;
  /** Where a variable was written, as far as that is known. */
  place?(name: string): Position | undefined;
}

/** What a lookup plug-in or a filter that reads files may know of where it is used. */
export interface TemplateContext {
  readonly scope: Scope;
  /** Folders in which relative files are searched, first match wins; each is tried with the plug-in's own subfolder first (files/, templates/, vars/). */
  readonly searchPath: readonly string[];
  /** Folder of the playbook. */
  readonly playbookFolder: string;
  /** What the files are for that a task's `with_first_found` looks for; `files` where it is absent. */
  readonly loopFiles?: FileKind | undefined;
  /** The rules that hold here; where it is absent the templar's own. */
  readonly rules?: TemplateRules | undefined;
}

/** Options of a template file, as of Ansible's template module. */
export interface FileTemplateOptions {
  readonly trimBlocks?: boolean | undefined;
  readonly lstripBlocks?: boolean | undefined;
  readonly newlineSequence?: string | undefined;
  readonly variableStart?: string | undefined;
  readonly variableEnd?: string | undefined;
  readonly blockStart?: string | undefined;
  readonly blockEnd?: string | undefined;
  readonly commentStart?: string | undefined;
  readonly commentEnd?: string | undefined;
}

/**
 * Renders Jinja2 templates with Ansible's rules. Throws KplayError (`template` for syntax, `undefined` for an
 * undefined variable, named) with the place of the template where it is known.
 */
export interface Templar {
  /** Whether text holds anything to render. Cheap. */
  isTemplate(text: string): boolean;
  /** Whether a text that is rendered again may give another value, since it reads files, the time or chance. */
  isVolatile(text: string): boolean;
  /**
   * Renders every text in a value that came from a trusted file. One bare `{{ expression }}` keeps its type; other
   * text is text, or a list, dict or boolean when it reads like one (facts/ansible.md, 3). UnsafeText becomes its text.
   * A text that evaluates to the `omit` value stays that value: {@link Templar.omit}.
   */
  render(value: Value, context: TemplateContext, position?: Position): Value;
  /** Evaluates a bare expression (`when`, `until`, `loop: "{{ }}"` without the braces), keeping its type. */
  evaluate(expression: string, context: TemplateContext, position?: Position): Value;
  /** The truth of a conditional: evaluates and applies Ansible's rules for text results. */
  test(expression: string, context: TemplateContext, position?: Position): boolean;
  /** Renders a template file's text to text. `file` names it in errors and is where includes and imports are relative to. */
  renderFile(text: string, file: string, context: TemplateContext, options?: FileTemplateOptions): string;
  /** Checks the syntax of a text with templates, names of filters and tests included, without evaluating. Throws KplayError. */
  check(text: string, position?: Position): void;
  /** The same for a bare expression. */
  checkExpression(expression: string, position?: Position): void;
  /** The same for a template file. */
  checkFile(text: string, file: string, options?: FileTemplateOptions): void;
  /** Runs a lookup as `with_NAME` does; terms are rendered already. */
  lookup(
    name: string,
    terms: Value[],
    options: Record<string, Value>,
    context: TemplateContext,
    position?: Position,
  ): Value[];
  readonly lookupNames: ReadonlySet<string>;
  /** The rules that hold where a context names none. */
  readonly rules: TemplateRules;
  /** The value of the magic variable `omit`. */
  readonly omit: string;
}
