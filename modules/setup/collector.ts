import type { Mapping } from '../../runner/value.ts';
import type { SubsetName } from './subsets.ts';

/** What gathers one kind of facts: sh text that prints, and a pure parser of what it printed. */
export interface FactCollector {
  /** Name of its section, and what `!NAME` in `gather_subset` leaves out. */
  readonly name: string;
  /** The subset of Ansible's that it belongs to. */
  readonly subset: SubsetName;
  /** Empty where the shared reading is enough. */
  readonly script: string;
  /** What it reads in common with other collectors. */
  readonly shares?: readonly SharedReading[];
  /** Whether it is to see the environment as it is, before what probes set in it. */
  readonly asItIs?: boolean;
  /** Facts, without the prefix `ansible_`. `known` holds the facts of the collectors before it. */
  parse(output: string, known: Mapping, more?: MoreInput): Mapping;
}

/** sh text whose output several collectors need; it runs once. */
export interface SharedReading {
  readonly name: string;
  readonly script: string;
}

/** What else a parser may need. */
export interface MoreInput {
  /** What a shared reading printed. */
  shared(reading: SharedReading): string;
  /** Says that something on the host is not as it should be. */
  warn(text: string): void;
}

/**
 * sh functions that collectors use: `value FILE` prints the first line of a file without starting a process, or
 * nothing; `limit SECONDS COMMAND…` ends a command that hangs, where the host can do so. A timeout that is a link may be one that wants an option
 * before the time: it is asked.
 */
export const factFunctions = `
value() { v=; [ -r "$1" ] && IFS= read -r v 2>/dev/null <"$1"; printf '%s\\n' "$v"; }
if { [ -x /usr/bin/timeout ] && [ ! -L /usr/bin/timeout ]; } || timeout 1 true 2>/dev/null; then limit() { timeout "$@"; }; else limit() { shift; "$@"; }; fi
`;
