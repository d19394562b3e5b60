import { COLLECTION_STYLE, EVENT_ID, type Event, getScalarValue, SCALAR_STYLE, type ScalarEvent } from 'js-yaml';
import { KplayError, type Problem } from '../errors.ts';
import { type Position, placeOfKey, placeOfValue, rememberPlace } from '../position.ts';
import { isMapping, type Mapping, mapping, UnsafeText, type Value } from '../value.ts';
import { unquotedTemplate } from './yaml-errors.ts';
import { asFloat, keyText, readFloat, readInteger, resolvePlain } from './yaml-scalars.ts';
import type { SourceText } from './yaml-source.ts';

/** Told of something that is no error. */
export type DocumentWarning = (text: string, position: Position) => void;

const roots = new WeakMap<object, Position>();

/** Where a document's outermost list or dict begins, when it came from a file. */
export function positionOfRoot(root: Value): Position | undefined {
  return typeof root === 'object' && root !== null ? roots.get(root) : undefined;
}

type Properties = Exclude<Event, { type: typeof EVENT_ID.DOCUMENT | typeof EVENT_ID.POP | typeof EVENT_ID.ALIAS }>;

interface Built {
  readonly value: Value;
  readonly position: Position;
  /** Whether it is the plain `<<`. */
  readonly merge?: boolean;
}

interface Anchor {
  built: Built | undefined;
}

/** Makes values of the events of js-yaml's parser, with PyYAML's meaning. */
export class YamlBuilder {
  readonly #events: readonly Event[];
  readonly #source: SourceText;
  readonly #warn: DocumentWarning | undefined;
  #index = 0;
  #anchors = new Map<string, Anchor>();
  #unsafeDepth = 0;
  /** Where the last thing ended; an empty value has no place of its own. */
  #end = 0;

  constructor(events: readonly Event[], source: SourceText, warn: DocumentWarning | undefined) {
    this.#events = events;
    this.#source = source;
    this.#warn = warn;
  }

  documents(): Built[] {
    const documents: Built[] = [];
    while (this.#index < this.#events.length) {
      this.#index++; // the document's own event
      this.#anchors = new Map();
      if (this.#peek().type === EVENT_ID.POP) {
        documents.push({ value: null, position: this.#source.position(this.#end) });
      } else {
        const built = this.#node();
        if (typeof built.value === 'object' && built.value !== null) roots.set(built.value, built.position);
        documents.push(built);
      }
      this.#index++;
    }
    return documents;
  }

  #peek(): Event {
    return this.#events[this.#index]!;
  }

  #node(): Built {
    const event = this.#events[this.#index++]!;
    if (event.type === EVENT_ID.ALIAS) return this.#alias(event.anchorStart, event.anchorEnd);
    const properties = event as Properties;
    const anchor: Anchor = { built: undefined };
    if (properties.anchorStart >= 0) {
      this.#anchors.set(this.#source.text.slice(properties.anchorStart, properties.anchorEnd), anchor);
    }
    const tag = properties.tagStart >= 0 ? this.#source.text.slice(properties.tagStart, properties.tagEnd) : '';
    if (tag !== '') this.#refuse(tag, properties.tagStart);
    const unsafe = tag === '!unsafe';
    if (unsafe) this.#unsafeDepth++;
    anchor.built = this.#content(properties, tag);
    if (unsafe) this.#unsafeDepth--;
    return anchor.built;
  }

  #content(event: Properties, tag: string): Built {
    if (event.type === EVENT_ID.SCALAR) return this.#scalar(event, tag);
    const position = this.#source.position(event.start);
    if (event.type === EVENT_ID.SEQUENCE) return { value: this.#list(event.start), position };
    const value = this.#dict(event.start, event.style === COLLECTION_STYLE.FLOW);
    return { value, position };
  }

  #alias(start: number, end: number): Built {
    const name = this.#source.text.slice(start, end);
    const anchor = this.#anchors.get(name);
    if (!anchor) this.#fail(`There is no anchor "&${name}" before this alias.`, start - 1);
    if (!anchor?.built) this.#fail(`The alias "*${name}" stands inside of what it means.`, start - 1);
    this.#end = end;
    return { value: anchor.built.value, position: this.#source.position(start - 1) };
  }

