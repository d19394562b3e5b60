import type { Lookup } from '../run.ts';
import { environmentLookups, outsideLookups } from './environment.ts';
import { fileLookups } from './files.ts';
import { chanceLookups, listLookups } from './lists.ts';
import { passwordLookups } from './password.ts';
import { tableLookups } from './tables.ts';

/** Lookups whose result may be another one later in the run. */
const volatile = [outsideLookups, fileLookups, tableLookups, passwordLookups, chanceLookups];

/** All lookups by name. */
export const lookups: ReadonlyMap<string, Lookup> = new Map(
  [...volatile, environmentLookups, listLookups].flatMap((group) => Object.entries(group)),
);

export const volatileLookups: ReadonlySet<string> = new Set(volatile.flatMap((group) => Object.keys(group)));
