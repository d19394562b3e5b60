/**
 * A table that is looked up by words of users: without what JavaScript's objects inherit, so that `constructor` is in it only
 * where it was put.
 */
export function table<T>(entries: Readonly<Record<string, T>>): Readonly<Record<string, T>> {
  return Object.assign(Object.create(null) as Record<string, T>, entries);
}
