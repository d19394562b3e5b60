import type { Mapping, Value } from './value.ts';

/** A place in a text file. Lines and columns count from 1. */
export interface Position {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/**
 * Where the entries of lists and dicts that came out of YAML files stand. Values stay plain data; who reports an
 * error asks here. A container that was made by a template or a module has no place.
 */
const places = new WeakMap<object, Map<string | number, { key?: Position; value: Position }>>();

/** Remembers where an entry of a list or dict (by index or key) was written; `key` is the place of the key itself. */
export function rememberPlace(
  container: Mapping | Value[],
  entry: string | number,
  value: Position,
  key?: Position,
): void {
  let entries = places.get(container);
  if (!entries) {
    entries = new Map();
    places.set(container, entries);
  }
  entries.set(entry, key ? { key, value } : { value });
}

/** Where the value of an entry was written, if it came from a file. */
export function placeOfValue(container: object, entry: string | number): Position | undefined {
  return places.get(container)?.get(entry)?.value;
}

/** Where the key of an entry was written, if it came from a file. */
export function placeOfKey(container: object, entry: string | number): Position | undefined {
  const place = places.get(container)?.get(entry);
  return place?.key ?? place?.value;
}
