import { countSteps } from '../computing.ts';
import { Float, type Mapping, type Undefined, UnsafeText } from '../value.ts';
import { checkCharacters } from './bounds.ts';
import { keyOf } from './dict.ts';
import { EvaluationError, undefinedError } from './evaluation-error.ts';
import { sortNames } from './json.ts';
import { kindOf } from './kinds.ts';
import { floatText } from './literal.ts';
import type { PyObject, V } from './object.ts';
import { type ScalarContext, yamlScalar } from './yaml-scalar.ts';

/** The options of yaml.dump that Ansible's filters pass on. */
export interface YamlDumpOptions {
  readonly indent: number;
  readonly width: number;
  readonly sortKeys: boolean;
  /** null: collections without collections inside are in flow style, as PyYAML's old default was. */
  readonly flowStyle: boolean | null;
  readonly allowUnicode: boolean;
  readonly explicitStart: boolean;
  readonly explicitEnd: boolean;
  readonly defaultStyle: string | null;
}

/** A value as PyYAML dumps it. Throws EvaluationError for undefined values. */
export function yamlText(value: V, options: YamlDumpOptions): string {
  const writer = new YamlWriter(options);
  writer.node(value, 0, false, { simpleKey: false, indent: 0, root: true });
  let text = writer.text;
  if (!text.endsWith('\n')) text += '\n';
  const isScalar = !Array.isArray(value) && kindOf(value) !== 'dict';
  const end = options.explicitEnd ? '...\n' : '';
  return (options.explicitStart ? (isScalar || writer.rootFlow ? '--- ' : '---\n') : '') + text + end;
}

interface Place {
  readonly simpleKey: boolean;
  readonly indent: number;
  readonly root?: boolean;
}

class YamlWriter {
  text = '';
  rootFlow = false;
  #column = 0;
  readonly #options: YamlDumpOptions;

  constructor(options: YamlDumpOptions) {
    this.#options = options;
  }

