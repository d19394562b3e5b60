/** Random numbers that a seed fixes, so that whatever was found can be found again (mulberry32). */
export class Random {
  #state: number;

  /** @param seed any whole numbers; each list of them gives a sequence of its own */
  constructor(...seed: readonly number[]) {
    this.#state = 0x9e3779b9;
    for (const number of seed) {
      this.#state = Math.imul(this.#state ^ number, 0x85ebca6b) + 0x6d2b79f5;
      this.next();
    }
  }

  /** A number from 0 up to, but not including, 1. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  }

  /** A whole number from 0 up to, but not including, `limit`. */
  below(limit: number): number {
    return Math.floor(this.next() * limit);
  }

  /** True in this share of the calls. */
  chance(share: number): boolean {
    return this.next() < share;
  }

  /** One of a list that is not empty. */
  pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)]!;
  }

  /** So many random bytes. */
  bytes(count: number): Buffer {
    return Buffer.from(Array.from({ length: count }, () => this.below(256)));
  }
}
