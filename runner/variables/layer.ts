import { placeOfKey, placeOfValue, rememberPlace } from '../position.ts';
import type { Mapping } from '../value.ts';
import { mapping } from '../value.ts';

/** One level of the order of precedence: a dict, found out when it is first looked into. */
export interface Layer {
  /** Whether its values are as they are to be seen; others are rendered when they are looked up. */
  readonly finished: boolean;
  dict(): Mapping;
  /** Those of the names that it has a variable for, where entries may come to be in the dict later. */
  held?(names: ReadonlySet<string>): readonly string[];
}

/** A layer of what a run finds out bit by bit: set_fact, registered results, include_vars. */
export class GrowingLayer implements Layer {
  readonly finished: boolean;
  readonly #dict = mapping();
  #names: ReadonlySet<string> | undefined;
  #held: readonly string[] = [];

  constructor(finished: boolean) {
    this.finished = finished;
  }

  dict(): Mapping {
    return this.#dict;
  }

  add(variables: Mapping): void {
    addEntries(this.#dict, variables);
    this.#names = undefined;
  }

  held(names: ReadonlySet<string>): readonly string[] {
    if (this.#names !== names) {
      this.#held = [...names].filter((name) => Object.hasOwn(this.#dict, name));
      this.#names = names;
    }
    return this.#held;
  }
}

const heldByDicts = new WeakMap<ReadonlySet<string>, WeakMap<Mapping, readonly string[]>>();

/** Those of the names that a layer has a variable for; remembered for dicts that stay as they are. */
export function heldNames(layer: Layer, names: ReadonlySet<string>): readonly string[] {
  if (layer.held) return layer.held(names);
  let known = heldByDicts.get(names);
  if (!known) {
    known = new WeakMap();
    heldByDicts.set(names, known);
  }
  const dict = layer.dict();
  let held = known.get(dict);
  if (!held) {
    held = Object.keys(dict).filter((name) => names.has(name));
    known.set(dict, held);
  }
  return held;
}

/** A layer of values that were written in a trusted file, and may hold templates. */
export function written(dict: Mapping): Layer {
  return { finished: false, dict: () => dict };
}

/** A layer of values that are never rendered: facts, results, answers. */
export function finished(dict: Mapping): Layer {
  return { finished: true, dict: () => dict };
}

/** A layer of what add_host says of a host, now and later. */
export function addedLater(dict: Mapping): Layer {
  return {
    finished: true,
    dict: () => dict,
    held: (names) => Object.keys(dict).filter((name) => names.has(name)),
  };
}

/** A layer that is found out once, when a look-up first comes down to it. */
export function lazyLayer(find: () => Mapping): Layer {
  let dict: Mapping | undefined;
  return {
    finished: false,
    dict: () => {
      dict ??= find();
      return dict;
    },
  };
}

/** One dict of several, later ones winning; the places of the entries are kept. A single one is given back as it is. */
export function mergeDicts(dicts: readonly Mapping[]): Mapping {
  if (dicts.length === 1) return dicts[0]!;
  const merged = mapping();
  for (const dict of dicts) addEntries(merged, dict);
  return merged;
}

/** Sets entries in a dict, and their places. */
export function addEntries(target: Mapping, added: Mapping): void {
  for (const key of Object.keys(added)) {
    target[key] = added[key]!;
    const place = placeOfValue(added, key);
    if (place) rememberPlace(target, key, place, placeOfKey(added, key));
  }
}