  #scalar(event: ScalarEvent, tag: string): Built {
    const empty = event.valueStart < 0;
    if (!empty) this.#end = event.valueEnd;
    const text = this.#textOf(event);
    const position = this.#source.position(empty ? Math.max(this.#end, event.tagEnd) : this.#textStart(event));
    const plain = event.style === SCALAR_STYLE.PLAIN;
    const value = (tag === '' || tag === '!') && plain ? resolvePlain(text) : this.#tagged(text, tag, event.tagStart);
    const merge = plain && tag === '' && text === '<<';
    return {
      value: this.#unsafeDepth > 0 && typeof value === 'string' ? new UnsafeText(value) : value,
      position,
      merge,
    };
  }

  /** The text of a scalar. A block text at the end of a file whose last line has no end has none either. */
  #textOf(event: ScalarEvent): string {
    const { text } = this.#source;
    const value = getScalarValue(text, event);
    const block = event.style === SCALAR_STYLE.LITERAL_BLOCK || event.style === SCALAR_STYLE.FOLDED_BLOCK;
    const cut = block && event.valueEnd >= text.length && !/[\r\n]$/.test(text) && value.endsWith('\n');
    return cut ? value.slice(0, -1) : value;
  }

  /** The first character of the text itself; block texts begin after their indentation. */
  #textStart(event: ScalarEvent): number {
    const block = event.style === SCALAR_STYLE.LITERAL_BLOCK || event.style === SCALAR_STYLE.FOLDED_BLOCK;
    if (!block || event.indent <= 0) return event.valueStart;
    return Math.min(event.valueStart + event.indent, Math.max(event.valueStart, event.valueEnd - 1));
  }

  #tagged(text: string, tag: string, tagStart: number): Value {
    switch (tag) {
      case '!!int':
        return readInteger(text) ?? this.#fail(`"${text}" is not a whole number.`, tagStart);
      case '!!float':
        return readFloat(text) ?? this.#floatOf(text, tagStart);
      case '!!bool':
        return this.#booleanOf(text, tagStart);
      case '!!null':
        return null;
      default:
        return text;
    }
  }

  #floatOf(text: string, tagStart: number): Value {
    if (text.trim() !== '' && Number.isFinite(Number(text))) return asFloat(Number(text));
    return this.#fail(`"${text}" is not a number.`, tagStart);
  }

  #booleanOf(text: string, tagStart: number): boolean {
    const value = resolvePlain(text);
    return typeof value === 'boolean' ? value : this.#fail(`"${text}" is not a boolean.`, tagStart);
  }

  #list(start: number): Value[] {
    const list: Value[] = [];
    this.#end = start;
    while (this.#peek().type !== EVENT_ID.POP) {
      const entry = this.#node();
      rememberPlace(list, list.length, entry.position);
      list.push(entry.value);
    }
    this.#index++;
    return list;
  }

  #dict(start: number, flow: boolean): Mapping {
    const own = mapping();
    const merges: { dict: Mapping; position: Position }[] = [];
    this.#end = start;
    while (this.#peek().type !== EVENT_ID.POP) {
      const key = this.#key(flow);
      const value = this.#node();
      if (key.merge) {
        merges.push(...this.#merged(value));
        continue;
      }
      const text = keyText(key.value)!;
      if (Object.hasOwn(own, text))
        this.#warn?.(`The key "${text}" is written twice in this dict; the last one counts.`, key.position);
      own[text] = value.value;
      rememberPlace(own, text, value.position, key.position);
    }
    this.#index++;
    return merges.length === 0 ? own : merge([...merges.map(({ dict }) => dict), own]);
  }

  #key(flow: boolean): Built {
    const key = this.#node();
    if (keyText(key.value) !== undefined) return key;
    if (key.value instanceof UnsafeText) return { ...key, value: key.value.text };
    if (flow && isMapping(key.value)) {
      throw new KplayError({ code: 'yaml', position: key.position, ...unquotedTemplate });
    }
    return this.#failAt('A list or dict cannot be a key.', key.position);
  }

  /** The dicts of `<<`, least important first. */
  #merged(value: Built): { dict: Mapping; position: Position }[] {
    const list = Array.isArray(value.value) ? value.value : [value.value];
    const dicts = list.map((dict) => {
      if (isMapping(dict)) return { dict, position: value.position };
      return this.#failAt('Only a dict, or a list of dicts, can be merged with "<<".', value.position);
    });
    return dicts.reverse();
  }

  #refuse(tag: string, offset: number): void {
    if (allowedTags.has(tag)) return;
    const problem: Problem =
      tag === '!vault' || tag === '!vault-encrypted'
        ? {
            code: 'unsupported',
            message: 'Values encrypted with ansible-vault (!vault) are not supported.',
            hint: 'Keep the secret in a file of its own that only you can read, or give it with --extra-vars @FILE.',
          }
        : {
            code: 'yaml',
            message: `The YAML tag "${tag}" is not known.`,
            hint: 'Quote the text if it shall begin with "!".',
          };
    throw new KplayError({ ...problem, position: this.#source.position(offset) });
  }

  #fail(message: string, offset: number): never {
    return this.#failAt(message, this.#source.position(offset));
  }

  #failAt(message: string, position: Position): never {
    throw new KplayError({ code: 'yaml', message, position });
  }
}

const allowedTags = new Set(['!', '!!str', '!!int', '!!float', '!!bool', '!!null', '!!seq', '!!map', '!unsafe']);

/** The dict of its merged and its own entries, which come last as in PyYAML. */
function merge(dicts: readonly Mapping[]): Mapping {
  const merged = mapping();
  for (const dict of dicts) {
    for (const name of Object.keys(dict)) {
      merged[name] = dict[name]!;
      const place = placeOfValue(dict, name);
      if (place) rememberPlace(merged, name, place, placeOfKey(dict, name));
    }
  }
  return merged;
}
