import type { V } from '../python/object.ts';
import type { Mapping, Value } from '../value.ts';
import type { CompiledTemplate } from './compile/template.ts';
import type { TemplateRules } from './rules.ts';
import type { Callee } from './runtime/function.ts';
import type { FileTemplateOptions, TemplateContext } from './templar.ts';

/** All filters, tests, functions and lookups that templates may use, by name (collection prefixes taken off). */
export interface Registry {
  filter(name: string): Callee | undefined;
  test(name: string): Callee | undefined;
  global(name: string): V | undefined;
  readonly lookups: ReadonlyMap<string, Lookup>;
  /** Names of lookups that read the outside world. */
  readonly volatileLookups: ReadonlySet<string>;
  filterNames(): Iterable<string>;
  testNames(): Iterable<string>;
}

/** A lookup plug-in. Terms are rendered; options are its keyword arguments. */
export type Lookup = (terms: V[], options: LookupOptions, run: Run) => V[];
export type LookupOptions = Readonly<Record<string, Value>>;

/** What an evaluation needs to know of where it happens. */
export interface Run {
  readonly context: TemplateContext;
  readonly registry: Registry;
  readonly omit: string;
  readonly rules: TemplateRules;
  readonly verbosity: number;
  /** The template file that is being rendered, if it is one. */
  readonly file: string | undefined;
  /** Is told of a list or dict that the template is about to change, so that it can be put back when it is done. */
  beforeChange(container: V[] | Mapping): void;
  /** Joins what a template or macro printed. By the rules up to 2.18 that is text for files, and Ansible's conversion of lists and dicts for others. */
  concat(parts: readonly V[]): V;
  /** The same for a text that is in no file. */
  concatValue(parts: readonly V[]): V;
  /** The first of several template files that is found in the search path. */
  load(names: readonly string[]): LoadedTemplate | undefined;
  /** Renders the text of a template file to text, as the template lookup does. */
  renderFile(text: string, file: string, options: FileTemplateOptions, variables?: ReadonlyMap<string, V>): string;
  /** Renders a text as one in a YAML file. */
  renderText(text: string): Value;
}

/** A template file that another template includes, imports or extends. */
export interface LoadedTemplate {
  readonly file: string;
  readonly template: CompiledTemplate;
  /** Renders it to `out`, with names that go before variables (or without variables); gives the names it sets. */
  render(locals: ReadonlyMap<string, V> | undefined, out: V[], isolated?: boolean): ReadonlyMap<string, V>;
}
