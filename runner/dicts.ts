import { placeOfKey, placeOfValue, rememberPlace } from './position.ts';
import { isMapping, type Mapping, mapping, type Value } from './value.ts';

/** What becomes of dicts that several places give under one name: Ansible's setting hash_behaviour. */
export type HashBehaviour = 'replace' | 'merge';

/**
 * One dict of several, later ones winning; the places of the entries are kept. With `merge`, dicts under the same name are
 * joined, too, as deep as they go. A single dict is given back as it is.
 */
export function joinDicts(dicts: readonly Mapping[], behaviour: HashBehaviour = 'replace'): Mapping {
  if (dicts.length === 1) return dicts[0]!;
  const joined = mapping();
  for (const dict of dicts) addEntries(joined, dict, behaviour);
  return joined;
}

/** Sets entries in a dict, and their places. What `merge` joins becomes a new dict; those given stay as they are. */
export function addEntries(target: Mapping, added: Mapping, behaviour: HashBehaviour = 'replace'): void {
  for (const key of Object.keys(added)) {
    target[key] = behaviour === 'merge' ? joinValues(target[key], added[key]!) : added[key]!;
    const place = placeOfValue(added, key);
    if (place) rememberPlace(target, key, place, placeOfKey(added, key));
  }
}

/** What was made of a dict under another one. The values of variables are never changed, so it holds for as long as they are there. */
const joins = new WeakMap<Mapping, WeakMap<Mapping, Mapping>>();

/** Two values of one name by `merge`: the second one's dict over the first one's; anything else replaces what was there. */
export function joinValues(low: Value | undefined, high: Value): Value {
  if (!isMapping(low) || !isMapping(high) || low === high) return high;
  // The same dicts meet again for other hosts and tasks, and YAML aliases may mean one dict many times.
  const known = joins.get(high) ?? new WeakMap<Mapping, Mapping>();
  joins.set(high, known);
  const joined = known.get(low) ?? joinDicts([low, high], 'merge');
  known.set(low, joined);
  return joined;
}

/** All values that one name has, the one of most weight first, by `merge`: the dicts above the first value that is none. */
export function joinAll(values: Iterable<Value>): Value | undefined {
  const dicts: Value[] = [];
  for (const value of values) {
    if (isMapping(value)) dicts.push(value);
    else if (dicts.length === 0) return value;
    else break;
  }
  return dicts.length === 0 ? undefined : dicts.reduceRight((low, high) => joinValues(low, high));
}
