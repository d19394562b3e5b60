import type { Mapping, Value } from './value.ts';

/** A place in a text file. Lines and columns count from 1. */
export interface Position {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** Where the entries of one dict (by key) or list (by index) stand. */
export interface Places {
  /** The place of an entry's value. */
  value(entry: string | number): Position | undefined;
  /** The place of an entry's key, where it has one. */
  key(entry: string | number): Position | undefined;
}

/** Places that were remembered one by one, over those that the container came with. */
class RememberedPlaces implements Places {
  readonly #entries = new Map<string | number, { readonly value: Position; readonly key: Position | undefined }>();
  readonly #earlier: Places | undefined;

  constructor(earlier: Places | undefined) {
    this.#earlier = earlier;
  }

  set(entry: string | number, value: Position, key: Position | undefined): void {
    this.#entries.set(entry, { value, key });
  }

  value(entry: string | number): Position | undefined {
    return this.#entries.get(entry)?.value ?? this.#earlier?.value(entry);
  }

  key(entry: string | number): Position | undefined {
    const own = this.#entries.get(entry);
    return own ? own.key : this.#earlier?.key(entry);
  }
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
  #places: Places;

  constructor(container: object, places: Places) {
    super(container);
    this.#places = places;
  }

  static of(container: object): Places | undefined {
    return #places in container ? container.#places : undefined;
  }

  static replace(container: object, places: Places): void {
    if (#places in container) container.#places = places;
    else new Placed(container, places);
  }
}

/** Gives a new container the places of all its entries. */
export function givePlaces(container: Mapping | Value[], places: Places): void {
  new Placed(container, places);
}

/** Remembers where an entry of a list or dict (by index or key) was written; `key` is the place of the key itself. */
export function rememberPlace(
  container: Mapping | Value[],
  entry: string | number,
  value: Position,
  key?: Position,
): void {
  let places = Placed.of(container);
  if (!(places instanceof RememberedPlaces)) {
    places = new RememberedPlaces(places);
    Placed.replace(container, places);
  }
  (places as RememberedPlaces).set(entry, value, key);
}

/** Where the value of an entry was written, if it came from a file. */
export function placeOfValue(container: object, entry: string | number): Position | undefined {
  return Placed.of(container)?.value(entry);
}

/** Where the key of an entry was written, if it came from a file. */
export function placeOfKey(container: object, entry: string | number): Position | undefined {
  const places = Placed.of(container);
  return places?.key(entry) ?? places?.value(entry);
}
