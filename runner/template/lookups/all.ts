import type { Lookup } from '../run.ts';

/** All lookups by name. */
export const lookups: ReadonlyMap<string, Lookup> = new Map();
