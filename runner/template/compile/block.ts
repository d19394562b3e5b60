import { EvaluationError } from '../../python/evaluation-error.ts';
import { PyObject, type V } from '../../python/object.ts';
import { Undefined } from '../../value.ts';
import { fn, PyFunction } from '../runtime/function.ts';
import type { BlockNode, CallNode, SymbolNode } from '../syntax/nodes.ts';
import type { Node } from '../syntax/nunjucks.ts';
import { type Eval, type Exec, type Frame, type Printer, runBody, type Signal } from './frame.ts';
import { finalize } from './output.ts';

/** Compiles `{% block %}`; its body is kept in `blocks` so that a parent template can run it. */
export function compileBlock(node: BlockNode, body: Exec, blocks: Map<string, Exec>): Exec {
  const name = node.name.value;
  if (blocks.has(name)) {
    throw new EvaluationError(`block '${name}' defined twice`).at(node.lineno, node.colno);
  }
  blocks.set(name, body);
  return (frame, out) => (frame.template.parent ? 0 : runBlock(name, 0, frame, out));
}

function runBlock(name: string, level: number, frame: Frame, out: V[]): Signal {
  const body = frame.template.blocks.get(name)?.[level];
  if (!body) throw new EvaluationError(`there is no parent block called '${name}'`);
  const inner = frame.child();
  inner.set('super', blockFunction(name, level + 1, inner));
  inner.set('self', new SelfReference(inner));
  return runBody(body, inner, out);
}

function blockFunction(name: string, level: number, frame: Frame): V {
  if (!frame.template.blocks.get(name)?.[level]) return new Undefined(`there is no parent block called '${name}'.`);
  return new BlockFunction(name, level, frame);
}

/** A block as a function: `super` and what `self` has. */
class BlockFunction extends PyFunction {
  readonly #block: string;
  readonly #level: number;
  readonly #frame: Frame;

  constructor(block: string, level: number, frame: Frame) {
    super(
      block,
      fn({}, () => {
        const out: V[] = [];
        this.print(out);
        return frame.run.concat(out);
      }),
    );
    this.#block = block;
    this.#level = level;
    this.#frame = frame;
  }

  print(out: V[]): void {
    runBlock(this.#block, this.#level, this.#frame, out);
  }
}

/** How `{{ super() }}` prints without its text being put together first; undefined for all else. */
export function compileSuper(node: Node, value: Eval): Printer | undefined {
  if (node.typename !== 'FunCall') return undefined;
  const { name, args } = node as CallNode;
  const isSuper = name.typename === 'Symbol' && (name as SymbolNode).value === 'super' && args.children.length === 0;
  if (!isSuper) return undefined;
  return {
    print: (frame, out) => {
      const block = frame.local('super');
      if (block instanceof BlockFunction) block.print(out);
      else out.push(finalize(value(frame), frame.run));
    },
  };
}

/** Jinja's `self`: the blocks of the template as functions. */
export class SelfReference extends PyObject {
  readonly typeName = 'TemplateReference';
  readonly #frame: Frame;
  constructor(frame: Frame) {
    super();
    this.#frame = frame;
  }
  repr(): string {
    return '<TemplateReference None>';
  }
  override attribute(name: string): V | undefined {
    return blockFunction(name, 0, this.#frame);
  }
}
