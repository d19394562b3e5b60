import { countSteps } from '../../computing.ts';
import { dictOf } from '../../python/dict.ts';
import { typeError } from '../../python/kinds.ts';
import { tuple, type V } from '../../python/object.ts';
import { Undefined } from '../../value.ts';
import { type Callee, PyFunction } from '../runtime/function.ts';
import type { Keywords } from '../runtime/parameters.ts';
import type { SignatureNode } from '../syntax/nodes.ts';
import type { Compiler } from './compiler.ts';
import type { Eval, Exec, Frame } from './frame.ts';

/** A macro as a value, with Jinja's attributes. */
export class Macro extends PyFunction {
  override readonly takesUndefined = true;
  override readonly typeName = 'Macro';
  readonly #names: readonly string[];
  constructor(name: string, callee: Callee, names: readonly string[]) {
    super(name, callee);
    this.#names = names;
  }
  override repr(): string {
    return `<Macro '${this.name}'>`;
  }
  override attribute(name: string): V | undefined {
    if (name === 'name') return this.name;
    return name === 'arguments' ? tuple(this.#names) : undefined;
  }
}

/** Which of the names that Jinja gives a macro beside its parameters its body uses. */
export interface MacroUses {
  readonly varargs: boolean;
  readonly kwargs: boolean;
  readonly caller: boolean;
}

/** Compiles a macro's parameters and body to a function that makes the macro in the frame of its definition. */
export function compileMacro(
  name: string,
  signature: SignatureNode,
  uses: MacroUses,
  body: Exec,
  compiler: Compiler,
): (frame: Frame) => Macro {
  const defaults = signature.defaults.map((node) => compiler.expression(node));
  return (definition) => {
    const callee: Callee = {
      call(_name, _self, positional, keywords) {
        countSteps();
        const frame = definition.child();
        bind(name, signature.names, defaults, uses, frame, positional, keywords);
        const out: V[] = [];
        body(frame, out);
        return definition.run.concat(out);
      },
    };
    return new Macro(name, callee, signature.names);
  };
}

function bind(
  name: string,
  names: readonly string[],
  defaults: readonly Eval[],
  uses: MacroUses,
  frame: Frame,
  positional: readonly V[],
  keywords: Keywords,
): void {
  const rest = keywords.size === 0 ? undefined : new Map(keywords);
  const withoutDefault = names.length - defaults.length;
  for (let index = 0; index < names.length; index++) {
    const parameter = names[index]!;
    const given = index < positional.length ? positional[index] : rest?.get(parameter);
    rest?.delete(parameter);
    const value = given ?? (given === null ? null : defaults[index - withoutDefault]?.(frame));
    frame.set(parameter, value === undefined ? new Undefined(`parameter '${parameter}' was not provided`) : value);
  }
  if (uses.caller) frame.set('caller', rest?.get('caller') ?? new Undefined('No caller defined'));
  rest?.delete('caller');
  if (positional.length > names.length && !uses.varargs) {
    throw typeError(`macro '${name}' takes not more than ${names.length} argument(s)`);
  }
  const [unknown] = rest?.keys() ?? [];
  if (unknown !== undefined && !uses.kwargs) {
    throw typeError(`macro '${name}' takes no keyword argument '${unknown}'`);
  }
  if (uses.varargs) frame.set('varargs', tuple(positional.slice(names.length)));
  if (uses.kwargs) frame.set('kwargs', dictOf(rest ?? []));
}
