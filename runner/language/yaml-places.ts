import type { Places, Position } from '../position.ts';
import type { SourceText } from './yaml-source.ts';

/** So many keys are looked through one by one faster than a table of them is made. */
const fewKeys = 16;

/** The place of an offset, which is then kept in its stead. */
function positionAt(source: SourceText, places: unknown[], index: number): Position {
  const place = places[index] as number | Position;
  if (typeof place !== 'number') return place;
  const position = source.position(place);
  places[index] = position;
  return position;
}

/** Where a dict's entries stand in its file. Lines and columns are counted when somebody asks. */
export class DictPlaces implements Places {
  readonly #source: SourceText;
  /** The name, the key's place and the value's place of each entry in turn; the last of a name counts. */
  readonly #entries: (string | number | Position)[];
  #table: Map<string, number> | undefined;

  constructor(source: SourceText, entries: (string | number)[]) {
    this.#source = source;
    this.#entries = entries;
  }

  value(entry: string | number): Position | undefined {
    const at = this.#find(entry);
    return at < 0 ? undefined : positionAt(this.#source, this.#entries, at + 2);
  }

  key(entry: string | number): Position | undefined {
    const at = this.#find(entry);
    return at < 0 ? undefined : positionAt(this.#source, this.#entries, at + 1);
  }

  #find(name: string | number): number {
    const entries = this.#entries;
    if (entries.length > 3 * fewKeys) return this.#tableOf(entries).get(String(name)) ?? -1;
    let at = entries.length - 3;
    while (at >= 0 && entries[at] !== name) at -= 3;
    return at;
  }

  #tableOf(entries: readonly unknown[]): Map<string, number> {
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
  readonly #entries: (number | Position)[];

  constructor(source: SourceText, offsets: number[]) {
    this.#source = source;
    this.#entries = offsets;
  }

  value(entry: string | number): Position | undefined {
    return this.#entries[entry as number] === undefined
      ? undefined
      : positionAt(this.#source, this.#entries, entry as number);
  }

  key(): undefined {
    return undefined;
  }
}
