import { refuseEscapes } from './bytes.ts';

/** Where a scalar stands and how PyYAML is to write it. */
export interface ScalarContext {
  readonly flow: boolean;
  readonly simpleKey: boolean;
  readonly indent: number;
  readonly column: number;
  readonly width: number;
  readonly allowUnicode: boolean;
  readonly style: string | null;
}

/** A scalar's text and its style: '' plain, "'" or '"' quoted, '|' or '>' block. */
export interface Scalar {
  readonly text: string;
  readonly style: string;
}

/** Text as PyYAML writes it, quoted where it would else be read as something other than this text. Throws for bytes that are not UTF-8, as PyYAML does. */
export function yamlScalar(text: string, context: ScalarContext): Scalar {
  refuseEscapes(text);
  const analysis = analyze(text, context.allowUnicode);
  const style = choose(text, analysis, context);
  switch (style) {
    case '':
      return { text: folded(text, context, ''), style };
    case "'":
      return { text: `'${folded(text.replaceAll("'", "''"), context, "'")}'`, style };
    case '|':
    case '>':
      return { text: block(text, style, context), style };
    default:
      return { text: doubleQuoted(text, context), style };
  }
}

interface Analysis {
  readonly multiline: boolean;
  readonly flowPlain: boolean;
  readonly blockPlain: boolean;
  readonly singleQuoted: boolean;
  readonly block: boolean;
}

/** What PyYAML (with libyaml, as Ansible uses it) finds out about a scalar. */
function analyze(text: string, allowUnicode: boolean): Analysis {
  if (text === '') return { multiline: false, flowPlain: false, blockPlain: true, singleQuoted: true, block: false };
  const special = allowUnicode
    ? /[^\n\x85\x20-\x7e\xa0-\ud7ff\ue000-\ufffd]|\ufeff/u.test(text)
    : /[^\n\x20-\x7e]/.test(text);
  const breaks = /[\n\x85\u2028\u2029]/.test(text);
  const indicators = indicatorsIn(text);
  const leading = /^[ \n]/.test(text);
  const trailingSpace = text.endsWith(' ');
  const breakSpace = /[\n\x85\u2028\u2029] /.test(text);
  const spaceBreak = / [\n\x85\u2028\u2029]/.test(text);
  const edges = leading || /[ \n]$/.test(text);
  return {
    multiline: breaks,
    flowPlain: !edges && !breaks && !special && !breakSpace && !indicators.flow,
    blockPlain: !edges && !breaks && !special && !breakSpace && !indicators.block,
    singleQuoted: !breakSpace && !spaceBreak && !special,
    block: !trailingSpace && !spaceBreak && !special,
  };
}

