import { joinAll } from '../dicts.ts';
import type { Templar } from '../template/templar.ts';
import { isMapping, type Mapping, mapping, UnsafeText, type Value } from '../value.ts';
import type { Layer } from './layer.ts';

/**
 * What a name means with `hash_behaviour` merge: the dicts of all layers, highest first, joined before anything in them is
 * rendered. Undefined where no layer has it.
 */
export function mergedValue(name: string, layers: readonly Layer[], templar: Templar): Value | undefined {
  return joinAll(writtenValues(name, layers, templar));
}

/** A name's value as it was written, in the highest layer that has it; text of finished layers is marked as no template. */
export function writtenValue(name: string, layers: readonly Layer[], templar: Templar): Value | undefined {
  for (const value of writtenValues(name, layers, templar)) return value;
  return undefined;
}

function* writtenValues(name: string, layers: readonly Layer[], templar: Templar): Iterable<Value> {
  for (const layer of layers) {
    const dict = layer.dict();
    if (Object.hasOwn(dict, name)) yield layer.finished ? untemplated(dict[name]!, templar) : dict[name]!;
  }
}

const untemplatedContainers = new WeakMap<object, Value>();

/** A finished value as it can stand beside written ones: text that would be taken for a template is marked as none. */
function untemplated(value: Value, templar: Templar): Value {
  if (typeof value === 'string') return templar.isTemplate(value) ? new UnsafeText(value) : value;
  if (!Array.isArray(value) && !isMapping(value)) return value;
  let marked = untemplatedContainers.get(value);
  if (marked === undefined) {
    marked = Array.isArray(value) ? markedList(value, templar) : markedDict(value, templar);
    untemplatedContainers.set(value, marked);
  }
  return marked;
}

function markedList(list: Value[], templar: Templar): Value[] {
  const marked = list.map((entry) => untemplated(entry, templar));
  return marked.every((entry, index) => entry === list[index]) ? list : marked;
}

function markedDict(dict: Mapping, templar: Templar): Mapping {
  const entries = Object.entries(dict).map(([key, entry]) => [key, untemplated(entry, templar)] as const);
  return entries.every(([key, entry]) => entry === dict[key]) ? dict : mapping(entries);
}
