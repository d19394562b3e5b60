import { COLLECTION_STYLE, EVENT_ID, type Event, getScalarValue, SCALAR_STYLE, type ScalarEvent } from 'js-yaml';
import { joinDicts } from '../dicts.ts';
import { KplayError, type Warn } from '../errors.ts';
import { givePlaces, type Position } from '../position.ts';
import { keyText, nameOf } from '../python/dict.ts';
import { isMapping, type Mapping, mapping, UnsafeText, type Value } from '../value.ts';
import { unquotedTemplate } from './yaml-errors.ts';
import { DictPlaces, ListPlaces } from './yaml-places.ts';
import { resolvePlain } from './yaml-scalars.ts';
import type { SourceText } from './yaml-source.ts';
import { refusedTag, taggedValue } from './yaml-tags.ts';

const roots = new WeakMap<object, Position>();

/** Where a document's outermost list or dict begins, when it came from a file. */
export function positionOfRoot(root: Value): Position | undefined {
  return typeof root === 'object' && root !== null ? roots.get(root) : undefined;
}

const { ALIAS, POP, SCALAR, SEQUENCE } = EVENT_ID;
const { FOLDED_BLOCK, LITERAL_BLOCK, PLAIN } = SCALAR_STYLE;

type Properties = Exclude<Event, { type: typeof EVENT_ID.DOCUMENT | typeof POP | typeof ALIAS }>;

/** A document's value, and where it begins. */
interface Document {
  readonly value: Value;
  readonly position: Position;
}

/** What an anchor means, once it is known. */
interface Anchor {
  value: Value | undefined;
}

/**
 * Makes values of the events of js-yaml's parser, with PyYAML's meaning. Playbooks have many small values, so little is made
 * beside them: places are offsets until somebody asks for one.
 */
export class YamlBuilder {
  readonly #events: readonly Event[];
  readonly #source: SourceText;
  readonly #text: string;
  readonly #warn: Warn | undefined;
  #index = 0;
  #anchors: Map<string, Anchor> | undefined;
  #unsafeDepth = 0;
  /** Where the last thing ended; an empty value has no place of its own. */
  #end = 0;
  /** Where the value that was read last begins. */
  #start = 0;
  /** Whether it is the plain `<<`. */
  #merge = false;
  /** Entries of the lists that are being read, the innermost list's last, and where each begins. */
  readonly #values: Value[] = [];
  readonly #offsets: number[] = [];
  #listed = 0;
  /** Names and places of the entries of the dicts that are being read. */
  readonly #names: (string | number)[] = [];
  #named = 0;

  constructor(events: readonly Event[], source: SourceText, warn: Warn | undefined) {
    this.#events = events;
    this.#source = source;
    this.#text = source.text;
    this.#warn = warn;
  }

  documents(): Document[] {
    const documents: Document[] = [];
    while (this.#index < this.#events.length) {
      this.#index++; // the document's own event
      this.#anchors = undefined;
      let value: Value = null;
      this.#start = this.#end;
      if (!this.#closes()) value = this.#node();
      const position = this.#source.position(this.#start);
      if (typeof value === 'object' && value !== null) roots.set(value, position);
      documents.push({ value, position });
      this.#index++;
    }
    return documents;
  }

  /** Whether the innermost container, or the document, ends here. */
  #closes(): boolean {
    return this.#events[this.#index]!.type === POP;
  }

