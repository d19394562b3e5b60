import { EvaluationError } from '../../python/evaluation-error.ts';
import { PyObject, type V } from '../../python/object.ts';
import { Undefined } from '../../value.ts';
import { fn, PyFunction } from '../runtime/function.ts';
import type { BlockNode } from '../syntax/nodes.ts';
import { type Exec, type Frame, runBody, type Signal } from './frame.ts';

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
  return new PyFunction(
    name,
    fn('', () => {
      const out: V[] = [];
      runBlock(name, level, frame, out);
      return frame.run.concat(out);
    }),
  );
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
