import { readText } from '../python/file-names.ts';
import { statOf } from '../stat.ts';
import { type CompiledTemplate, compileTemplate } from './compile/template.ts';
import type { Registry } from './run.ts';
import { type LexerOptions, yamlLexerOptions } from './syntax/lexer.ts';
import { parseTemplate } from './syntax/parser.ts';
import type { FileTemplateOptions } from './templar.ts';

const capacity = 20_000;

/** A file's text, and what the file was like then. */
interface FileText {
  readonly text: string;
  readonly size: number;
  readonly modified: number;
  readonly inode: number;
}

/** Compiled templates by their text and settings. */
export class TemplateCache {
  /** How many texts were compiled. */
  compiled = 0;
  readonly #registry: Registry;
  /** Files that templates include, as they were read last. */
  readonly #texts = new Map<string, FileText>();
  readonly #templates = new Map<LexerOptions, Map<string, CompiledTemplate>>();

  constructor(registry: Registry) {
    this.#registry = registry;
  }

  /** The text of a file; undefined where there is none. It is read again when the file has changed. */
  textOf(file: string): string | undefined {
    const stat = statOf(file);
    if (!stat?.isFile()) return undefined;
    const known = this.#texts.get(file);
    if (known && known.size === stat.size && known.modified === stat.mtimeMs && known.inode === stat.ino)
      return known.text;
    const text = readText(file);
    this.#texts.set(file, { text, size: stat.size, modified: stat.mtimeMs, inode: stat.ino });
    return text;
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
/** What nearly all templates are read with. */
export const noOptions: FileTemplateOptions = {};
let usualOptions: LexerOptions | undefined;

/** The lexer's settings for a template file; the same object for the same settings. */
export function lexerOptions(options: FileTemplateOptions): LexerOptions {
  if (options === noOptions) {
    usualOptions ??= madeOptions(options);
    return usualOptions;
  }
  return madeOptions(options);
}

function madeOptions(options: FileTemplateOptions): LexerOptions {
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
