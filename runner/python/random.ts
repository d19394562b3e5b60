import { createHash, randomInt } from 'node:crypto';
import { Float, type UnsafeText } from '../value.ts';
import { encode } from './bytes.ts';
import { isIntegral, typeError, typeName } from './kinds.ts';
import type { V } from './object.ts';
import { str } from './text.ts';

/** Chooses numbers: by chance, or the same ones for the same seed. */
export interface Chooser {
  /** A whole number from 0 to one below `count`. */
  below(count: number): number;
}

/** What Python's Random(seed) chooses; by chance where there is no seed. Throws EvaluationError for what cannot be a seed. */
export function chooserFor(seed: V | undefined): Chooser {
  return seed === undefined || seed === null
    ? { below: (count) => randomInt(count) }
    : new MersenneTwister(seedNumber(seed));
}

/** The number that Python makes of a seed: an int's own size, and for text its bytes with their SHA-512 behind them. */
function seedNumber(seed: V): bigint {
  if (isIntegral(seed)) {
    const number = BigInt(seed);
    return number < 0n ? -number : number;
  }
  const isText = typeof seed === 'string' || (typeof seed === 'object' && seed !== null && 'text' in seed);
  if (!isText || seed instanceof Float) throw typeError(`A seed must be an int or a string, not ${typeName(seed)}.`);
  const bytes = encode(str(seed as string | UnsafeText));
  return BigInt(`0x${Buffer.concat([bytes, createHash('sha512').update(bytes).digest()]).toString('hex')}`);
}

const size = 624;
const middle = 397;

/** The generator MT19937 (Matsumoto and Nishimura), seeded by an array of words as Python's Random is. */
class MersenneTwister implements Chooser {
  readonly #state = new Uint32Array(size);
  #index = size;

  constructor(seed: bigint) {
    this.#seedBy(wordsOf(seed));
  }

  below(count: number): number {
    const bits = count.toString(2).length;
    for (;;) {
      const number = this.#bits(bits);
      if (number < count) return number;
    }
  }

  /** A number of so many bits; the words of a long one come from its low end. */
  #bits(count: number): number {
    if (count <= 32) return this.#next() >>> (32 - count);
    const low = this.#next();
    return (this.#next() >>> (64 - count)) * 2 ** 32 + low;
  }

  #seedBy(key: readonly number[]): void {
    const state = this.#state;
    state[0] = 19650218;
    for (let index = 1; index < size; index++) state[index] = Math.imul(1812433253, mixed(state, index)) + index;
    let index = 1;
    for (let round = 0; round < Math.max(size, key.length); round++) {
      const part = round % key.length;
      state[index] = (state[index]! ^ Math.imul(mixed(state, index), 1664525)) + key[part]! + part;
      index = this.#following(index);
    }
    for (let round = 1; round < size; round++) {
      state[index] = (state[index]! ^ Math.imul(mixed(state, index), 1566083941)) - index;
      index = this.#following(index);
    }
    state[0] = 0x80000000;
  }

  #following(index: number): number {
    if (index + 1 < size) return index + 1;
    this.#state[0] = this.#state[size - 1]!;
    return 1;
  }

  #next(): number {
    if (this.#index >= size) this.#twist();
    let word = this.#state[this.#index++]!;
    word ^= word >>> 11;
    word ^= (word << 7) & 0x9d2c5680;
    word ^= (word << 15) & 0xefc60000;
    return (word ^ (word >>> 18)) >>> 0;
  }

  #twist(): void {
    const state = this.#state;
    for (let index = 0; index < size; index++) {
      const word = (state[index]! & 0x80000000) | (state[(index + 1) % size]! & 0x7fffffff);
      state[index] = state[(index + middle) % size]! ^ (word >>> 1) ^ (word & 1 ? 0x9908b0df : 0);
    }
    this.#index = 0;
  }
}

function mixed(state: Uint32Array, index: number): number {
  const before = state[index - 1]!;
  return before ^ (before >>> 30);
}

function wordsOf(number: bigint): number[] {
  const words: number[] = [];
  for (let rest = number; rest > 0n; rest >>= 32n) words.push(Number(rest & 0xffffffffn));
  return words.length === 0 ? [0] : words;
}