function indicatorsIn(text: string): { flow: boolean; block: boolean } {
  let flow = text.startsWith('---') || text.startsWith('...');
  let block = flow;
  if (/^[#,[\]{}&*!|>'"%@`]/.test(text)) flow = block = true;
  if (/^[?:]/.test(text)) {
    flow = true;
    if (/^.(?:$|[\0 \t\r\n])/.test(text)) block = true;
  }
  if (/^-(?:$|[\0 \t\r\n])/.test(text)) flow = block = true;
  const rest = text.slice(1);
  if (/[,?[\]{}:]/.test(rest)) flow = true;
  if (/:(?:$|[\0 \t\r\n\x85\u2028\u2029])/.test(rest)) block = true;
  if (/[\0 \t\r\n\x85\u2028\u2029]#/.test(text)) flow = block = true;
  return { flow, block };
}

function choose(text: string, analysis: Analysis, context: ScalarContext): string {
  const { style, simpleKey, flow } = context;
  if (style === '"') return '"';
  const implicit = !resolvesToOther(text);
  if (style === null && implicit && !(simpleKey && analysis.multiline)) {
    if (text !== '' && (flow ? analysis.flowPlain : analysis.blockPlain)) return '';
  }
  if ((style === '|' || style === '>') && !flow && !simpleKey && analysis.block) return style;
  if (analysis.singleQuoted && !(simpleKey && analysis.multiline)) return "'";
  return '"';
}

const otherTypes = [
  /^(?:yes|Yes|YES|no|No|NO|true|True|TRUE|false|False|FALSE|on|On|ON|off|Off|OFF)$/,
  /^(?:~|null|Null|NULL|)$/,
  /^[-+]?(?:0b[0-1_]+|0[0-7_]+|(?:0|[1-9][0-9_]*)|0x[0-9a-fA-F_]+|[1-9][0-9_]*(?::[0-5]?[0-9])+)$/,
  /^(?:[-+]?(?:[0-9][0-9_]*)\.[0-9_]*(?:[eE][-+][0-9]+)?|\.[0-9][0-9_]*(?:[eE][-+][0-9]+)?|[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+\.[0-9_]*|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$/,
  /^(?:\d{4}-\d\d-\d\d|\d{4}-\d\d?-\d\d?(?:[Tt]|[ \t]+)\d\d?:\d\d:\d\d(?:\.\d*)?(?:[ \t]*(?:Z|[-+]\d\d?(?::\d\d)?))?)$/,
  /^(?:<<|=)$/,
];

function resolvesToOther(text: string): boolean {
  return otherTypes.some((pattern) => pattern.test(text));
}

/** Plain or single-quoted text, broken at blanks where the line gets too long; newlines double. */
function folded(text: string, context: ScalarContext, quote: string): string {
  const split = !context.simpleKey;
  let column = context.column + quote.length;
  let result = '';
  const indent = ' '.repeat(context.indent);
  const chunks = text.match(/ +|\n+|[^ \n]+/g) ?? [];
  chunks.forEach((chunk, index) => {
    const inside = index > 0 && index < chunks.length - 1;
    if (chunk[0] === '\n') {
      result += `${chunk[0] === '\n' ? '\n' : ''}${chunk}${indent}`;
      column = context.indent;
    } else if (chunk === ' ' && split && inside && column > context.width) {
      result += `\n${indent}`;
      column = context.indent;
    } else {
      result += chunk;
      column += chunk.length;
    }
  });
  return result;
}

function block(text: string, style: string, context: ScalarContext): string {
  const hints = (/^[ \n]/.test(text) ? '2' : '') + (!text.endsWith('\n') ? '-' : /(?:^|\n)\n$/.test(text) ? '+' : '');
  const indent = ' '.repeat(context.indent);
  const lines = text.replace(/\n$/, '').split('\n');
  return `${style}${hints}\n${lines.map((line) => (line === '' ? '' : indent + line)).join('\n')}`;
}

const shortEscapes: Readonly<Record<string, string>> = {
  '\0': '0',
  '\x07': 'a',
  '\b': 'b',
  '\t': 't',
  '\n': 'n',
  '\v': 'v',
  '\f': 'f',
  '\r': 'r',
  '\x1b': 'e',
  '"': '"',
  '\\': '\\',
  '\x85': 'N',
  '\xa0': '_',
  '\u2028': 'L',
  '\u2029': 'P',
};

function doubleQuoted(text: string, context: ScalarContext): string {
  const characters = Array.from(text);
  let result = '"';
  let column = context.column + 1;
  let afterSpace = false;
  characters.forEach((character, index) => {
    const isSpace = character === ' ';
    const inside = index > 0 && index < characters.length - 1;
    if (isSpace && !context.simpleKey && !afterSpace && inside && column > context.width) {
      result += `\n${' '.repeat(context.indent)}${characters[index + 1] === ' ' ? '\\' : ''}`;
      column = context.indent;
    } else {
      const source = escaped(character, context.allowUnicode);
      result += source;
      column += source.length;
    }
    afterSpace = isSpace;
  });
  return `${result}"`;
}

function escaped(character: string, allowUnicode: boolean): string {
  const short = shortEscapes[character];
  if (short !== undefined) return `\\${short}`;
  const code = character.codePointAt(0)!;
  if (code >= 0x20 && code <= 0x7e) return character;
  if (allowUnicode && ((code >= 0xa0 && code <= 0xd7ff) || (code >= 0xe000 && code <= 0xfffd)) && code !== 0xfeff) {
    return character;
  }
  if (code <= 0xff) return `\\x${code.toString(16).toUpperCase().padStart(2, '0')}`;
  if (code <= 0xffff) return `\\u${code.toString(16).toUpperCase().padStart(4, '0')}`;
  return `\\U${code.toString(16).toUpperCase().padStart(8, '0')}`;
}
