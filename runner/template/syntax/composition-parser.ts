import { ExpressionParser } from './expression-parser.ts';
import type { SignatureNode } from './nodes.ts';
import { type Node, nodes } from './nunjucks.ts';

/** The statements that bring in other templates, and the parameters of macros. */
export class CompositionParser extends ExpressionParser {
  signature(): SignatureNode {
    const names: string[] = [];
    const defaults: Node[] = [];
    this.expect('left-paren');
    while (this.peekType() !== 'right-paren') {
      if (names.length > 0 && !this.skip('comma')) this.unexpected(this.nextToken(), ',');
      if (this.peekType() === 'right-paren') break;
      names.push(this.expect('symbol').value);
      if (this.skipOperator('=')) defaults.push(this.parseExpression());
      else if (defaults.length > 0) this.fail('non-default argument follows default argument');
    }
    this.nextToken();
    return { names, defaults };
  }

  parseInclude(): Node {
    const token = this.nextToken()!;
    const template = this.parseExpression();
    const ignoreMissing = this.skipSymbol('ignore');
    if (ignoreMissing) this.expectSymbol('missing');
    const withContext = this.parseWithContext();
    this.blockEnd();
    const node = new nodes.Include(token.lineno, token.colno, template, ignoreMissing);
    return Object.assign(node, { withContext });
  }

  override parseImport(): Node {
    const token = this.nextToken()!;
    const template = this.parseExpression();
    this.expectSymbol('as');
    const name = this.expect('symbol');
    const target = new nodes.Symbol(name.lineno, name.colno, name.value);
    const withContext = this.parseWithContext();
    this.blockEnd();
    return new nodes.Import(token.lineno, token.colno, template, target, withContext);
  }

  parseFrom(): Node {
    const token = this.nextToken()!;
    const template = this.parseExpression();
    this.expectSymbol('import');
    const names: { name: string; alias: string }[] = [];
    let withContext: boolean | null = null;
    while (this.peekType() !== 'block-end') {
      if (names.length > 0 && !this.skip('comma')) this.unexpected(this.nextToken(), ',');
      if (names.length > 0 && this.peekType() === 'block-end') break;
      const { value: name, lineno, colno } = this.expect('symbol');
      if (name.startsWith('_')) {
        this.fail('names starting with an underline can not be imported', lineno, colno);
      }
      names.push({ name, alias: this.skipSymbol('as') ? this.expect('symbol').value : name });
      withContext = this.parseWithContext();
      if (withContext !== null) break;
    }
    this.blockEnd();
    return new nodes.FromImport(token.lineno, token.colno, template, names, withContext);
  }

  override parseExtends(): Node {
    const token = this.nextToken()!;
    const template = this.parseExpression();
    this.blockEnd();
    return new nodes.Extends(token.lineno, token.colno, template);
  }
}
