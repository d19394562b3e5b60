import type { Lookup } from '../run.ts';
import { environmentLookups } from './environment.ts';
import { fileLookups } from './files.ts';
import { listLookups } from './lists.ts';
import { passwordLookups } from './password.ts';
import { tableLookups } from './tables.ts';

/** All lookups by name. */
export const lookups: ReadonlyMap<string, Lookup> = new Map(
  [listLookups, fileLookups, environmentLookups, passwordLookups, tableLookups].flatMap((group) =>
    Object.entries(group),
  ),
);
