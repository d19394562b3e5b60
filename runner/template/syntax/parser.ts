import { CompositionParser } from './composition-parser.ts';
import { ExpressionParser } from './expression-parser.ts';
import { type LexerOptions, lexExpression, lexTemplate } from './lexer.ts';
import type { CallNode, ListNode, SymbolNode } from './nodes.ts';
import { jinjaNodes, type Node, nodes, type Token } from './nunjucks.ts';

/** The tree of a template. Throws EvaluationError with its place. */
export function parseTemplate(text: string, options: LexerOptions): ListNode {
  return new TemplateParser(lexTemplate(text, options)).parseAsRoot() as ListNode;
}

/** The tree of a bare expression. */
export function parseBareExpression(text: string, options: LexerOptions): Node {
  const parser = new ExpressionParser(lexExpression(text, options));
  const node = parser.parseExpression();
  const rest = parser.nextToken();
  if (rest) parser.unexpected(rest);
  return node;
}

/** nunjucks' parser with Jinja2's statements. */
class TemplateParser extends CompositionParser {
  /** The names of blocks that are open, for `{% endblock name %}` and errors. */
  readonly #tags: string[] = [];

  override parseNodes(): Node[] {
    const result: Node[] = [];
    for (let token = this.nextToken(); token; token = this.nextToken()) {
      if (token.type === 'block-start') {
        const node = this.parseStatement();
        if (!node) break;
        result.push(node);
      } else result.push(this.#output(token));
    }
    return result;
  }

  #output(token: Token): Node {
    const { lineno, colno } = token;
    if (token.type === 'data') return new nodes.Output(lineno, colno, [new nodes.Literal(lineno, colno, token.value)]);
    const value = this.parseTuple();
    const end = this.nextToken();
    if (end?.type !== 'variable-end') this.unexpected(end, 'end of print statement');
    return new nodes.Output(lineno, colno, [value]);
  }

  override parseStatement(): Node | null {
    const token = this.peekToken();
    if (token?.type !== 'symbol') this.fail('tag name expected');
    const tag = token!.value;
    if (this.breakOnBlocks?.includes(tag)) return null;
    const parse = this.#statements[tag];
    if (!parse) return this.#unknownTag(tag);
    this.#tags.push(tag);
    const node = parse();
    this.#tags.pop();
    return node;
  }

