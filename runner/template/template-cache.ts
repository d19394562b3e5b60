import { type CompiledTemplate, compileTemplate } from './compile/template.ts';
import type { Registry } from './run.ts';
import { type LexerOptions, yamlLexerOptions } from './syntax/lexer.ts';
import { parseTemplate } from './syntax/parser.ts';
import type { FileTemplateOptions } from './templar.ts';

const capacity = 20_000;

/** Compiled templates by their text and settings. */
export class TemplateCache {
  /** How many texts were compiled. */
  compiled = 0;
  readonly #registry: Registry;
  readonly #templates = new Map<LexerOptions, Map<string, CompiledTemplate>>();

  constructor(registry: Registry) {
    this.#registry = registry;
  }

  /** The compiled template. Throws EvaluationError for wrong syntax. */
  get(text: string, options: LexerOptions): CompiledTemplate {
    let templates = this.#templates.get(options);
    if (!templates) {
      templates = new Map();
      this.#templates.set(options, templates);
    }
    let template = templates.get(text);
    if (!template) {
      this.compiled += 1;
      template = compileTemplate(parseTemplate(normalize(text), options), this.#registry);
      if (templates.size >= capacity) templates.clear();
      templates.set(text, template);
    }
    return template;
  }
}

/** Jinja2's own view of a source: newlines are `\n`, one at the end is dropped. */
function normalize(text: string): string {
  const unix = text.includes('\r') ? text.replace(/\r\n?/g, '\n') : text;
  return unix.endsWith('\n') ? unix.slice(0, -1) : unix;
}

const known = new Map<string, LexerOptions>();

/** The lexer's settings for a template file; the same object for the same settings. */
export function lexerOptions(options: FileTemplateOptions): LexerOptions {
  const result: LexerOptions = {
    variableStart: options.variableStart ?? yamlLexerOptions.variableStart,
    variableEnd: options.variableEnd ?? yamlLexerOptions.variableEnd,
    blockStart: options.blockStart ?? yamlLexerOptions.blockStart,
    blockEnd: options.blockEnd ?? yamlLexerOptions.blockEnd,
    commentStart: options.commentStart ?? yamlLexerOptions.commentStart,
    commentEnd: options.commentEnd ?? yamlLexerOptions.commentEnd,
    trimBlocks: options.trimBlocks ?? true,
    lstripBlocks: options.lstripBlocks ?? false,
    newlineSequence: options.newlineSequence ?? '\n',
    literalBackslashes: false,
  };
  const key = JSON.stringify(result);
  const same = known.get(key);
  if (same) return same;
  known.set(key, result);
  return result;
}
