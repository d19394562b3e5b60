import type { Registry } from '../run.ts';
import type { Node } from '../syntax/nunjucks.ts';
import type { Eval } from './frame.ts';

/** What the compilation of one template shares. */
export interface Compiler {
  readonly registry: Registry;
  /** Whether any part of the template sets a local name; others need no search through frames. */
  isLocal(name: string): boolean;
  /** Says that what is compiled reads the outside world. */
  markVolatile(): void;
  /** Whether constant strings that hold templates are rendered, as in conditions. */
  readonly rendersConstants: boolean;
  /** Compiles an expression; here so that the files that need each other need no import cycle. */
  expression(node: Node): Eval;
}
