import { defined, typeError, typeName } from '../../python/kinds.ts';
import { PyFunction } from '../runtime/function.ts';
import type { CallBlockNode } from '../syntax/nodes.ts';
import { compileArguments } from './call.ts';
import type { Compiler } from './compiler.ts';
import type { Exec } from './frame.ts';
import { compileMacro } from './macro.ts';
import { finalize } from './output.ts';

/** Compiles `{% call %}`: the macro is called with the body as its `caller`. */
export function compileCallBlock(node: CallBlockNode, body: Exec, compiler: Compiler): Exec {
  const caller = compileMacro('caller', node.signature, { varargs: true, kwargs: true, caller: true }, body, compiler);
  const target = compiler.expression(node.call.name);
  const args = compileArguments(node.call.args, compiler);
  return (frame, out) => {
    const macro = target(frame);
    if (!(macro instanceof PyFunction)) {
      throw typeError(`'${typeName(defined(macro))}' object is not callable`);
    }
    const { positional, keywords } = args(frame);
    const withCaller = new Map(keywords).set('caller', caller(frame));
    out.push(finalize(macro.call(positional, withCaller, frame.run), frame.run));
    return 0;
  };
}
