import type { Mapping, Value } from './value.ts';

/** A place in a text file. Lines and columns count from 1. */
export interface Position {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** The places of a dict's entries, or of a list's by index. */
type Places = Map<string | number, Place> | Position[];

interface Place {
  readonly key: Position | undefined;
  readonly value: Position;
}

/** As a constructor it gives back what it is given, so that a class below it can put a private field on any object. */
function same(container: object): object {
  return container;
}
const Same = same as unknown as new (container: object) => object;

/**
 * Where the entries of lists and dicts that came out of YAML files stand. Values stay plain data; who reports an
 * error asks here. A container that was made by a template or a module has no place.
 * The places are a private field of the container, which nobody else can see: as keys of a WeakMap the containers of a big
 * playbook would be looked through by every garbage collection.
 */
class Placed extends Same {
  readonly #places: Places;

  constructor(container: object) {
    super(container);
    this.#places = Array.isArray(container) ? [] : new Map<string | number, Place>();
  }

  static of(container: object): Places | undefined {
    return #places in container ? container.#places : undefined;
  }
}

/** Remembers where an entry of a list or dict (by index or key) was written; `key` is the place of the key itself. */
export function rememberPlace(
  container: Mapping | Value[],
  entry: string | number,
  value: Position,
  key?: Position,
): void {
  let places = Placed.of(container);
  if (!places) {
    new Placed(container);
    places = Placed.of(container)!;
  }
  if (Array.isArray(places)) places[entry as number] = value;
  else places.set(entry, { key, value });
}

/** Where the value of an entry was written, if it came from a file. */
export function placeOfValue(container: object, entry: string | number): Position | undefined {
  return placeOf(container, entry)?.value;
}

/** Where the key of an entry was written, if it came from a file. */
export function placeOfKey(container: object, entry: string | number): Position | undefined {
  const place = placeOf(container, entry);
  return place?.key ?? place?.value;
}

function placeOf(
  container: object,
  entry: string | number,
): { key?: Position | undefined; value: Position } | undefined {
  const places = Placed.of(container);
  if (!Array.isArray(places)) return places?.get(entry);
  const value = places[entry as number];
  return value && { value };
}
