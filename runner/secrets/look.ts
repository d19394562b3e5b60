import { keyText } from '../python/dict.ts';
import type { Mapping, Value } from '../value.ts';
import { Float, isMapping, UnsafeText } from '../value.ts';
import type { Finder } from './finder.ts';

/** So many values are looked at; aliases make a small value look endless. */
const mostValues = 100_000;

/**
 * Whether the values of a dict may hold a secret, and, where asked for, its keys: false where they hold none, true where they do or where
 * there are too many to tell soon. Most results hold none, and this look copies nothing.
 */
export function mayHold(finder: Finder, dict: Mapping, keysToo: boolean): boolean {
  return new Look(finder).inMapping(dict, keysToo);
}

class Look {
  readonly #finder: Finder;
  #left = mostValues;

  constructor(finder: Finder) {
    this.#finder = finder;
  }

  inMapping(dict: Mapping, keysToo: boolean): boolean {
    for (const key of Object.keys(dict)) {
      if ((keysToo || !isName(key)) && this.#inText(keyText(key))) return true;
      if (this.#in(dict[key]!)) return true;
    }
    return false;
  }

  #in(value: Value): boolean {
    if (--this.#left < 0) return true;
    switch (typeof value) {
      case 'string':
        return this.#inText(value);
      case 'number':
      case 'bigint':
        return this.#inText(String(value));
      case 'object':
        return value !== null && this.#inObject(value);
      default:
        return false;
    }
  }

  #inObject(value: Exclude<Value, string | number | bigint | boolean | null>): boolean {
    if (Array.isArray(value)) return value.some((element) => this.#in(element));
    if (value instanceof Float) return this.#inText(String(value.value));
    if (value instanceof UnsafeText) return this.#inText(value.text);
    return isMapping(value) && this.inMapping(value, true);
  }

  #inText(text: string): boolean {
    return this.#finder.find(text).length > 0;
  }
}

/** Whether a key is such that programs look for it, and no secret. */
export function isName(key: string): boolean {
  return /^\w+$/.test(key);
}