  /** Looking for the line's beginning in the text would put it together anew each time. */
  #write(text: string): void {
    const newline = text.lastIndexOf('\n');
    this.#column = newline < 0 ? this.#column + text.length : text.length - newline - 1;
    this.text += text;
    checkCharacters(this.text.length);
    countSteps();
  }

  node(value: V, indent: number, inFlow: boolean, place: Place): void {
    const kind = kindOf(value);
    const isList = kind === 'list' || kind === 'tuple';
    if (!isList && kind !== 'dict') {
      this.#scalar(value, place.root ? this.#options.indent : indent, inFlow, place.simpleKey);
      return;
    }
    const children: V[] = isList ? (value as V[]) : Object.values(value as Mapping);
    const flow = inFlow || children.length === 0 || this.#isFlow(children);
    if (place.root) this.rootFlow = flow;
    if (flow) this.#flow(value, indent, place.root ? this.#options.indent : indent);
    else if (isList) this.#blockList(value as V[], indent);
    else this.#blockDict(value as Mapping, indent);
  }

  #isFlow(children: readonly V[]): boolean {
    const { flowStyle } = this.#options;
    if (flowStyle !== null) return flowStyle;
    return children.every(
      (child) => !Array.isArray(child) && kindOf(child) !== 'dict' && this.#options.defaultStyle === null,
    );
  }

  #context(indent: number, flow: boolean, simpleKey: boolean): ScalarContext {
    return {
      flow,
      simpleKey,
      indent,
      column: this.#column,
      width: this.#options.width,
      allowUnicode: this.#options.allowUnicode,
      style: this.#options.defaultStyle,
    };
  }

  #scalar(value: V, indent: number, flow: boolean, simpleKey: boolean): void {
    this.#write(this.#scalarText(value, indent, flow, simpleKey));
  }

  #scalarText(value: V, indent: number, flow: boolean, simpleKey: boolean): string {
    switch (kindOf(value)) {
      case 'none':
        return 'null';
      case 'bool':
      case 'int':
        return String(value);
      case 'float':
        return yamlFloat(value instanceof Float ? value.value : (value as number));
      case 'undefined':
        throw undefinedError((value as Undefined).message);
      case 'str': {
        const text = value instanceof UnsafeText ? value.text : (value as string);
        return yamlScalar(text, this.#context(indent, flow, simpleKey)).text;
      }
      default:
        return plainObject((value as PyObject).text(), flow);
    }
  }

  #keys(dict: Mapping): string[] {
    const names = Object.keys(dict);
    if (!this.#options.sortKeys) return names;
    try {
      return sortNames(names);
    } catch (error) {
      // PyYAML leaves keys as they are that have no order.
      if (error instanceof EvaluationError) return names;
      throw error;
    }
  }

  #blockList(list: readonly V[], indent: number): void {
    list.forEach((item, index) => {
      if (index > 0 || this.#column > indent) this.#startLine(indent, index === 0);
      else this.#pad(indent);
      this.#write('-');
      this.#blockChild(item, indent + this.#options.indent, indent);
    });
  }

  #blockDict(dict: Mapping, indent: number): void {
    this.#keys(dict).forEach((key, index) => {
      if (index > 0 || this.#column > indent) this.#startLine(indent, index === 0);
      else this.#pad(indent);
      this.#key(key, indent, false);
      this.#dictValue(dict[key]!, indent);
    });
  }

  #key(key: string, indent: number, flow: boolean): void {
    const text = this.#scalarText(keyOf(key), indent, flow, true);
    this.#write(key.length > 120 && !flow ? `? ${text}\n${' '.repeat(indent)}:` : `${text}:`);
  }

  #dictValue(value: V, indent: number): void {
    if (Array.isArray(value) && value.length > 0 && !this.#isFlow(value)) {
      // A list in a dict is not indented further, as PyYAML has it.
      this.#write('\n');
      this.#blockList(value, indent);
      return;
    }
    this.#blockChild(value, indent + this.#options.indent, indent + this.#options.indent, true);
  }

  #blockChild(value: V, indent: number, _outer: number, inDict = false): void {
    const kind = kindOf(value);
    const children = kind === 'dict' ? Object.values(value as Mapping) : Array.isArray(value) ? (value as V[]) : [];
    if (children.length > 0 && !this.#isFlow(children)) {
      if (inDict) this.#write('\n');
      else this.#write(' '.repeat(Math.max(1, indent - this.#column)));
      if (kind === 'dict') this.#blockDict(value as Mapping, indent);
      else this.#blockList(value as V[], indent);
      return;
    }
    this.#write(' ');
    this.node(value, indent, false, { simpleKey: false, indent });
  }

  #startLine(indent: number, atPlace: boolean): void {
    if (atPlace && this.#column === indent) return;
    if (this.#column > 0) this.#write('\n');
    this.#pad(indent);
  }

  #pad(indent: number): void {
    this.#write(' '.repeat(Math.max(0, indent - this.#column)));
  }

  #flow(value: V, indent: number, inner: number): void {
    const isDict = kindOf(value) === 'dict';
    this.#write(isDict ? '{' : '[');
    const entries: [string | undefined, V][] = isDict
      ? this.#keys(value as Mapping).map((key) => [key, (value as Mapping)[key]!])
      : (value as V[]).map((item) => [undefined, item]);
    entries.forEach(([key, item], index) => {
      if (index > 0) this.#write(',');
      if (index > 0 && this.#column > this.#options.width) this.#write(`\n${' '.repeat(inner)}`);
      else if (index > 0) this.#write(' ');
      if (key !== undefined) {
        this.#key(key, indent, true);
        this.#write(' ');
      }
      this.node(item, inner, true, { simpleKey: false, indent: inner });
    });
    this.#write(isDict ? '}' : ']');
  }
}

/** A date; a colon cannot stand in a plain scalar of a flow, and what is quoted needs a tag that says that it is no string. */
function plainObject(text: string, flow: boolean): string {
  return flow && text.includes(':') ? `! '${text}'` : text;
}

function yamlFloat(value: number): string {
  if (Number.isNaN(value)) return '.nan';
  if (!Number.isFinite(value)) return value > 0 ? '.inf' : '-.inf';
  const text = floatText(value);
  return !text.includes('.') && text.includes('e') ? text.replace('e', '.0e') : text;
}
