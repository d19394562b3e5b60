import { didYouMean } from '../../errors.ts';
import { entriesOf } from '../../python/dict.ts';
import { EvaluationError, undefinedError } from '../../python/evaluation-error.ts';
import { iterate } from '../../python/iterate.ts';
import { defined, isDict, typeError, typeName } from '../../python/kinds.ts';
import { Nothing, type V } from '../../python/object.ts';
import { Undefined } from '../../value.ts';
import { baseNameOf } from '../names.ts';
import { getAttribute } from '../runtime/access.ts';
import { type Callee, PyFunction } from '../runtime/function.ts';
import { methodOf } from '../runtime/methods.ts';
import { type Keywords, noKeywords } from '../runtime/parameters.ts';
import type {
  AttributeNode,
  CallNode,
  FilterNode,
  ListNode,
  LiteralNode,
  PairNode,
  SymbolNode,
  ValueNode,
} from '../syntax/nodes.ts';
import type { Node } from '../syntax/nunjucks.ts';
import type { Compiler } from './compiler.ts';
import type { Eval, Frame } from './frame.ts';

/** The evaluated arguments of a call. */
interface Arguments {
  readonly positional: V[];
  readonly keywords: Keywords;
}

/** How to evaluate the arguments of a call, the first `skip` of them left out. */
export function compileArguments(list: ListNode, compiler: Compiler, skip = 0): (frame: Frame) => Arguments {
  const nodes = list.children.slice(skip);
  const last = nodes.at(-1);
  const keywords = last?.typename === 'KeywordArgs' ? compileKeywords(last as ListNode, compiler) : undefined;
  if (keywords) nodes.pop();
  if (nodes.some((node) => node.typename === 'Spread')) {
    const spreads = nodes.map((node) => spreadable(node, compiler));
    return (frame) => ({ positional: spreads.flatMap((one) => one(frame)), keywords: keywords?.(frame) ?? noKeywords });
  }
  const evals = nodes.map((node) => compiler.expression(node));
  if (!keywords) return (frame) => ({ positional: evals.map((one) => one(frame)), keywords: noKeywords });
  return (frame) => ({ positional: evals.map((one) => one(frame)), keywords: keywords(frame) });
}

function spreadable(node: Node, compiler: Compiler): (frame: Frame) => V[] {
  if (node.typename === 'Spread') {
    const value = compiler.expression((node as ValueNode).value);
    return (frame) => iterate(value(frame));
  }
  const value = compiler.expression(node);
  return (frame) => [value(frame)];
}

function compileKeywords(node: ListNode, compiler: Compiler): (frame: Frame) => Keywords {
  const entries = node.children.map((child) => {
    if (child.typename === 'SpreadKeywords') {
      return { name: undefined, value: compiler.expression((child as ValueNode).value) };
    }
    const pair = child as PairNode;
    return { name: (pair.key as SymbolNode).value, value: compiler.expression(pair.value) };
  });
  return (frame) => {
    const result = new Map<string, V>();
    for (const { name, value } of entries) {
      const given = value(frame);
      if (name !== undefined) result.set(name, given);
      else if (isDict(given)) for (const [key, entry] of entriesOf(given)) result.set(keywordName(key), entry);
      else throw typeError(`argument after ** must be a mapping, not ${typeName(given)}`);
    }
    return result;
  };
}

function keywordName(key: V): string {
  if (typeof key === 'string') return key;
  throw typeError('keywords must be strings');
}

/** `function(…)`, `object.method(…)`. */
export function compileCall(node: CallNode, compiler: Compiler): Eval {
  checkLookupName(node, compiler);
  const args = compileArguments(node.args, compiler);
  if (node.name.typename === 'Attribute') return compileMethodCall(node.name as AttributeNode, args, compiler);
  const target = compiler.expression(node.name);
  return (frame) => callValue(target(frame), args(frame), frame);
}

function compileMethodCall(node: AttributeNode, args: (frame: Frame) => Arguments, compiler: Compiler): Eval {
  const target = compiler.expression(node.target);
  const { name } = node;
  return (frame) => {
    const self = target(frame);
    const method = methodOf(self, name);
    if (!method) return callValue(getAttribute(self, name), args(frame), frame);
    const { positional, keywords } = args(frame);
    return undefinedOf(positional, keywords) ?? method.call(name, self, positional, keywords, frame.run);
  };
}

function callValue(value: V, { positional, keywords }: Arguments, frame: Frame): V {
  if (value instanceof PyFunction) {
    const missing = value.takesUndefined ? undefined : undefinedOf(positional, keywords);
    return missing ?? value.call(positional, keywords, frame.run);
  }
  if (isUndefined(value)) return value;
  throw typeError(`'${typeName(defined(value))}' object is not callable`);
}