  readonly #statements: Readonly<Record<string, () => Node>> = {
    __proto__: null as never,
    if: () => this.parseIf(),
    for: () => this.parseFor(),
    block: () => this.parseBlock(),
    extends: () => this.parseExtends(),
    include: () => this.parseInclude(),
    set: () => this.parseSet(),
    macro: () => this.parseMacro(),
    call: () => this.parseCall(),
    import: () => this.parseImport(),
    from: () => this.parseFrom(),
    filter: () => this.parseFilterStatement(),
    with: () => this.parseWith(),
    do: () => this.parseDo(),
    break: () => this.parseJump('break'),
    continue: () => this.parseJump('continue'),
    print: () => this.parsePrint(),
  };

  #unknownTag(tag: string): never {
    const open = this.#tags.at(-1);
    const message =
      tag.startsWith('end') || tag === 'else' || tag === 'elif'
        ? `Encountered unknown tag '${tag}'.${open ? ` The innermost block that needs to be closed is '${open}'.` : ''}`
        : `Encountered unknown tag '${tag}'.`;
    return this.fail(message);
  }

  /** The body up to one of the tags, which is left to be read. Fails when the template ends before. */
  override parseUntilBlocks(...names: string[]): Node {
    const body = super.parseUntilBlocks(...names);
    if (!this.peekSymbol(...names)) {
      this.fail(
        `Unexpected end of template. Jinja was looking for the following tags: ${names.map((name) => `'${name}'`).join(' or ')}.`,
        this.peekToken()?.lineno ?? 0,
        this.peekToken()?.colno ?? 0,
      );
    }
    return body;
  }

  override parseIf(): Node {
    const token = this.nextToken()!;
    const condition = this.parseTuple();
    this.blockEnd();
    const body = this.parseUntilBlocks('elif', 'else', 'endif');
    let otherwise: Node | null = null;
    if (this.peekSymbol('elif')) otherwise = this.parseIf();
    else if (this.skipSymbol('else')) {
      this.blockEnd();
      otherwise = this.parseUntilBlocks('endif');
      this.closeTag();
    } else this.closeTag();
    return new nodes.If(token.lineno, token.colno, condition, body, otherwise);
  }

  /** `a`, `a, b`, `(a, b)` or `ns.a`. */
  #target(): Node {
    return this.parseTuple(false, () => this.#singleTarget());
  }

  #singleTarget(): Node {
    if (this.skip('left-paren')) {
      const target = this.#target();
      this.expect('right-paren');
      return target;
    }
    const token = this.expect('symbol');
    const symbol = new nodes.Symbol(token.lineno, token.colno, token.value);
    if (!this.skipOperator('.')) return symbol;
    return new jinjaNodes.Attribute(token.lineno, token.colno, symbol, this.expect('symbol').value);
  }

  parseFor(): Node {
    const token = this.nextToken()!;
    const target = this.#target();
    this.expectSymbol('in');
    const iterable = this.parseTuple(false, () => this.parseOr());
    const test = this.skipSymbol('if') ? this.parseExpression() : null;
    const recursive = this.skipSymbol('recursive');
    this.blockEnd();
    const body = this.parseUntilBlocks('endfor', 'else');
    let otherwise: Node | null = null;
    if (this.skipSymbol('else')) {
      this.blockEnd();
      otherwise = this.parseUntilBlocks('endfor');
    }
    this.closeTag();
    return new jinjaNodes.Loop(token.lineno, token.colno, target, iterable, test, body, otherwise, recursive);
  }

  parseSet(): Node {
    const token = this.nextToken()!;
    const target = this.#target();
    if (this.skipOperator('=')) {
      const value = this.parseTuple();
      this.blockEnd();
      return new jinjaNodes.Assign(token.lineno, token.colno, target, value);
    }
    const filter = this.skip('pipe') ? this.#filterChain() : null;
    this.blockEnd();
    const body = this.parseUntilBlocks('endset');
    this.closeTag();
    return new jinjaNodes.AssignBlock(token.lineno, token.colno, target, filter, body);
  }

  /** Filters of a block, applied to a Body node that stands for its text. */
  #filterChain(): Node {
    const token = this.peekToken();
    let node = this.parseFilter(new jinjaNodes.Body(token?.lineno ?? 0, token?.colno ?? 0));
    while (this.skip('pipe')) node = this.parseFilter(node);
    return node;
  }

  override parseFilterStatement(): Node {
    const token = this.nextToken()!;
    const filter = this.#filterChain();
    this.blockEnd();
    const body = this.parseUntilBlocks('endfilter');
    this.closeTag();
    return new jinjaNodes.FilterBlock(token.lineno, token.colno, filter, body);
  }

  parseMacro(): Node {
    const token = this.nextToken()!;
    const nameToken = this.expect('symbol');
    const name = new nodes.Symbol(nameToken.lineno, nameToken.colno, nameToken.value);
    const signature = this.signature();
    this.blockEnd();
    const body = this.parseUntilBlocks('endmacro');
    this.closeTag();
    return new nodes.Macro(token.lineno, token.colno, name, signature, body);
  }

  parseCall(): Node {
    const token = this.nextToken()!;
    const signature = this.peekType() === 'left-paren' ? this.signature() : { names: [], defaults: [] };
    const call = this.parseExpression() as CallNode;
    if (call.typename !== 'FunCall') this.fail('expected call', token.lineno, token.colno);
    this.blockEnd();
    const body = this.parseUntilBlocks('endcall');
    this.closeTag();
    return new jinjaNodes.CallBlock(token.lineno, token.colno, call, signature, body);
  }

  override parseBlock(): Node {
    const token = this.nextToken()!;
    const name = this.expect('symbol').value;
    this.skipSymbol('scoped');
    this.skipSymbol('required');
    this.blockEnd();
    const body = this.parseUntilBlocks('endblock');
    this.nextToken();
    this.skipSymbol(name);
    this.blockEnd();
    const symbol = new nodes.Symbol(token.lineno, token.colno, name) as SymbolNode;
    return new nodes.Block(token.lineno, token.colno, symbol, body);
  }

  parseWith(): Node {
    const token = this.nextToken()!;
    const targets: Node[] = [];
    const values: Node[] = [];
    while (this.peekType() !== 'block-end') {
      if (targets.length > 0 && !this.skip('comma')) this.unexpected(this.nextToken(), ',');
      targets.push(this.#singleTarget());
      if (!this.skipOperator('=')) this.unexpected(this.nextToken(), '=');
      values.push(this.parseExpression());
    }
    this.blockEnd();
    const body = this.parseUntilBlocks('endwith');
    this.closeTag();
    return new jinjaNodes.With(token.lineno, token.colno, targets, values, body);
  }

  parseDo(): Node {
    const token = this.nextToken()!;
    const value = this.parseTuple();
    this.blockEnd();
    return new jinjaNodes.Do(token.lineno, token.colno, value);
  }

  parsePrint(): Node {
    const token = this.nextToken()!;
    const value = this.parseTuple();
    this.blockEnd();
    return new nodes.Output(token.lineno, token.colno, [value]);
  }

  parseJump(kind: 'break' | 'continue'): Node {
    const token = this.nextToken()!;
    if (!this.#tags.includes('for')) this.fail(`'${kind}' outside loop`, token.lineno, token.colno);
    this.blockEnd();
    return kind === 'break'
      ? new jinjaNodes.Break(token.lineno, token.colno)
      : new jinjaNodes.Continue(token.lineno, token.colno);
  }
}
