import { boundedText } from '../../python/bounds.ts';
import { setEntry } from '../../python/dict.ts';
import { undefinedError } from '../../python/evaluation-error.ts';
import { float, int, isIntegral, isNumeric, toNumber } from '../../python/kinds.ts';
import { Nothing, tuple, type V } from '../../python/object.ts';
import { type Arithmetic, arithmetic, compare, contains, equal, negate, truth } from '../../python/operators.ts';
import { str } from '../../python/text.ts';
import { type Float, mapping, type Value } from '../../value.ts';
import { getAttribute, getItem, slice } from '../runtime/access.ts';
import { PyFunction } from '../runtime/function.ts';
import type {
  AttributeNode,
  BinaryNode,
  CompareNode,
  ConditionalNode,
  ListNode,
  LiteralNode,
  LookupNode,
  OperandNode,
  PairNode,
  SliceNode,
  SymbolNode,
  UnaryNode,
} from '../syntax/nodes.ts';
import type { Node } from '../syntax/nunjucks.ts';
import { compileCall, compileFilter, compileTest } from './call.ts';
import type { Compiler } from './compiler.ts';
import { type Eval, resolveGlobal } from './frame.ts';

type Compile = (node: never, compiler: Compiler) => Eval;

/** The evaluation of an expression's node. Throws EvaluationError for names of filters and tests that do not exist. */
export function compileExpression(node: Node, compiler: Compiler): Eval {
  const compile = table.get(node.typename);
  if (!compile) throw new Error(`template: no evaluation for node ${node.typename}`);
  return compile(node as never, compiler);
}

function compileAll(nodes: readonly Node[], compiler: Compiler): Eval[] {
  return nodes.map((node) => compileExpression(node, compiler));
}

function compileSymbol(node: SymbolNode, compiler: Compiler): Eval {
  const name = node.value;
  const known = compiler.registry.global(name);
  if (known instanceof PyFunction && known.callee.volatile) compiler.markVolatile();
  if (!compiler.isLocal(name)) return (frame) => resolveGlobal(name, frame.run);
  return (frame) => {
    const value = frame.local(name);
    // none is a value too.
    return value === undefined ? resolveGlobal(name, frame.run) : value;
  };
}

function compileConditional(node: ConditionalNode, compiler: Compiler): Eval {
  const condition = compileExpression(node.cond, compiler);
  const body = compileExpression(node.body, compiler);
  const message = `the inline if-expression on line ${node.lineno + 1} evaluated to false and no else section was defined.`;
  const otherwise = node.else_ ? compileExpression(node.else_, compiler) : () => new Nothing(message);
  return (frame) => (truth(condition(frame)) ? body(frame) : otherwise(frame));
}

function compileLookup(node: LookupNode, compiler: Compiler): Eval {
  const target = compileExpression(node.target, compiler);
  if (node.val.typename === 'Slice') {
    const { start, stop, step } = node.val as SliceNode;
    const part = (bound: Node | null): Eval => (bound ? compileExpression(bound, compiler) : () => null);
    const [from, to, by] = [part(start), part(stop), part(step)];
    return (frame) => slice(target(frame), from(frame), to(frame), by(frame));
  }
  const key = compileExpression(node.val, compiler);
  return (frame) => getItem(target(frame), key(frame));
}

function compileAttribute(node: AttributeNode, compiler: Compiler): Eval {
  const target = compileExpression(node.target, compiler);
  const { name } = node;
  return (frame) => getAttribute(target(frame), name);
}

function compileList(node: ListNode, compiler: Compiler): Eval {
  const children = compileAll(node.children, compiler);
  return (frame) => children.map((child) => child(frame)) as Value[];
}

function compileTuple(node: ListNode, compiler: Compiler): Eval {
  const children = compileAll(node.children, compiler);
  return (frame) => tuple(children.map((child) => child(frame)));
}

function compileDict(node: ListNode, compiler: Compiler): Eval {
  const pairs = (node.children as PairNode[]).map((pair) => ({
    key: compileExpression(pair.key, compiler),
    value: compileExpression(pair.value, compiler),
  }));
  return (frame) => {
    const result = mapping();
    for (const pair of pairs) setEntry(result, pair.key(frame), pair.value(frame) as Value);
    return result;
  };
}

function binary(operator: Arithmetic) {
  return (node: BinaryNode, compiler: Compiler): Eval => {
    const left = compileExpression(node.left, compiler);
    const right = compileExpression(node.right, compiler);
    return operator === '+'
      ? (frame) => add(left(frame), right(frame))
      : (frame) => arithmetic(operator, left(frame), right(frame));
  };
}

