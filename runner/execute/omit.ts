import { types } from 'node:util';
import { WalkMemory } from '../shared-values.ts';
import type { Mapping, Value } from '../value.ts';
import { isMapping } from '../value.ts';

/** A copy of a value in which elements and entries that are the `omit` value are left out. */
export function dropOmitted(omit: string, value: Value, memory = new WalkMemory<Value>()): Value {
  const isList = Array.isArray(value);
  if (!isList && !isMapping(value)) return value;
  const known = memory.recall(value);
  if (known !== undefined) return known;
  return memory.note(value, isList ? keptElements(omit, value, memory) : keptEntries(omit, value, memory));
}

function keptElements(omit: string, list: Value[], memory: WalkMemory<Value>): Value[] {
  return list.filter((element) => element !== omit).map((element) => dropOmitted(omit, element, memory));
}

function keptEntries(omit: string, dict: Mapping, memory: WalkMemory<Value>): Mapping {
  const kept: Mapping = {};
  for (const [key, entry] of Object.entries(dict)) {
    if (entry !== omit) kept[key] = dropOmitted(omit, entry, memory);
  }
  return kept;
}

/** The value itself where nothing in it is omitted, else {@link dropOmitted}. */
export function withoutOmitted(omit: string, value: Value): Value {
  return holdsOmitted(omit, value, new WalkMemory()) ? dropOmitted(omit, value) : value;
}

function holdsOmitted(omit: string, value: Value, memory: WalkMemory<true>): boolean {
  if (typeof value !== 'object' || value === null) return value === omit;
  // What a lazy dict gives was worked out elsewhere, and looking for it would work all of it out.
  if (types.isProxy(value) || (!Array.isArray(value) && !isMapping(value)) || memory.recall(value)) return false;
  for (const entry of Array.isArray(value) ? value : Object.values(value)) {
    if (holdsOmitted(omit, entry, memory)) return true;
  }
  memory.note(value, true);
  return false;
}