/** Filters that take what is undefined. It is the result of all others, so that `default` after them sees it. */
const takingUndefined = new Set(['default', 'd', 'mandatory', 'ternary', 'type_debug']);

/** Tests that may be asked of what is undefined. */
const testingUndefined = new Set(['defined', 'undefined', 'vault_encrypted']);

/** By the rules from 2.19 on what is undefined is an error for all other tests, where Jinja2 has an answer. */
function refuse(value: Undefined, frame: Frame): void {
  if (frame.run.rules !== '2.18') throw undefinedError(value.message);
}

function isUndefined(value: V): value is Undefined {
  return value instanceof Undefined && !(value instanceof Nothing);
}

/** The first of a call's arguments that is undefined. */
function undefinedOf(positional: readonly V[], keywords: Keywords): Undefined | undefined {
  for (const value of positional) if (isUndefined(value)) return value;
  if (keywords.size > 0) for (const value of keywords.values()) if (isUndefined(value)) return value;
  return undefined;
}

const lookupFunctions = new Set(['lookup', 'query', 'q']);

/** A lookup with a fixed name is checked before anything runs. */
function checkLookupName(node: CallNode, compiler: Compiler): void {
  const [first] = node.args.children;
  const name = node.name.typename === 'Symbol' ? (node.name as SymbolNode).value : '';
  if (!lookupFunctions.has(name) || compiler.isLocal(name)) return;
  const value = first?.typename === 'Literal' ? (first as LiteralNode).value : undefined;
  if (typeof value !== 'string' || compiler.registry.volatileLookups.has(baseNameOf(value))) compiler.markVolatile();
  if (first === undefined || typeof value !== 'string' || compiler.registry.lookups.has(baseNameOf(value))) return;
  throw new EvaluationError(
    `lookup plugin (${value}) not found`,
    'template',
    didYouMean(value, compiler.registry.lookups.keys()),
  ).at(first.lineno, first.colno);
}

/** `value | name(…)`. */
export function compileFilter(node: FilterNode, compiler: Compiler): Eval {
  return compileApplication(
    node,
    compiler,
    'filter',
    (name) => compiler.registry.filter(name),
    () => compiler.registry.filterNames(),
  );
}

/** `value is name(…)`. */
export function compileTest(node: FilterNode, compiler: Compiler): Eval {
  return compileApplication(
    node,
    compiler,
    'test',
    (name) => compiler.registry.test(name),
    () => compiler.registry.testNames(),
  );
}

/** Filters that apply another filter or test, and which of their operands names it. */
const applying: ReadonlyMap<string, { readonly at: number; readonly find: 'filter' | 'test' }> = new Map([
  ['map', { at: 1, find: 'filter' }],
  ['select', { at: 1, find: 'test' }],
  ['reject', { at: 1, find: 'test' }],
  ['selectattr', { at: 2, find: 'test' }],
  ['rejectattr', { at: 2, find: 'test' }],
]);

function appliesVolatile(name: string, args: ListNode, compiler: Compiler): boolean {
  const applied = applying.get(name);
  const operand = applied && args.children[applied.at];
  if (!applied || !operand || operand.typename === 'KeywordArgs') return false;
  const value = operand.typename === 'Literal' ? (operand as LiteralNode).value : undefined;
  return typeof value !== 'string' || compiler.registry[applied.find](baseNameOf(value))?.volatile === true;
}

function compileApplication(
  node: FilterNode,
  compiler: Compiler,
  what: string,
  find: (name: string) => Callee | undefined,
  names: () => Iterable<string>,
): Eval {
  const name = baseNameOf(node.name.value);
  const callee = find(name);
  if (!callee) {
    throw new EvaluationError(`There is no ${what} "${node.name.value}".`, 'template', didYouMean(name, names())).at(
      node.lineno,
      node.colno,
    );
  }
  if (callee.volatile || appliesVolatile(name, node.args, compiler)) compiler.markVolatile();
  const input = compiler.expression(node.args.children[0]!);
  const handsOn = what === 'filter' && !takingUndefined.has(name);
  const mayRefuse = what === 'test' && !testingUndefined.has(name);
  if (node.args.children.length === 1) {
    return (frame) => {
      const self = input(frame);
      if (mayRefuse && isUndefined(self)) refuse(self, frame);
      return handsOn && isUndefined(self) ? self : callee.call(name, self, [], noKeywords, frame.run);
    };
  }
  const args = compileArguments(node.args, compiler, 1);
  return (frame) => {
    const self = input(frame);
    const { positional, keywords } = args(frame);
    if (mayRefuse && isUndefined(self)) refuse(self, frame);
    const missing = handsOn ? (isUndefined(self) ? self : undefinedOf(positional, keywords)) : undefined;
    return missing ?? callee.call(name, self, positional, keywords, frame.run);
  };
}