/** The sum of two small ints, by far the most frequent one, and of everything else. */
function add(left: V, right: V): V {
  if (typeof left === 'number' && typeof right === 'number' && Number.isInteger(left) && Number.isInteger(right)) {
    const result = left + right;
    if (Number.isSafeInteger(result)) return result;
  }
  return arithmetic('+', left, right);
}

function compileAnd(node: BinaryNode, compiler: Compiler): Eval {
  const left = compileExpression(node.left, compiler);
  const right = compileExpression(node.right, compiler);
  return (frame) => {
    const value = left(frame);
    return truth(value) ? right(frame) : value;
  };
}

function compileOr(node: BinaryNode, compiler: Compiler): Eval {
  const left = compileExpression(node.left, compiler);
  const right = compileExpression(node.right, compiler);
  return (frame) => {
    const value = left(frame);
    return truth(value) ? value : right(frame);
  };
}

function compileConcat(node: BinaryNode, compiler: Compiler): Eval {
  const left = compileExpression(node.left, compiler);
  const right = compileExpression(node.right, compiler);
  return (frame) => boundedText(str(left(frame)) + str(right(frame)));
}

function unary(operation: (value: V) => V) {
  return (node: UnaryNode, compiler: Compiler): Eval => {
    const target = compileExpression(node.target, compiler);
    return (frame) => operation(target(frame));
  };
}

function positive(value: V): V {
  if (isIntegral(value)) return typeof value === 'bigint' ? int(value) : Number(value);
  return isNumeric(value) ? float(toNumber(value as Float)) : negate(value);
}

type Comparison = (left: V, right: V) => boolean;

const comparisons: Readonly<Record<string, Comparison>> = {
  '==': equal,
  '!=': (left, right) => !equal(left, right),
  '<': (left, right) => compare(left, right, '<') < 0,
  '<=': (left, right) => compare(left, right, '<=') <= 0,
  '>': (left, right) => compare(left, right, '>') > 0,
  '>=': (left, right) => compare(left, right, '>=') >= 0,
  in: (left, right) => contains(right, left),
  'not in': (left, right) => !contains(right, left),
};

function compileCompare(node: CompareNode, compiler: Compiler): Eval {
  const first = compileExpression(node.expr, compiler);
  const steps = node.ops.map((operand: OperandNode) => ({
    holds: comparisons[operand.type]!,
    value: compileExpression(operand.expr, compiler),
  }));
  if (steps.length === 1) {
    const { holds, value } = steps[0]!;
    return (frame) => holds(first(frame), value(frame));
  }
  return (frame) => {
    let left = first(frame);
    for (const { holds, value } of steps) {
      const right = value(frame);
      if (!holds(left, right)) return false;
      left = right;
    }
    return true;
  };
}

/** The text of a filter block, put into the frame under a name that no template can spell. */
export const bodyName = '{body}';

function compileBody(): Eval {
  return (frame) => {
    const value = frame.local(bodyName);
    if (value === undefined) throw undefinedError('the body of a block is missing');
    return value;
  };
}

function compileLiteral({ value }: LiteralNode, compiler: Compiler): Eval {
  if (compiler.rendersConstants && typeof value === 'string' && /\{[{%]/.test(value))
    return ({ run }) => {
      const rendered = run.renderText(value);
      return run.rules === '2.18' ? str(rendered) : rendered;
    };
  return () => value;
}

const table = new Map<string, Compile>([
  ['Literal', compileLiteral],
  ['Symbol', compileSymbol],
  ['InlineIf', compileConditional],
  ['LookupVal', compileLookup],
  ['Attribute', compileAttribute],
  ['Array', compileList],
  ['Tuple', compileTuple],
  ['Dict', compileDict],
  ['Add', binary('+')],
  ['Sub', binary('-')],
  ['Mul', binary('*')],
  ['Div', binary('/')],
  ['FloorDiv', binary('//')],
  ['Mod', binary('%')],
  ['Pow', binary('**')],
  ['And', compileAnd],
  ['Or', compileOr],
  ['Concat', compileConcat],
  ['Not', unary((value) => !truth(value))],
  ['Neg', unary(negate)],
  ['Pos', unary(positive)],
  ['Compare', compileCompare],
  ['Filter', compileFilter],
  ['Test', compileTest],
  ['FunCall', compileCall],
  ['Body', compileBody],
]);
