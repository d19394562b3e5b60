import { type BigIntStats, statSync } from 'node:fs';
import { systemPath } from '../../runner/python/file-names.ts';

interface Kept<T> {
  readonly stamp: string;
  readonly value: Promise<T>;
  readonly weight: number;
}

/**
 * What was worked out from files of this machine, for all hosts that need the same: it is worked out again once the file
 * has changed. What has not been asked for longest is forgotten when all of it weighs too much.
 */
export class SharedReads<T> {
  readonly #kept = new Map<string, Kept<T>>();
  readonly #capacity: number;
  #weight = 0;
  /** How often something was worked out. */
  reads = 0;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  /** What `read` makes of a file. Throws what `read` and stat throw, and then keeps nothing. */
  get(path: string, weigh: (stats: BigIntStats) => number, read: () => Promise<T>): Promise<T> {
    const stats = statSync(systemPath(path), { bigint: true });
    const stamp = [stats.dev, stats.ino, stats.size, stats.mtimeNs, stats.ctimeNs].join(' ');
    const known = this.#kept.get(path);
    this.#drop(path);
    const entry = known?.stamp === stamp ? known : { stamp, value: read(), weight: weigh(stats) };
    if (entry !== known) {
      this.reads += 1;
      entry.value.catch(() => {
        if (this.#kept.get(path) === entry) this.#drop(path);
      });
    }
    this.#kept.set(path, entry);
    this.#weight += entry.weight;
    for (const oldest of this.#kept.keys()) {
      if (this.#weight <= this.#capacity || oldest === path) break;
      this.#drop(oldest);
    }
    return entry.value;
  }

  #drop(path: string): void {
    const known = this.#kept.get(path);
    if (!known) return;
    this.#kept.delete(path);
    this.#weight -= known.weight;
  }
}
