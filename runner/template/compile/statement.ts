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
import { compileBlock, compileSuper } from './block.ts';
import { compileCallBlock } from './call-block.ts';
import type { Compiler } from './compiler.ts';
import { bodyName } from './expression.ts';
import type { Eval, Exec, Frame, Printer } from './frame.ts';
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
  const groups = groupsOf(isList ? (node as ListNode).children : [node]);
  const execs = groups.map((group) => compileGroup(group, compiler));
  if (groups.length === 1 && groups[0]![0]!.typename === 'Output') return execs[0]!;
  return (frame, out) => {
    let index = 0;
    try {
      for (; index < execs.length; index++) {
        const signal = execs[index]!(frame, out);
        if (signal !== 0) return signal;
      }
      return 0;
    } catch (thrown) {
      throw placed(thrown, groups[index]![0]!, frame);
    }
  };
}

/** Statements of which those that print and stand behind one another are together, since that is most of a template. */
function groupsOf(nodes: readonly Node[]): Node[][] {
  const groups: Node[][] = [];
  let printing: Node[] | undefined;
  for (const node of nodes) {
    if (node.typename === 'Output' && printing) printing.push(node);
    else {
      const group = [node];
      printing = node.typename === 'Output' ? group : undefined;
      groups.push(group);
    }
  }
  return groups;
}

function compileGroup(nodes: readonly Node[], compiler: StatementCompiler): Exec {
  const first = nodes[0]!;
  return first.typename === 'Output'
    ? compileOutputs(nodes as readonly ListNode[], compiler)
    : compileStatement(first, compiler);
}

/** A failure with the place of the statement it happened in, unless it has a more precise one. */
function placed(thrown: unknown, { lineno, colno }: Node, frame: Frame): unknown {
  const error = isTooDeep(thrown) ? endless(thrown) : thrown;
  if (error instanceof EvaluationError && error.line === undefined) {
    error.at(lineno, colno).file = frame.template.file;
  }
  return error;
}

function compileStatement(node: Node, compiler: StatementCompiler): Exec {
  const compile = table.get(node.typename);
  if (!compile) throw new Error(`template: no evaluation for statement ${node.typename}`);
  return compile(node as never, compiler);
}

function compileOutputs(nodes: readonly ListNode[], compiler: StatementCompiler): Exec {
  const parts = nodes.map(({ children: [child] }) => compilePart(child!, compiler));
  return (frame, out) => {
    const { run, template } = frame;
    if (template.parent) return 0;
    let index = 0;
    try {
      for (; index < parts.length; index++) {
        const part = parts[index]!;
        if (typeof part === 'string') out.push(part);
        else if (typeof part === 'function') out.push(finalize(part(frame), run));
        else part.print(frame, out);
      }
      return 0;
    } catch (thrown) {
      throw placed(thrown, nodes[index]!, frame);
    }
  };
}

function compilePart(node: Node, compiler: StatementCompiler): string | Eval | Printer {
  const text = constantText(node);
  if (text !== undefined) return text;
  const value = compilePrinted(node, compiler);
  return compileSuper(node, value) ?? value;
}

function constantText(node: Node): string | undefined {
  const value = node.typename === 'Literal' ? (node as LiteralNode).value : undefined;
  return typeof value === 'string' ? value : undefined;
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
