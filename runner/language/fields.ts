import { type Position, placeOfKey } from '../position.ts';
import { keyText } from '../python/dict.ts';
import { pythonText } from '../python/text.ts';
import { booleanWord } from '../python/truth-words.ts';
import { Float, isMapping, isTemporal, type Mapping, type Value } from '../value.ts';
import { checkTemplates, checkVariables, isTemplate } from './check-templates.ts';
import { loadConditions } from './conditions.ts';
import { type KeywordPlace, keywordHint, keywords, keywordsOf, placeName, unsupportedKeywords } from './keywords.ts';
import { kindOf, type Loading, placeIn } from './loading.ts';
import type { Conditions, Written } from './tree.ts';

const none: readonly Written<string>[] = [];

/** A keyword whose name is one at this place and whose value was checked; the values as the tree holds them. */
export class Fields {
  readonly loading: Loading;
  readonly dict: Mapping;
  readonly place: KeywordPlace;
  readonly position: Position;
  /** All keys, keywords or not. */
  readonly keys: readonly string[];
  readonly #allowed: ReadonlySet<string>;

  constructor(loading: Loading, dict: Mapping, place: KeywordPlace, position: Position) {
    this.loading = loading;
    this.dict = dict;
    this.place = place;
    this.position = position;
    this.keys = Object.keys(dict);
    this.#allowed = keywordsOf(place);
  }

  has(name: string): boolean {
    const value = this.dict[name];
    return value !== undefined && value !== null && this.#allowed.has(name);
  }

  /** The place of a keyword's value. */
  at(name: string): Position {
    return placeIn(this.dict, name, this.position);
  }

  /** A value as written; checked by the keyword's kind, its templates too. Undefined when absent, null or wrong. */
  written(name: string): Written | undefined {
    if (!this.has(name)) return undefined;
    const value = this.dict[name]!;
    const position = this.at(name);
    if (name === 'vars') checkVariables(this.loading, value, position);
    else checkTemplates(this.loading, value, position);
    const expected = isTemplate(this.loading, value) ? undefined : expectation(keywords[name]!.kind, value);
    if (expected !== undefined) {
      const hint = name === 'vars' && Array.isArray(value) ? 'Write one dict: name: value, without "- ".' : undefined;
      this.loading.add({
        code: 'parse',
        message: `"${name}" must be ${expected}, not ${kindOf(value)}.`,
        position,
        hint,
      });
      return undefined;
    }
    return { value, position };
  }

  /** A value that must be text; numbers and booleans become it. */
  text(name: string): Written<string> | undefined {
    const written = this.written(name);
    if (!written || typeof written.value === 'string') return written as Written<string> | undefined;
    return { value: scalarText(written.value)!, position: written.position };
  }

  /** One name or a list of them, each with its place. Commas separate names where `commas` is set. */
  names(name: string, commas = false): readonly Written<string>[] {
    if (!this.has(name)) return none;
    const found: Written<string>[] = [];
    this.#addNames(found, name, this.dict[name]!, this.at(name), commas);
    return found;
  }

  #addNames(found: Written<string>[], name: string, value: Value, position: Position, commas: boolean): void {
    if (value === null) return;
    if (Array.isArray(value)) {
      for (let index = 0; index < value.length; index++)
        this.#addNames(found, name, value[index]!, placeIn(value, index, position), commas);
      return;
    }
    checkTemplates(this.loading, value, position);
    const text = scalarText(value);
    if (text === undefined) {
      const message = `"${name}" must be a name or a list of names, not ${kindOf(value)}.`;
      this.loading.add({ code: 'parse', message, position });
    } else if (commas && !this.loading.options.templar.isTemplate(text)) {
      for (const part of text.split(',')) if (part.trim() !== '') found.push({ value: part.trim(), position });
    } else found.push({ value: text, position });
  }

  conditions(name: string): Conditions | undefined {
    return this.has(name) ? loadConditions(this.loading, name, this.dict[name]!, this.at(name)) : undefined;
  }

  /** Reports keys that are no keywords here, but for those that `known` accepts. */
  reportUnknown(known: (name: string) => boolean = () => false): void {
    for (const name of this.keys) {
      if (known(name)) continue;
      if (!this.#allowed.has(name)) this.reportUnknownKeyword(name);
      else if (unsupportedKeywords.has(name)) this.#unsupported(name);
    }
  }

  /** Reports keywords that are none for kplay. */
  reportUnsupported(): void {
    for (const name of this.keys) if (unsupportedKeywords.has(name) && this.has(name)) this.#unsupported(name);
  }

  reportUnknownKeyword(name: string): void {
    this.loading.add({
      code: 'unknown-keyword',
      message: `"${keyText(name)}" is not a keyword of ${placeName(this.place)}.`,
      position: placeOfKey(this.dict, name) ?? this.position,
      hint: keywordHint(name, this.place),
    });
  }

  #unsupported(name: string): void {
    this.loading.add({
      code: 'unsupported',
      message: `"${name}" is not supported: ${unsupportedKeywords.get(name)}`,
      position: placeOfKey(this.dict, name) ?? this.position,
    });
  }
}

/** Text of a scalar as YAML wrote it; undefined for lists, dicts and null. */
export function scalarText(value: Value): string | undefined {
  const isScalar = value !== null && (typeof value !== 'object' || value instanceof Float || isTemporal(value));
  return isScalar ? pythonText(value) : undefined;
}

function expectation(kind: (typeof keywords)[string]['kind'], value: Value): string | undefined {
  switch (kind) {
    case 'text':
      return scalarText(value) === undefined ? 'text' : undefined;
    case 'identifier':
      return typeof value === 'string' && isIdentifier(value) ? undefined : 'a variable name';
    case 'boolean':
      return typeof value === 'boolean' || booleanWord(scalarText(value) ?? '') !== undefined
        ? undefined
        : 'true or false';
    case 'integer':
      return /^[-+]?\d+(\.0+)?$/.test(scalarText(value)?.trim() ?? '') ? undefined : 'a whole number';
    case 'number':
      return isNumberText(scalarText(value) ?? '') ? undefined : 'a number';
    case 'list':
      return Array.isArray(value) ? undefined : 'a list';
    case 'dict':
      return isMapping(value) ? undefined : 'a dict';
    default:
      return undefined;
  }
}

function isNumberText(text: string): boolean {
  return /^[-+]?(\d+\.?\d*|\.\d+)%?$/.test(text.trim());
}

/** Whether text can be the name of a variable. */
export function isIdentifier(text: string): boolean {
  return (/^[A-Za-z_][A-Za-z0-9_]*$/.test(text) || /^[\p{L}_][\p{L}\p{N}_]*$/u.test(text)) && !pythonWords.has(text);
}

const pythonWords = new Set(
  `False None True and as assert async await break class continue def del elif else except finally for from global if
  import in is lambda nonlocal not or pass raise return try while with yield`.split(/\s+/),
);
