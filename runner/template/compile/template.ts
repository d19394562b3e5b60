import type { V } from '../../python/object.ts';
import type { Registry, Run } from '../run.ts';
import type { Node } from '../syntax/nunjucks.ts';
import { SelfReference } from './block.ts';
import { compileExpression } from './expression.ts';
import { type Eval, type Exec, Frame, runBody, type TemplateState } from './frame.ts';
import { assignedNames } from './names.ts';
import { compileStatements, type StatementCompiler } from './statement.ts';

/** A template that can be rendered any number of times. */
export interface CompiledTemplate {
  readonly body: Exec;
  readonly blocks: ReadonlyMap<string, Exec>;
  /** Whether what it gives may be another text later in the run, since it reads the outside world. */
  readonly volatile: boolean;
}

const noNames: ReadonlySet<string> = new Set();

/** Whether a template only prints, as nearly all texts in YAML files do: then its nodes need not be looked through. */
function setsNothing(root: Node): boolean {
  const { children } = root as { readonly children?: readonly Node[] };
  return children?.every((node) => node.typename === 'Output') ?? false;
}

function compilerFor(
  registry: Registry,
  root: Node,
  blocks: Map<string, Exec>,
  markVolatile: () => void,
): StatementCompiler {
  const names = setsNothing(root) ? noNames : assignedNames(root);
  const compiler: StatementCompiler = {
    registry,
    rendersConstants: false,
    markVolatile,
    blocks,
    isLocal: (name) => names.has(name),
    expression: (node) => compileExpression(node, compiler),
  };
  return compiler;
}

/** Compiles a template's tree. Throws EvaluationError for unknown filters, tests and lookups. */
export function compileTemplate(root: Node, registry: Registry): CompiledTemplate {
  const blocks = new Map<string, Exec>();
  let volatile = false;
  const compiler = compilerFor(registry, root, blocks, () => {
    volatile = true;
  });
  const body = compileStatements(root, compiler);
  return { body, blocks, volatile };
}

const noTemplate: TemplateState = { blocks: new Map(), parent: undefined, chain: undefined, file: undefined };

/** Compiles a bare expression's tree. */
export function compileBareExpression(root: Node, registry: Registry, rendersConstants: boolean): (run: Run) => V {
  const compiler: StatementCompiler = {
    registry,
    rendersConstants,
    markVolatile: () => {},
    blocks: new Map(),
    isLocal: () => false,
    expression: (node) => compileExpression(node, compiler),
  };
  const value: Eval = compileExpression(root, compiler);
  return (run) => value(new Frame(run, undefined, noTemplate));
}

/** Runs a template: what it prints goes to `out`. Gives its own frame, which holds what it sets. */
export function runTemplate(template: CompiledTemplate, run: Run, out: V[]): Frame {
  const { file } = run;
  const state: TemplateState = { blocks: new Map(), parent: undefined, chain: undefined, file };
  for (const [name, body] of template.blocks) state.blocks.set(name, [{ run: body, file }]);
  const frame = new Frame(run, undefined, state);
  if (template.blocks.size > 0) frame.set('self', new SelfReference(frame));
  template.body(frame, out);
  while (state.parent) {
    const { parent } = state;
    state.parent = undefined;
    runBody(parent, frame, out);
  }
  return frame;
}
