import { type Node, nodes } from './nunjucks.ts';
import { OperandParser } from './operand-parser.ts';

const compareOperators = new Set(['==', '!=', '<', '>', '<=', '>=']);
/**
 * nunjucks' parser with Jinja2's grammar of expressions: its precedence and chained conditions.
 */
export class ExpressionParser extends OperandParser {
  override parseExpression(): Node {
    let node = this.parseOr();
    while (this.peekSymbol('if')) {
      const token = this.nextToken()!;
      const condition = this.parseOr();
      const otherwise = this.skipSymbol('else') ? this.parseExpression() : null;
      node = new nodes.InlineIf(token.lineno, token.colno, condition, node, otherwise);
    }
    return node;
  }

  parseOr(): Node {
    let node = this.parseAnd();
    while (this.skipSymbol('or')) node = new nodes.Or(node.lineno, node.colno, node, this.parseAnd());
    return node;
  }

  parseAnd(): Node {
    let node = this.parseNot();
    while (this.skipSymbol('and')) node = new nodes.And(node.lineno, node.colno, node, this.parseNot());
    return node;
  }

  parseNot(): Node {
    const token = this.peekToken();
    if (this.skipSymbol('not')) return new nodes.Not(token!.lineno, token!.colno, this.parseNot());
    return this.parseCompare();
  }

  parseCompare(): Node {
    const node = this.parseSum();
    const operands: Node[] = [];
    for (;;) {
      const token = this.peekToken();
      if (!token) break;
      let operator: string;
      if (token.type === 'operator' && compareOperators.has(token.value)) operator = token.value;
      else if (token.type === 'symbol' && token.value === 'in') operator = 'in';
      else if (token.type === 'symbol' && token.value === 'not') operator = 'not in';
      else break;
      this.nextToken();
      if (operator === 'not in') this.expectSymbol('in');
      operands.push(new nodes.CompareOperand(token.lineno, token.colno, this.parseSum(), operator));
    }
    return operands.length > 0 ? new nodes.Compare(node.lineno, node.colno, node, operands) : node;
  }

  parseSum(): Node {
    let node = this.parseConcat();
    for (;;) {
      if (this.skipOperator('+')) node = new nodes.Add(node.lineno, node.colno, node, this.parseConcat());
      else if (this.skipOperator('-')) node = new nodes.Sub(node.lineno, node.colno, node, this.parseConcat());
      else return node;
    }
  }

  parseConcat(): Node {
    let node = this.parseProduct();
    while (this.skip('tilde')) node = new nodes.Concat(node.lineno, node.colno, node, this.parseProduct());
    return node;
  }

  parseProduct(): Node {
    let node = this.parsePower();
    for (;;) {
      const { lineno, colno } = node;
      if (this.skipOperator('*')) node = new nodes.Mul(lineno, colno, node, this.parsePower());
      else if (this.skipOperator('/')) node = new nodes.Div(lineno, colno, node, this.parsePower());
      else if (this.skipOperator('//')) node = new nodes.FloorDiv(lineno, colno, node, this.parsePower());
      else if (this.skipOperator('%')) node = new nodes.Mod(lineno, colno, node, this.parsePower());
      else return node;
    }
  }

  parsePower(): Node {
    let node = this.parseUnary();
    while (this.skipOperator('**')) node = new nodes.Pow(node.lineno, node.colno, node, this.parseUnary());
    return node;
  }

  parseUnary(withoutFilters?: boolean): Node {
    const token = this.peekToken();
    let node: Node;
    if (this.skipOperator('-')) node = new nodes.Neg(token!.lineno, token!.colno, this.parseUnary(true));
    else if (this.skipOperator('+')) node = new nodes.Pos(token!.lineno, token!.colno, this.parseUnary(true));
    else node = this.parsePrimary(true);
    node = this.parsePostfix(node);
    return withoutFilters ? node : this.parseFilters(node);
  }
}
