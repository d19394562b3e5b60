import { EvaluationError } from '../../python/evaluation-error.ts';
import { iterate } from '../../python/iterate.ts';
import { Namespace, type V } from '../../python/object.ts';
import type { AttributeNode, ListNode, SymbolNode } from '../syntax/nodes.ts';
import type { Node } from '../syntax/nunjucks.ts';
import type { Compiler } from './compiler.ts';
import type { Frame } from './frame.ts';

/** Puts a value under the names of an assignment. */
export type Store = (frame: Frame, value: V) => void;

/** Compiles what stands left of `=`, or after `for`: a name, several, or an attribute of a namespace. */
export function compileTarget(node: Node, compiler: Compiler): Store {
  if (node.typename === 'Symbol') {
    const name = (node as SymbolNode).value;
    return (frame, value) => frame.set(name, value);
  }
  if (node.typename === 'Attribute') return compileNamespaceTarget(node as AttributeNode, compiler);
  const stores = (node as ListNode).children.map((child) => compileTarget(child, compiler));
  return (frame, value) => {
    const elements = iterate(value);
    if (elements.length < stores.length) {
      throw new EvaluationError(`not enough values to unpack (expected ${stores.length}, got ${elements.length})`);
    }
    if (elements.length > stores.length) {
      throw new EvaluationError(`too many values to unpack (expected ${stores.length})`);
    }
    stores.forEach((store, index) => {
      store(frame, elements[index]!);
    });
  };
}

function compileNamespaceTarget(node: AttributeNode, compiler: Compiler): Store {
  const target = compiler.expression(node.target);
  const { name } = node;
  return (frame, value) => {
    const namespace = target(frame);
    if (!(namespace instanceof Namespace)) {
      throw new EvaluationError('cannot assign attribute on non-namespace object');
    }
    namespace.values.set(name, value);
  };
}
