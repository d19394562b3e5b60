import type { V } from '../../python/object.ts';
import type { Node } from './nunjucks.ts';

/* The shapes of the nodes that our parser makes. `typename` decides which one a node has. */

export interface LiteralNode extends Node {
  readonly value: V;
}
export interface SymbolNode extends Node {
  readonly value: string;
}
export interface ListNode extends Node {
  readonly children: Node[];
}
export interface PairNode extends Node {
  readonly key: Node;
  readonly value: Node;
}
export interface ConditionalNode extends Node {
  readonly cond: Node;
  readonly body: Node;
  readonly else_: Node | null;
}
export interface LookupNode extends Node {
  readonly target: Node;
  readonly val: Node;
}
export interface AttributeNode extends Node {
  readonly target: Node;
  readonly name: string;
}
export interface SliceNode extends Node {
  readonly start: Node | null;
  readonly stop: Node | null;
  readonly step: Node | null;
}
export interface CallNode extends Node {
  readonly name: Node;
  readonly args: ListNode;
}
/** A filter or test: `args` begins with the value it is applied to. */
export interface FilterNode extends Node {
  readonly name: SymbolNode;
  readonly args: ListNode;
}
export interface BinaryNode extends Node {
  readonly left: Node;
  readonly right: Node;
}
export interface UnaryNode extends Node {
  readonly target: Node;
}
export interface CompareNode extends Node {
  readonly expr: Node;
  readonly ops: OperandNode[];
}
export interface OperandNode extends Node {
  readonly expr: Node;
  readonly type: string;
}
export interface ValueNode extends Node {
  readonly value: Node;
}
export interface LoopNode extends Node {
  readonly target: Node;
  readonly iterable: Node;
  readonly test: Node | null;
  readonly body: Node;
  readonly else_: Node | null;
  readonly recursive: boolean;
}
export interface AssignNode extends Node {
  readonly target: Node;
  readonly value: Node;
}
export interface AssignBlockNode extends Node {
  readonly target: Node;
  readonly filter: Node | null;
  readonly body: Node;
}
export interface WithNode extends Node {
  readonly targets: Node[];
  readonly values: Node[];
  readonly body: Node;
}
export interface MacroNode extends Node {
  readonly name: SymbolNode;
  readonly args: SignatureNode;
  readonly body: Node;
}
/** The parameters of a macro: names, the last of them with defaults. */
export interface SignatureNode {
  readonly names: readonly string[];
  readonly defaults: readonly Node[];
}
export interface CallBlockNode extends Node {
  readonly call: CallNode;
  readonly signature: SignatureNode;
  readonly body: Node;
}
export interface FilterBlockNode extends Node {
  readonly filter: Node;
  readonly body: Node;
}
export interface BlockNode extends Node {
  readonly name: SymbolNode;
  readonly body: Node;
}
export interface TemplateNode extends Node {
  readonly template: Node;
}
export interface IncludeNode extends TemplateNode {
  readonly ignoreMissing: boolean;
  readonly withContext: boolean | null;
}
export interface ImportNode extends TemplateNode {
  readonly target: SymbolNode;
  readonly withContext: boolean | null;
}
export interface FromImportNode extends TemplateNode {
  readonly names: readonly { readonly name: string; readonly alias: string }[];
  readonly withContext: boolean | null;
}
