import { type Position, placeOfValue } from '../position.ts';
import { WalkMemory } from '../shared-values.ts';
import { isMapping, type Mapping, mapping, UnsafeText, type Value } from '../value.ts';

type Place = Position | undefined;

/**
 * A value whose texts are rendered, however deep they lie: the same list or dict where nothing in it changes, a copy otherwise.
 * `renderText` is given each text that may be a template with the place where it stands; what came from a host is not.
 */
export function renderValue(value: Value, position: Place, renderText: (text: string, place: Place) => Value): Value {
  return new Rendering(renderText).value(value, position);
}

class Rendering {
  readonly #renderText: (text: string, place: Place) => Value;
  /** What became of the lists and dicts so far. */
  readonly #memory = new WalkMemory<Value>();

  constructor(renderText: (text: string, place: Place) => Value) {
    this.#renderText = renderText;
  }

  value(value: Value, position: Place): Value {
    if (typeof value === 'string') return this.#renderText(value, position);
    if (typeof value !== 'object' || value === null) return value;
    if (value instanceof UnsafeText) return value.text;
    const isList = Array.isArray(value);
    if (!isList && !isMapping(value)) return value;
    return (
      this.#memory.recall(value) ??
      this.#memory.note(value, isList ? this.#list(value, position) : this.#mapping(value, position))
    );
  }

  #list(list: Value[], position: Place): Value[] {
    let copy: Value[] | undefined;
    for (let index = 0; index < list.length; index++) {
      const rendered = this.value(list[index]!, placeOfValue(list, index) ?? position);
      if (rendered !== list[index]) {
        copy ??= [...list];
        copy[index] = rendered;
      }
    }
    return copy ?? list;
  }

  #mapping(dict: Mapping, position: Place): Mapping {
    let copy: Mapping | undefined;
    for (const key of Object.keys(dict)) {
      const rendered = this.value(dict[key]!, placeOfValue(dict, key) ?? position);
      if (rendered !== dict[key]) {
        copy ??= mapping(Object.entries(dict));
        copy[key] = rendered;
      }
    }
    return copy ?? dict;
  }
}
