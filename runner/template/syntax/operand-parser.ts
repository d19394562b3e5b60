import { int } from '../../python/kinds.ts';
import { table } from '../../table.ts';
import { Float } from '../../value.ts';
import type { SymbolNode } from './nodes.ts';
import { jinjaNodes, type Node, nodes, type Token, type TokenType } from './nunjucks.ts';
import { TokenParser } from './token-parser.ts';

const constants: Readonly<Record<string, boolean | null>> = table<boolean | null>({
  true: true,
  True: true,
  false: false,
  False: false,
  none: null,
  None: null,
});

const testArgumentTypes = new Set<TokenType>([
  'symbol',
  'string',
  'int',
  'float',
  'left-paren',
  'left-bracket',
  'left-curly',
]);

/** What operators stand between: literals, names and all that may follow them: `.name`, `[key]`, `(…)`, filters, tests. */
export class OperandParser extends TokenParser {
  override parsePrimary(withoutPostfix?: boolean): Node {
    const node = this.#atom();
    return withoutPostfix ? node : this.parsePostfix(node);
  }

  #atom(): Node {
    const token = this.nextToken();
    switch (token?.type) {
      case 'symbol':
        return Object.hasOwn(constants, token.value)
          ? new nodes.Literal(token.lineno, token.colno, constants[token.value])
          : new nodes.Symbol(token.lineno, token.colno, token.value);
      case 'string':
        return this.#text(token);
      case 'int':
        return new nodes.Literal(token.lineno, token.colno, int(BigInt(token.value)));
      case 'float':
        return new nodes.Literal(token.lineno, token.colno, floatLiteral(token.value));
      case 'left-paren': {
        const node = this.parseTuple(true);
        this.#close('right-paren', ')');
        return node;
      }
      case 'left-bracket':
        return this.#list(token);
      case 'left-curly':
        return this.#dict(token);
      default:
        return this.unexpected(token);
    }
  }

  #text(token: Token): Node {
    let value = token.value;
    while (this.peekType() === 'string') value += this.nextToken()!.value;
    return new nodes.Literal(token.lineno, token.colno, value);
  }

  #close(type: TokenType, text: string): void {
    const token = this.nextToken();
    if (token?.type !== type) this.unexpected(token, text);
  }

  #list(token: Token): Node {
    const children: Node[] = [];
    while (this.peekType() !== 'right-bracket') {
      if (children.length > 0 && !this.skip('comma')) this.unexpected(this.nextToken(), ',');
      if (this.peekType() === 'right-bracket') break;
      children.push(this.parseExpression());
    }
    this.#close('right-bracket', ']');
    return new nodes.Array(token.lineno, token.colno, children);
  }

  #dict(token: Token): Node {
    const children: Node[] = [];
    while (this.peekType() !== 'right-curly') {
      if (children.length > 0 && !this.skip('comma')) this.unexpected(this.nextToken(), ',');
      if (this.peekType() === 'right-curly') break;
      const key = this.parseExpression();
      this.#close('colon', ':');
      children.push(new nodes.Pair(key.lineno, key.colno, key, this.parseExpression()));
    }
    this.#close('right-curly', '}');
    return new nodes.Dict(token.lineno, token.colno, children);
  }

  /** One expression, or several with commas between: a tuple. Ends before what cannot go on. */
  parseTuple(inParentheses = false, item: () => Node = () => this.parseExpression()): Node {
    const start = this.peekToken();
    const children: Node[] = [];
    let isTuple = false;
    while (!this.#atTupleEnd()) {
      children.push(item());
      if (!this.skip('comma')) break;
      isTuple = true;
    }
    if (!isTuple && children.length === 1) return children[0]!;
    if (children.length === 0 && !inParentheses) this.unexpected(this.peekToken());
    return new jinjaNodes.Tuple(start?.lineno ?? 0, start?.colno ?? 0, children);
  }

  #atTupleEnd(): boolean {
    const type = this.peekType();
    if (type === undefined || type === 'variable-end' || type === 'block-end' || type === 'right-paren') return true;
    return this.peekSymbol('recursive', 'in') || (type === 'operator' && this.peekToken()!.value === '=');
  }

  override parsePostfix(start: Node): Node {
    let node = start;
    for (;;) {
      const token = this.peekToken();
      if (token?.type === 'operator' && token.value === '.') node = this.#attribute(node);
      else if (token?.type === 'left-bracket') node = this.#subscript(node);
      else if (token?.type === 'left-paren') node = this.#call(node);
      else return node;
    }
  }

  #attribute(target: Node): Node {
    this.nextToken();
    const token = this.nextToken();
    if (token?.type === 'symbol') return new jinjaNodes.Attribute(token.lineno, token.colno, target, token.value);
    if (token?.type !== 'int') return this.fail('expected name or number', token?.lineno ?? 0, token?.colno ?? 0);
    const index = new nodes.Literal(token.lineno, token.colno, Number(token.value));
    return new nodes.LookupVal(token.lineno, token.colno, target, index);
  }

  #subscript(target: Node): Node {
    const token = this.nextToken()!;
    const keys: Node[] = [];
    while (this.peekType() !== 'right-bracket') {
      if (keys.length > 0 && !this.skip('comma')) this.unexpected(this.nextToken(), ',');
      keys.push(this.#subscriptKey());
    }
    this.#close('right-bracket', ']');
    if (keys.length === 0) this.fail('expected subscript expression', token.lineno, token.colno);
    const key = keys.length === 1 ? keys[0] : new jinjaNodes.Tuple(token.lineno, token.colno, keys);
    return new nodes.LookupVal(token.lineno, token.colno, target, key);
  }

  #subscriptKey(): Node {
    const token = this.peekToken();
    const parts: (Node | null)[] = [null];
    let isSlice = false;
    while (this.peekType() !== 'right-bracket' && this.peekType() !== 'comma' && this.peekToken()) {
      if (this.skip('colon')) {
        isSlice = true;
        parts.push(null);
      } else parts[parts.length - 1] = this.parseExpression();
    }
    if (!isSlice && parts[0]) return parts[0];
    if (!token || parts.length > 3) this.unexpected(token);
    return new jinjaNodes.Slice(token!.lineno, token!.colno, parts[0], parts[1] ?? null, parts[2] ?? null);
  }

  #call(target: Node): Node {
    const token = this.peekToken()!;
    return new nodes.FunCall(token.lineno, token.colno, target, this.#arguments());
  }

  /** The arguments in parentheses: a NodeList, at the end of which a KeywordArgs holds those with a name. */
  #arguments(): Node {
    const start = this.expect('left-paren');
    const children: Node[] = [];
    const keywords: Node[] = [];
    let first = true;
    while (this.peekType() !== 'right-paren') {
      if (!first && !this.skip('comma')) this.unexpected(this.nextToken(), ',');
      if (this.peekType() === 'right-paren') break;
      first = false;
      this.#argument(children, keywords);
    }
    this.nextToken();
    if (keywords.length > 0) children.push(new nodes.KeywordArgs(start.lineno, start.colno, keywords));
    return new nodes.NodeList(start.lineno, start.colno, children);
  }

  #argument(children: Node[], keywords: Node[]): void {
    const token = this.peekToken()!;
    const { lineno, colno } = token ?? { lineno: 0, colno: 0 };
    if (this.skipOperator('*')) {
      children.push(new jinjaNodes.Spread(lineno, colno, this.parseExpression()));
    } else if (this.skipOperator('**')) {
      keywords.push(new jinjaNodes.SpreadKeywords(lineno, colno, this.parseExpression()));
    } else {
      const node = this.parseExpression();
      if (this.skipOperator('=')) {
        if (node.typename !== 'Symbol') this.unexpected(token);
        keywords.push(new nodes.Pair(lineno, colno, node, this.parseExpression()));
      } else {
        if (keywords.length > 0) this.fail('invalid syntax for function call expression', lineno, colno);
        children.push(node);
      }
    }
  }

  /** `| filter(…)`, `is test …` and calls of their results, as often as they follow. */
  parseFilters(start: Node): Node {
    let node = start;
    for (;;) {
      if (this.skip('pipe')) node = this.parseFilter(node);
      else if (this.peekSymbol('is')) node = this.#test(node);
      else if (this.peekType() === 'left-paren') node = this.#call(node);
      else return node;
    }
  }

  /** A filter's name and arguments, applied to a node. */
  parseFilter(input: Node): Node {
    const name = this.#dottedName();
    return this.#application(nodes.Filter, name, input, this.peekType() === 'left-paren' ? this.#arguments() : null);
  }

  #application(type: typeof nodes.Filter, name: SymbolNode, input: Node, args: Node | null): Node {
    const given = args ? (args as unknown as { children: Node[] }).children : [];
    const list = new nodes.NodeList(name.lineno, name.colno, [input, ...given]);
    return new type(name.lineno, name.colno, name, list);
  }

  #dottedName(): SymbolNode {
    const token = this.expect('symbol');
    let name = token.value;
    while (this.skipOperator('.')) name += `.${this.expect('symbol').value}`;
    return new nodes.Symbol(token.lineno, token.colno, name) as SymbolNode;
  }

  #test(input: Node): Node {
    this.nextToken();
    const negated = this.skipSymbol('not');
    const name = this.#dottedName();
    const token = this.peekToken();
    let args: Node | null = null;
    if (token?.type === 'left-paren') args = this.#arguments();
    else if (token && testArgumentTypes.has(token.type) && !this.peekSymbol('else', 'or', 'and', 'if', 'not', 'in')) {
      if (this.peekSymbol('is')) this.fail('You cannot chain multiple tests with is');
      args = new nodes.NodeList(token.lineno, token.colno, [this.parsePrimary()]);
    }
    const node = this.#application(jinjaNodes.Test, name, input, args);
    return negated ? new nodes.Not(name.lineno, name.colno, node) : node;
  }
}

function floatLiteral(text: string): number | Float {
  const value = Number(text);
  return Number.isInteger(value) ? new Float(value) : value;
}
