import nodesFile from 'nunjucks/src/nodes.js';
import parserFile from 'nunjucks/src/parser.js';

/*
 * The parts of nunjucks that templates are parsed with: its parser and its nodes. They have no types of their own, and
 * loading them by their files spares the rest (compiler, loaders, runtime), which would evaluate as JavaScript does.
 */

/** A token, with its place counting from 0. */
export interface Token {
  readonly type: TokenType;
  readonly value: string;
  readonly lineno: number;
  readonly colno: number;
}

export type TokenType =
  | 'data'
  | 'block-start'
  | 'block-end'
  | 'variable-start'
  | 'variable-end'
  | 'symbol'
  | 'string'
  | 'int'
  | 'float'
  | 'operator'
  | 'tilde'
  | 'pipe'
  | 'comma'
  | 'colon'
  | 'left-paren'
  | 'right-paren'
  | 'left-bracket'
  | 'right-bracket'
  | 'left-curly'
  | 'right-curly';

/** What the parser reads from: nunjucks' Tokenizer or ours. */
export interface TokenSource {
  nextToken(): Token | null;
  readonly tags: { readonly VARIABLE_END: string; readonly COMMENT_START: string; readonly VARIABLE_START: string };
}

/** A node of the tree. `typename` says which of the interfaces of nodes.ts it is. */
export interface Node {
  readonly typename: string;
  readonly lineno: number;
  readonly colno: number;
}

type NodeConstructor = (new (
  line: number,
  column: number,
  ...fields: unknown[]
) => Node) & {
  extend(name: string, properties: { fields: string[] }): NodeConstructor;
};

/** The methods of nunjucks' Parser that ours builds on or replaces. */
export interface NunjucksParser {
  tokens: TokenSource;
  peeked: Token | null;
  breakOnBlocks: string[] | null;
  dropLeadingWhitespace: boolean;
  nextToken(withWhitespace?: boolean): Token | null;
  peekToken(): Token | null;
  pushToken(token: Token): void;
  error(message: string, line?: number, column?: number): Error;
  fail(message: string, line?: number, column?: number): never;
  skip(type: TokenType): boolean;
  expect(type: TokenType): Token;
  skipValue(type: TokenType, value: string): boolean;
  skipSymbol(name: string): boolean;
  advanceAfterBlockEnd(name?: string): Token;
  parseNodes(): Node[];
  parseStatement(): Node | null;
  parseUntilBlocks(...names: string[]): Node;
  parseIf(): Node;
  parseBlock(): Node;
  parseExtends(): Node;
  parseImport(): Node;
  parseFilterStatement(): Node;
  parseExpression(): Node;
  parsePrimary(withoutPostfix?: boolean): Node;
  parsePostfix(node: Node): Node;
  parseWithContext(): boolean | null;
  parseAsRoot(): Node;
}

/** nunjucks' parser, to be extended. */
export const { Parser } = parserFile as {
  Parser: new (tokens: TokenSource) => NunjucksParser;
};

/** nunjucks' classes of nodes. */
export const nodes = nodesFile as Readonly<
  Record<
    | 'NodeList'
    | 'Literal'
    | 'Symbol'
    | 'Array'
    | 'Pair'
    | 'Dict'
    | 'Node'
    | 'InlineIf'
    | 'If'
    | 'Block'
    | 'Extends'
    | 'LookupVal'
    | 'FunCall'
    | 'Filter'
    | 'KeywordArgs'
    | 'Compare'
    | 'CompareOperand'
    | 'Is'
    | 'Or'
    | 'And'
    | 'Not'
    | 'Neg'
    | 'Pos'
    | 'Add'
    | 'Sub'
    | 'Mul'
    | 'Div'
    | 'FloorDiv'
    | 'Mod'
    | 'Pow'
    | 'Concat'
    | 'For'
    | 'Set'
    | 'Capture'
    | 'Macro'
    | 'Include'
    | 'Import'
    | 'FromImport'
    | 'Output',
    NodeConstructor
  >
>;

/** A new class of nodes for what nunjucks' grammar lacks. */
function nodeClass(name: string, fields: string[]): NodeConstructor {
  return nodes.Node.extend(name, { fields });
}

/** Classes of nodes for what Jinja2 has and nunjucks has not. */
export const jinjaNodes = {
  Tuple: nodeClass('Tuple', ['children']),
  Slice: nodeClass('Slice', ['start', 'stop', 'step']),
  Attribute: nodeClass('Attribute', ['target', 'name']),
  Spread: nodeClass('Spread', ['value']),
  SpreadKeywords: nodeClass('SpreadKeywords', ['value']),
  Loop: nodeClass('Loop', ['target', 'iterable', 'test', 'body', 'else_', 'recursive']),
  Assign: nodeClass('Assign', ['target', 'value']),
  AssignBlock: nodeClass('AssignBlock', ['target', 'filter', 'body']),
  With: nodeClass('With', ['targets', 'values', 'body']),
  Do: nodeClass('Do', ['value']),
  Break: nodeClass('Break', []),
  Continue: nodeClass('Continue', []),
  CallBlock: nodeClass('CallBlock', ['call', 'signature', 'body']),
  FilterBlock: nodeClass('FilterBlock', ['filter', 'body']),
  Body: nodeClass('Body', []),
  Test: nodeClass('Test', ['name', 'args']),
} as const;
