import type { Mapping, Value } from './value.ts';

/** Where a lazy dict takes its entries from; asked each time. */
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
  return new Proxy(Object.create(null) as Mapping, {
    get: (_target, key) => (typeof key === 'string' && entries.has(key) ? entries.get(key) : undefined),
    has: (_target, key) => typeof key === 'string' && entries.has(key),
    ownKeys: () => [...new Set(entries.keys())],
    // An accessor, so that asking whether there is an entry does not work out its value.
    getOwnPropertyDescriptor: (_target, key) =>
      typeof key === 'string' && entries.has(key)
        ? { configurable: true, enumerable: true, get: () => entries.get(key) }
        : undefined,
    set: () => false,
    defineProperty: () => false,
    deleteProperty: () => false,
  });
}
