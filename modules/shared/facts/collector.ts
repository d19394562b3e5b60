import type { Mapping } from '../../../runner/value.ts';

/** What gathers one kind of facts: sh text that prints, and a pure parser of what it printed. */
export interface FactCollector {
  /** Name of its section, and of the subset that `gather_subset` can ask for. */
  readonly name: string;
  /** The larger subset that it belongs to. */
  readonly subset: 'min' | 'hardware' | 'network' | 'virtual';
  /** Names that ask for it too. */
  readonly ids?: readonly string[];
  readonly script: string;
  /** Facts, without the prefix `ansible_`. `known` holds the facts of the collectors before it. */
  parse(output: string, known: Mapping): Mapping;
}

/**
 * sh functions that collectors use: `value FILE` prints the first line of a file without starting a process, or
 * nothing; `limit SECONDS COMMAND…` ends a command that hangs, where the host can do so.
 */
export const factFunctions = `
value() { v=; [ -r "$1" ] && IFS= read -r v 2>/dev/null <"$1"; printf '%s\\n' "$v"; }
if timeout 1 true 2>/dev/null; then limit() { timeout "$@"; }; else limit() { shift; "$@"; }; fi
`;

/** sh text that prints `@uuid DEVICE UUID` for each file system that has one. */
export const uuidScript =
  "[ ! -d /dev/disk/by-uuid ] || ls -l /dev/disk/by-uuid | sed -n 's/.* \\([^ ]*\\) -> .*\\/\\([^/]*\\)$/@uuid \\2 \\1/p'";
