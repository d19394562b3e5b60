import type { Places, Position } from '../position.ts';
import type { SourceText } from './yaml-source.ts';

/** So many keys are looked through one by one faster than a table of them is made. */
const fewKeys = 16;

/** Where a dict's entries stand in its file. Lines and columns are counted when somebody asks. */
export class DictPlaces implements Places {
  readonly #source: SourceText;
  /** The name, the key's offset and the value's offset of each entry in turn; the last of a name counts. */
  readonly #entries: readonly (string | number)[];
  #table: Map<string, number> | undefined;

  constructor(source: SourceText, entries: readonly (string | number)[]) {
    this.#source = source;
    this.#entries = entries;
  }

  value(entry: string | number): Position | undefined {
    const at = this.#find(entry);
    return at < 0 ? undefined : this.#source.position(this.#entries[at + 2] as number);
  }

  key(entry: string | number): Position | undefined {
    const at = this.#find(entry);
    return at < 0 ? undefined : this.#source.position(this.#entries[at + 1] as number);
  }

  #find(name: string | number): number {
    const entries = this.#entries;
    if (entries.length > 3 * fewKeys) return this.#tableOf(entries).get(String(name)) ?? -1;
    let at = entries.length - 3;
    while (at >= 0 && entries[at] !== name) at -= 3;
    return at;
  }

  #tableOf(entries: readonly (string | number)[]): Map<string, number> {
    if (!this.#table) {
      this.#table = new Map();
      for (let at = 0; at < entries.length; at += 3) this.#table.set(entries[at] as string, at);
    }
    return this.#table;
  }
}

/** Where a list's entries stand in its file. */
export class ListPlaces implements Places {
  readonly #source: SourceText;
  readonly #offsets: readonly number[];

  constructor(source: SourceText, offsets: readonly number[]) {
    this.#source = source;
    this.#offsets = offsets;
  }

  value(entry: string | number): Position | undefined {
    const offset = this.#offsets[entry as number];
    return offset === undefined ? undefined : this.#source.position(offset);
  }

  key(): undefined {
    return undefined;
  }
}
