import type { V } from '../python/object.ts';
import { compileBareExpression } from './compile/template.ts';
import type { Registry, Run } from './run.ts';
import { yamlLexerOptions } from './syntax/lexer.ts';
import { parseBareExpression } from './syntax/parser.ts';

/** An expression that is ready to be evaluated. */
export type CompiledExpression = (run: Run) => V;

/** How many expressions are remembered. */
const capacity = 20_000;
const expressionOptions = { ...yamlLexerOptions, literalBackslashes: false };

/** Expressions without braces (`when: x == 1`), parsed and compiled once. */
export class ExpressionCache {
  readonly #registry: Registry;
  readonly #expressions = new Map<string, CompiledExpression>();
  /** Those whose constant strings are templates. */
  readonly #rendering = new Map<string, CompiledExpression>();
  #compiled = 0;

  constructor(registry: Registry) {
    this.#registry = registry;
  }

  /** How many have been compiled. */
  get compiled(): number {
    return this.#compiled;
  }

  /** Throws EvaluationError for what cannot be parsed. */
  get(text: string): CompiledExpression {
    return this.#get(text, this.#expressions, false);
  }

  /** The same for one in which templates in constant strings are rendered. */
  getRendering(text: string): CompiledExpression {
    return this.#get(text, this.#rendering, true);
  }

  #get(text: string, known: Map<string, CompiledExpression>, rendersConstants: boolean): CompiledExpression {
    let compiled = known.get(text);
    if (!compiled) {
      this.#compiled += 1;
      const parsed = parseBareExpression(text, expressionOptions);
      compiled = compileBareExpression(parsed, this.#registry, rendersConstants);
      if (known.size >= capacity) known.clear();
      known.set(text, compiled);
    }
    return compiled;
  }
}
