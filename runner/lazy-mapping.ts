import { keyOf, nameOfText } from './python/dict.ts';
import type { Mapping, Value } from './value.ts';

/** Where a lazy dict of string keys takes its entries from; asked each time. */
export interface LazyEntries {
  get(key: string): Value | undefined;
  has(key: string): boolean;
  keys(): Iterable<string>;
}

/**
 * A dict whose values are worked out when they are read: `hostvars`, `vars`. It is seen as any other {@link Mapping}
 * (reading, `in`, `Object.keys`, `Object.hasOwn`, spreading), so templates and filters need not know of it; only
 * `structuredClone` refuses it. It cannot be written to. What working out a value throws, reading it throws.
 */
export function lazyMapping(entries: LazyEntries): Mapping {
  const known = (name: string | symbol): string | undefined => {
    const key = typeof name === 'string' ? keyOf(name) : undefined;
    return typeof key === 'string' && entries.has(key) ? key : undefined;
  };
  return new Proxy(Object.create(null) as Mapping, {
    get: (_target, name) => {
      const key = known(name);
      return key === undefined ? undefined : entries.get(key);
    },
    has: (_target, name) => known(name) !== undefined,
    ownKeys: () => Array.from(new Set(entries.keys()), nameOfText),
    // An accessor, so that asking whether there is an entry does not work out its value.
    getOwnPropertyDescriptor: (_target, name) => {
      const key = known(name);
      return key === undefined ? undefined : { configurable: true, enumerable: true, get: () => entries.get(key) };
    },
    set: () => false,
    defineProperty: () => false,
    deleteProperty: () => false,
  });
}
