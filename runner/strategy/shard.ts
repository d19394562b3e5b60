import { createHash } from 'node:crypto';

/** One part of a run that several controllers share, each taking the hosts of its part: `--shard 2/5`. */
export class Shard {
  /** From 1. */
  readonly index: number;
  readonly count: number;
  readonly #places: ReadonlyMap<string, number>;

  /** `hosts` are all of the inventory: every controller has to be given the same, so that each host is in one part. */
  constructor(index: number, count: number, hosts: Iterable<string>) {
    this.index = index;
    this.count = count;
    const sorted = [...new Set(hosts)].sort((a, b) => (a < b ? -1 : 1));
    this.#places = new Map(sorted.map((host, place) => [host, (place % count) + 1]));
  }

  /** Whether a host is in this part. */
  has(host: string): boolean {
    return this.partOf(host) === this.index;
  }

  /** The part that a host is in, the same in every play and on every controller. */
  partOf(host: string): number {
    // Hosts that add_host brought are nowhere in the inventory that all controllers have.
    return this.#places.get(host) ?? (createHash('sha256').update(host).digest().readUInt32BE(0) % this.count) + 1;
  }

  /** Whether hosts are in more than one part. */
  divides(hosts: readonly string[]): boolean {
    return hosts.some((host) => this.partOf(host) !== this.partOf(hosts[0]!));
  }

  toString(): string {
    return `${this.index}/${this.count}`;
  }
}

/** Reads `2/5`; undefined for what makes no sense. */
export function parseShard(text: string): { readonly index: number; readonly count: number } | undefined {
  const match = /^([1-9]\d{0,5})\/([1-9]\d{0,5})$/.exec(text);
  const [index, count] = [Number(match?.[1]), Number(match?.[2])];
  return match && index <= count ? { index, count } : undefined;
}
