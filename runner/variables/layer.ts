import { placeOfKey, placeOfValue, rememberPlace } from '../position.ts';
import type { Mapping } from '../value.ts';
import { mapping } from '../value.ts';

/** One level of the order of precedence: a dict, found out when it is first looked into. */
export interface Layer {
  /** Whether its values are as they are to be seen; others are rendered when they are looked up. */
  readonly finished: boolean;
  dict(): Mapping;
}

/** A layer of values that were written in a trusted file, and may hold templates. */
export function written(dict: Mapping): Layer {
  return { finished: false, dict: () => dict };
}

/** A layer of values that are never rendered: facts, results, answers. */
export function finished(dict: Mapping): Layer {
  return { finished: true, dict: () => dict };
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
