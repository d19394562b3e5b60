import { keyText, nameOfText } from '../python/dict.ts';
import type { Mapping, Value } from '../value.ts';
import { Float, isMapping, mapping, UnsafeText } from '../value.ts';
import { Finder } from './finder.ts';
import { formsOf } from './forms.ts';
import { hideSpans } from './hide.ts';
import { isName, mayHold } from './look.ts';
import { namedSecrets } from './named.ts';
import { MaskedStream } from './stream.ts';

/**
 * All secrets of a run, and the one place that hides them. Whoever learns of one adds it: the variables (passwords of the
 * connection and of become), prompts that are not echoed, arguments with `noLog`, keys that log in. What opens encrypted
 * values (vault) adds what it has opened. Everything that a run prints or writes is masked by it: events before reporters
 * see them, errors, prompts and lists.
 */
export class SecretRegister {
  readonly #finder = new Finder();
  readonly #added = new Set<string>();

  /** Whether there is nothing to hide. */
  get isEmpty(): boolean {
    return this.#finder.isEmpty;
  }

  /** Hides a value from now on: text, numbers, and all of these in lists and dicts. */
  add(value: unknown): void {
    if (typeof value === 'string' || typeof value === 'number' || typeof value === 'bigint')
      this.#addText(String(value));
    else if (value instanceof UnsafeText) this.#addText(value.text);
    else if (value instanceof Float) this.#addText(String(value.value));
    else if (Array.isArray(value)) for (const element of value) this.add(element);
    else if (isMapping(value)) for (const element of Object.values(value)) this.add(element);
  }

  /** Hides what a text gives as the value of something that by its name is secret (`sshpass -p x`, `https://user:x@host`). */
  addNamed(text: string): void {
    for (const { start, end } of namedSecrets(text)) this.#addText(text.slice(start, end));
  }

  #addText(text: string): void {
    if (this.#added.has(text)) return;
    this.#added.add(text);
    for (const form of formsOf(text)) this.#finder.add(form);
  }

  /** A text with stars in place of secrets. */
  maskText(text: string): string {
    if (this.#finder.isEmpty) return text;
    return hideSpans(text, this.#finder.find(text));
  }

  /** A value with stars in place of secrets, in keys of dicts too; the same value where it holds none. */
  maskValue(value: Value): Value {
    return this.#finder.isEmpty ? value : this.#maskAny(value, new Map());
  }

  /** A dict like {@link maskValue}, but those of its own keys stay that are plain names: programs look for them. */
  maskFields(fields: Mapping): Mapping {
    if (this.#finder.isEmpty || !mayHold(this.#finder, fields, false)) return fields;
    return this.#maskMapping(fields, new Map(), false);
  }

  /** A text that comes piece by piece; see {@link MaskedStream}. */
  stream(): MaskedStream {
    return new MaskedStream(this.#finder);
  }

  /** `known` holds what has been masked already: aliases make small values look endless. */
  #maskAny(value: Value, known: Map<object, Value>): Value {
    if (typeof value === 'string') return this.maskText(value);
    if (typeof value === 'number' || typeof value === 'bigint') return this.#maskNumber(value, value);
    if (value instanceof Float) return this.#maskNumber(value, value.value);
    if (value instanceof UnsafeText) return this.maskText(value.text);
    if (Array.isArray(value)) return this.#maskList(value, known);
    return isMapping(value) ? this.#maskMapping(value, known, true) : value;
  }

  #maskNumber(value: Value, number: number | bigint): Value {
    const text = String(number);
    return text.length >= 4 && this.maskText(text) !== text ? this.maskText(text) : value;
  }

  #maskList(list: Value[], known: Map<object, Value>): Value {
    const before = known.get(list);
    if (before !== undefined) return before;
    const masked = list.map((element) => this.#maskAny(element, known));
    const result = masked.every((element, index) => element === list[index]) ? list : masked;
    known.set(list, result);
    return result;
  }

  /** The name of an entry whose key is masked. */
  #maskName(name: string): string {
    const key = keyText(name);
    const masked = this.maskText(key);
    return masked === key ? name : nameOfText(masked);
  }

  #maskMapping(dict: Mapping, known: Map<object, Value>, keysToo: boolean): Mapping {
    const before = known.get(dict);
    if (before !== undefined) return before as Mapping;
    const masked = mapping();
    let changed = false;
    for (const [key, entry] of Object.entries(dict)) {
      const shownKey = !keysToo && isName(key) ? key : this.#maskName(key);
      const shown = this.#maskAny(entry, known);
      changed ||= shownKey !== key || shown !== entry;
      masked[shownKey] = shown;
    }
    const result = changed ? masked : dict;
    known.set(dict, result);
    return result;
  }
}