  #node(): Value {
    const event = this.#events[this.#index++]!;
    this.#merge = false;
    if (event.type === ALIAS) return this.#alias(event.anchorStart, event.anchorEnd);
    const properties = event as Properties;
    if (properties.tagStart < 0 && properties.anchorStart < 0) return this.#content(properties, '');
    return this.#withProperties(properties);
  }

  /** A value with an anchor, a tag, or both. */
  #withProperties(event: Properties): Value {
    const anchor: Anchor = { value: undefined };
    if (event.anchorStart >= 0) {
      this.#anchors ??= new Map();
      this.#anchors.set(this.#text.slice(event.anchorStart, event.anchorEnd), anchor);
    }
    const tag = event.tagStart >= 0 ? this.#text.slice(event.tagStart, event.tagEnd) : '';
    if (tag !== '') this.#refuse(tag, event.tagStart);
    const unsafe = tag === '!unsafe';
    if (unsafe) this.#unsafeDepth++;
    const value = this.#content(event, tag);
    anchor.value = value;
    if (unsafe) this.#unsafeDepth--;
    return value;
  }

  #content(event: Properties, tag: string): Value {
    if (event.type === SCALAR) return this.#scalar(event, tag);
    const { start } = event;
    const value =
      event.type === SEQUENCE ? this.#list(start) : this.#dict(start, event.style === COLLECTION_STYLE.FLOW);
    this.#start = start;
    this.#merge = false;
    return value;
  }

  #alias(start: number, end: number): Value {
    const name = this.#text.slice(start, end);
    const anchor = this.#anchors?.get(name);
    if (!anchor) this.#fail(`There is no anchor "&${name}" before this alias.`, start - 1);
    if (anchor?.value === undefined) this.#fail(`The alias "*${name}" stands inside of what it means.`, start - 1);
    this.#end = end;
    this.#start = start - 1;
    return anchor.value;
  }

  #scalar(event: ScalarEvent, tag: string): Value {
    if (event.valueStart < 0) this.#start = Math.max(this.#end, event.tagEnd);
    else {
      this.#end = event.valueEnd;
      this.#start = this.#textStart(event);
    }
    const text = this.#textOf(event);
    const plain = event.style === PLAIN;
    this.#merge = plain && tag === '' && text === '<<';
    let value: Value = text;
    if (tag !== '' && !((tag === '!' || tag === '!unsafe') && plain)) {
      value = taggedValue(text, tag, (message) => this.#fail(message, event.tagStart));
    } else if (plain) value = resolvePlain(text);
    return this.#unsafeDepth > 0 && typeof value === 'string' ? new UnsafeText(value) : value;
  }

  /** The text of a scalar. A block text at the end of a file whose last line has no end has none either. */
  #textOf(event: ScalarEvent): string {
    const text = this.#text;
    if (event.fast) return text.slice(event.valueStart, event.valueEnd);
    const value = getScalarValue(text, event);
    const cut = isBlock(event) && event.valueEnd >= text.length && !/[\r\n]$/.test(text) && value.endsWith('\n');
    return cut ? value.slice(0, -1) : value;
  }

  /** The first character of the text itself; block texts begin after their indentation. */
  #textStart(event: ScalarEvent): number {
    if (event.indent <= 0 || !isBlock(event)) return event.valueStart;
    return Math.min(event.valueStart + event.indent, Math.max(event.valueStart, event.valueEnd - 1));
  }

  #list(start: number): Value[] {
    const first = this.#listed;
    this.#end = start;
    while (!this.#closes()) {
      const value = this.#node();
      this.#values[this.#listed] = value;
      this.#offsets[this.#listed++] = this.#start;
    }
    this.#index++;
    // Cut out of what is there, a list takes no more memory than it needs.
    const list = this.#values.slice(first, this.#listed);
    if (list.length > 0) givePlaces(list, new ListPlaces(this.#source, this.#offsets.slice(first, this.#listed)));
    this.#listed = first;
    return list;
  }

  #dict(start: number, flow: boolean): Mapping {
    const own = mapping();
    const first = this.#named;
    let merges: Mapping[] | undefined;
    this.#end = start;
    while (!this.#closes()) {
      const name = this.#key(flow);
      const isMerge = this.#merge;
      const keyStart = this.#start;
      const value = this.#node();
      if (isMerge) {
        merges = [...this.#merged(value), ...(merges ?? [])];
        continue;
      }
      if (this.#warn && Object.hasOwn(own, name)) this.#warnOfTwo(name, keyStart);
      own[name] = value;
      this.#names[this.#named++] = name;
      this.#names[this.#named++] = keyStart;
      this.#names[this.#named++] = this.#start;
    }
    this.#index++;
    if (this.#named > first) givePlaces(own, new DictPlaces(this.#source, this.#names.slice(first, this.#named)));
    this.#named = first;
    // Its own entries come last, as in PyYAML.
    return merges ? joinDicts([...merges, own]) : own;
  }

  #warnOfTwo(name: string, offset: number): void {
    const text = `The key "${keyText(name)}" is written twice in this dict; the last one counts.`;
    this.#warn?.(text, this.#source.position(offset));
  }

  #key(flow: boolean): string {
    const key = this.#node();
    if (!Array.isArray(key) && !isMapping(key)) return nameOf(key);
    if (flow && isMapping(key)) {
      throw new KplayError({ code: 'yaml', position: this.#source.position(this.#start), ...unquotedTemplate });
    }
    return this.#fail('A list or dict cannot be a key.', this.#start);
  }

  /** The dicts of `<<`, least important first. */
  #merged(value: Value): Mapping[] {
    const list = Array.isArray(value) ? value : [value];
    const dicts = list.map((dict) => {
      if (isMapping(dict)) return dict;
      return this.#fail('Only a dict, or a list of dicts, can be merged with "<<".', this.#start);
    });
    return dicts.reverse();
  }

  #refuse(tag: string, offset: number): void {
    const problem = refusedTag(tag);
    if (problem) throw new KplayError({ ...problem, position: this.#source.position(offset) });
  }

  #fail(message: string, offset: number): never {
    throw new KplayError({ code: 'yaml', message, position: this.#source.position(offset) });
  }
}

function isBlock({ style }: ScalarEvent): boolean {
  return style === LITERAL_BLOCK || style === FOLDED_BLOCK;
}
