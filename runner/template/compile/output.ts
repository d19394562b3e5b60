import { maxCharacters } from '../../limits.ts';
import { checkCharacters } from '../../python/bounds.ts';
import { EvaluationError, undefinedError } from '../../python/evaluation-error.ts';
import { kindOf } from '../../python/kinds.ts';
import { Nothing, PyObject, Range, type V } from '../../python/object.ts';
import { truth } from '../../python/operators.ts';
import { parseLiteral } from '../../python/parse-literal.ts';
import { str } from '../../python/text.ts';
import { WalkMemory } from '../../shared-values.ts';
import { Undefined, type Value } from '../../value.ts';
import { baseNameOf } from '../names.ts';
import type { Run } from '../run.ts';
import { finishPart } from '../runtime/finish-native.ts';
import type { ConditionalNode, FilterNode } from '../syntax/nodes.ts';
import type { Node } from '../syntax/nunjucks.ts';
import type { Compiler } from './compiler.ts';
import type { Eval } from './frame.ts';

/** Text that stays text although it looks like a list or dict: the result of `to_json` and the like. */
class FinalText extends PyObject {
  readonly typeName = 'str';
  readonly value: string;
  constructor(value: string) {
    super();
    this.value = value;
  }
  repr(): string {
    return this.value;
  }
}

const textFilters = new Set(['string', 'to_json', 'to_nice_json', 'to_yaml', 'to_nice_yaml', 'ppretty', 'json']);

/** Compiles what `{{ }}` prints; the results of Ansible's text filters are marked as text for good. */
export function compilePrinted(node: Node, compiler: Compiler): Eval {
  if (node.typename === 'InlineIf' && (node as ConditionalNode).else_) {
    const { cond, body, else_ } = node as ConditionalNode;
    const condition = compiler.expression(cond);
    const whenTrue = compilePrinted(body, compiler);
    const otherwise = compilePrinted(else_!, compiler);
    return (frame) => (truth(condition(frame)) ? whenTrue(frame) : otherwise(frame));
  }
  const value = compiler.expression(node);
  if (node.typename !== 'Filter' || !textFilters.has(baseNameOf((node as FilterNode).name.value))) return value;
  return (frame) => {
    const result = value(frame);
    return typeof result === 'string' ? new FinalText(result) : result;
  };
}

/** What is printed, as it is joined: by the rules up to 2.18 none is nothing and ranges are lists. Throws for what is undefined. */
export function finalize(value: V, run: Run): V {
  if (typeof value !== 'object') return value;
  if (run.rules !== '2.18') {
    if (value instanceof Undefined && !(value instanceof Nothing)) throw undefinedError(value.message);
    return value;
  }
  if (value === null) return '';
  if (value instanceof Undefined) {
    if (value instanceof Nothing) return '';
    throw undefinedError(value.message);
  }
  if (value instanceof Range) return value.elements() as Value[];
  return value;
}

/** Joins what was printed by the rules from 2.19 on: nothing is None, one part keeps its type, several are text, in which None is nothing. */
export function concatNative(parts: readonly V[], omit: string): V {
  let count = 0;
  let last: V = null;
  let text = '';
  const most = maxCharacters();
  for (const part of parts) {
    if (part === null) continue;
    // One part keeps its type, so its text is needed only when there is another.
    if (count === 1) text = partText(last, omit);
    count += 1;
    if (count > 1) text += partText(part, omit);
    if (text.length > most) checkCharacters(text.length);
    last = part;
  }
  if (count > 1) return text;
  return last instanceof FinalText ? last.value : last;
}

function partText(part: V, omit: string): string {
  if (typeof part === 'string') return part === omit ? '' : part;
  return typeof part === 'object' ? str(finishPart(part, omit)) : str(part);
}

/** Joins what was printed to text, as for template files. */
export function concatText(parts: readonly V[]): string {
  if (parts.length === 1) return str(parts[0]!);
  let text = '';
  const most = maxCharacters();
  for (const part of parts) {
    text += typeof part === 'string' ? part : str(part);
    if (text.length > most) checkCharacters(text.length);
  }
  return text;
}

/** Joins what was printed as Ansible does for texts in YAML files: what looks like a list, dict or bool becomes one. */
export function concatValue(parts: readonly V[]): V {
  if (parts.length !== 1) return convert(concatText(parts));
  const value = parts[0]!;
  if (typeof value === 'string') return convert(value);
  if (typeof value === 'boolean') return value;
  if (value instanceof FinalText) return value.value;
  const kind = kindOf(value);
  // Outside of templates a tuple is a list, as in Ansible since 2.19; its text would be of no use.
  if (kind === 'tuple') return value;
  if ((kind === 'list' || kind === 'dict') && isLiteral(value)) return value;
  return kind === 'list' || kind === 'dict' ? convert(str(value)) : str(value);
}

function convert(text: string): V {
  const first = text.charCodeAt(0);
  if (first !== 0x5b && first !== 0x7b) return text === 'True' ? true : text === 'False' ? false : text;
  return parseLiteral(text) ?? text;
}

/** Whether reading a value's Python text would give the value again. */
function isLiteral(value: V, memory = new WalkMemory<boolean>()): boolean {
  if (value === null) return true;
  switch (typeof value) {
    case 'string':
    case 'boolean':
    case 'bigint':
    case 'number':
      return true;
  }
  const kind = kindOf(value);
  if (kind === 'float') return true;
  if (kind === 'undefined') throw new EvaluationError((value as Undefined).message, 'undefined');
  if (kind !== 'dict' && !Array.isArray(value)) return false;
  return memory.recall(value as object) ?? memory.note(value as object, holdsLiterals(value as object, memory));
}

function holdsLiterals(container: object, memory: WalkMemory<boolean>): boolean {
  if (Array.isArray(container)) return container.every((element) => isLiteral(element, memory));
  return Object.keys(container).every((key) => isLiteral((container as Record<string, V>)[key]!, memory));
}
