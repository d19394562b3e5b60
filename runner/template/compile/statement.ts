import { EvaluationError } from '../../python/evaluation-error.ts';
import type { V } from '../../python/object.ts';
import { truth } from '../../python/operators.ts';
import { endless, isTooDeep } from '../failure.ts';
import type {
  AssignBlockNode,
  AssignNode,
  BlockNode,
  CallBlockNode,
  ConditionalNode,
  FilterBlockNode,
  FromImportNode,
  ImportNode,
  IncludeNode,
  ListNode,
  LiteralNode,
  LoopNode,
  MacroNode,
  TemplateNode,
  ValueNode,
  WithNode,
} from '../syntax/nodes.ts';
import type { Node } from '../syntax/nunjucks.ts';
import { compileBlock } from './block.ts';
import { compileCallBlock } from './call-block.ts';
import type { Compiler } from './compiler.ts';
import { bodyName } from './expression.ts';
import type { Exec, Frame } from './frame.ts';
import { compileFromImport, compileImport, compileInclude, extendTemplate } from './include.ts';
import { compileLoop } from './loop.ts';
import { compileMacro } from './macro.ts';
import { usesName } from './names.ts';
import { compilePrinted, finalize } from './output.ts';
import { compileTarget } from './target.ts';

/** What statements need beyond expressions: a place for blocks. */
export interface StatementCompiler extends Compiler {
  readonly blocks: Map<string, Exec>;
}

type Compile = (node: never, compiler: StatementCompiler) => Exec;

/** Compiles a list of statements, or one. Failures get the place of the statement they happened in. */
export function compileStatements(node: Node, compiler: StatementCompiler): Exec {
  const isList = node.typename === 'NodeList' || node.typename === 'Root';
  const nodes = isList ? (node as ListNode).children : [node];
  const execs = nodes.map((child) => compileStatement(child, compiler));
  return (frame, out) => {
    let index = 0;
    try {
      for (; index < execs.length; index++) {
        const signal = execs[index]!(frame, out);
        if (signal !== 0) return signal;
      }
      return 0;
    } catch (thrown) {
      const error = isTooDeep(thrown) ? endless(thrown) : thrown;
      if (error instanceof EvaluationError && error.line === undefined) {
        error.at(nodes[index]!.lineno, nodes[index]!.colno).file = frame.template.file;
      }
      throw error;
    }
  };
}

function compileStatement(node: Node, compiler: StatementCompiler): Exec {
  const compile = table.get(node.typename);
  if (!compile) throw new Error(`template: no evaluation for statement ${node.typename}`);
  return compile(node as never, compiler);
}

function compileOutput(node: ListNode, compiler: StatementCompiler): Exec {
  const child = node.children[0]!;
  if (child.typename === 'Literal' && typeof (child as LiteralNode).value === 'string') {
    const text = (child as LiteralNode).value;
    return (frame, out) => {
      if (!frame.template.parent) out.push(text);
      return 0;
    };
  }
  const value = compilePrinted(child, compiler);
  return (frame, out) => {
    if (!frame.template.parent) out.push(finalize(value(frame), frame.run));
    return 0;
  };
}

function compileIf(node: ConditionalNode, compiler: StatementCompiler): Exec {
  const condition = compiler.expression(node.cond);
  const body = compileStatements(node.body, compiler);
  const otherwise: Exec = node.else_ ? compileStatements(node.else_, compiler) : () => 0;
  return (frame, out) => (truth(condition(frame)) ? body(frame, out) : otherwise(frame, out));
}

function compileAssign(node: AssignNode, compiler: StatementCompiler): Exec {
  const store = compileTarget(node.target, compiler);
  const value = compiler.expression(node.value);
  return (frame) => {
    store(frame, value(frame));
    return 0;
  };
}

/** The text that a body prints, in a frame of its own. */
function captured(body: Exec, frame: Frame): V {
  const out: V[] = [];
  body(frame.child(), out);
  return frame.run.concat(out);
}

function compileAssignBlock(node: AssignBlockNode, compiler: StatementCompiler): Exec {
  const store = compileTarget(node.target, compiler);
  const body = compileStatements(node.body, compiler);
  const filter = node.filter ? compiler.expression(node.filter) : undefined;
  return (frame) => {
    let value = captured(body, frame);
    if (filter) {
      const inner = frame.child();
      inner.set(bodyName, value);
      value = filter(inner);
    }
    store(frame, value);
    return 0;
  };
}

function compileFilterBlock(node: FilterBlockNode, compiler: StatementCompiler): Exec {
  const body = compileStatements(node.body, compiler);
  const filter = compiler.expression(node.filter);
  return (frame, out) => {
    const inner = frame.child();
    inner.set(bodyName, captured(body, frame));
    out.push(finalize(filter(inner), frame.run));
    return 0;
  };
}

function compileWith(node: WithNode, compiler: StatementCompiler): Exec {
  const stores = node.targets.map((target) => compileTarget(target, compiler));
  const values = node.values.map((value) => compiler.expression(value));
  const body = compileStatements(node.body, compiler);
  return (frame, out) => {
    const inner = frame.child();
    const evaluated = values.map((value) => value(frame));
    stores.forEach((store, index) => {
      store(inner, evaluated[index]!);
    });
    return body(inner, out);
  };
}

function compileMacroStatement(node: MacroNode, compiler: StatementCompiler): Exec {
  const name = node.name.value;
  const [varargs, kwargs, caller] = ['varargs', 'kwargs', 'caller'].map((name) => usesName(node.body, name));
  const uses = { varargs: varargs!, kwargs: kwargs!, caller: caller! };
  const make = compileMacro(name, node.args, uses, compileStatements(node.body, compiler), compiler);
  return (frame) => {
    frame.set(name, make(frame));
    return 0;
  };
}

function compileDo(node: ValueNode, compiler: StatementCompiler): Exec {
  const value = compiler.expression(node.value);
  return (frame) => {
    value(frame);
    return 0;
  };
}

function compileExtends(node: TemplateNode, compiler: StatementCompiler): Exec {
  compiler.markVolatile();
  const name = compiler.expression(node.template);
  return (frame) => {
    extendTemplate(name(frame), frame);
    return 0;
  };
}

const table = new Map<string, Compile>([
  ['Output', compileOutput],
  ['If', compileIf],
  ['Loop', (node: LoopNode, compiler) => compileLoop(node, compiler, (body) => compileStatements(body, compiler))],
  ['Assign', compileAssign],
  ['AssignBlock', compileAssignBlock],
  ['FilterBlock', compileFilterBlock],
  ['With', compileWith],
  ['Macro', compileMacroStatement],
  [
    'CallBlock',
    (node: CallBlockNode, compiler) => compileCallBlock(node, compileStatements(node.body, compiler), compiler),
  ],
  ['Do', compileDo],
  ['Break', () => () => 1],
  ['Continue', () => () => 2],
  ['Include', (node: IncludeNode, compiler) => compileInclude(node, compiler)],
  ['Import', (node: ImportNode, compiler) => compileImport(node, compiler)],
  ['FromImport', (node: FromImportNode, compiler) => compileFromImport(node, compiler)],
  ['Extends', compileExtends],
  ['Block', (node: BlockNode, compiler) => compileBlock(node, compileStatements(node.body, compiler), compiler.blocks)],
]);
