import { addEntries, type HashBehaviour } from '../dicts.ts';
import type { Mapping } from '../value.ts';
import { mapping } from '../value.ts';

/** One level of the order of precedence: a dict, found out when it is first looked into. */
export interface Layer {
  /** Whether its values are as they are to be seen; others are rendered when they are looked up. */
  readonly finished: boolean;
  dict(): Mapping;
  /** Those of the names that it has a variable for. */
  held(names: ReadonlySet<string>): readonly string[];
}

/** A layer that remembers which names it holds. */
class RememberingLayer implements Layer {
  readonly finished: boolean;
  readonly #find: () => Mapping;
  #dict: Mapping | undefined;
  #names: ReadonlySet<string> | undefined;
  #held: readonly string[] = [];

  constructor(finished: boolean, find: () => Mapping) {
    this.finished = finished;
    this.#find = find;
  }

  dict(): Mapping {
    this.#dict ??= this.#find();
    return this.#dict;
  }

  held(names: ReadonlySet<string>): readonly string[] {
    if (this.#names !== names) {
      this.#held = Object.keys(this.dict()).filter((name) => names.has(name));
      this.#names = names;
    }
    return this.#held;
  }

  /** Takes note of names that the dict has from now on. */
  protected holds(added: readonly string[]): void {
    const names = this.#names;
    if (names === undefined) return;
    const found = added.filter((name) => names.has(name) && !this.#held.includes(name));
    if (found.length > 0) this.#held = [...this.#held, ...found];
  }
}

/** A layer of what a run finds out bit by bit: set_fact, registered results, include_vars. */
export class GrowingLayer extends RememberingLayer {
  readonly #behaviour: HashBehaviour;

  constructor(finished: boolean, behaviour: HashBehaviour = 'replace') {
    const dict = mapping();
    super(finished, () => dict);
    this.#behaviour = behaviour;
  }

  add(variables: Mapping): void {
    addEntries(this.dict(), variables, this.#behaviour);
    this.holds(Object.keys(variables));
  }
}

/** A layer of values that were written in a trusted file, and may hold templates. */
export function written(dict: Mapping): Layer {
  return new RememberingLayer(false, () => dict);
}

/** A layer of values that are never rendered: facts, answers. */
export function finished(dict: Mapping): Layer {
  return new RememberingLayer(true, () => dict);
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
  return new RememberingLayer(false, find);
}
