import type { Callee } from '../python/function.ts';
import { basicFilters } from './basics.ts';
import { dataFilters } from './data.ts';
import { dictFilters } from './dicts.ts';
import { listFilters } from './lists.ts';
import { regexFilters } from './regex.ts';
import { textFilters } from './text.ts';

/** All filters by name. */
export const filters: ReadonlyMap<string, Callee> = new Map(
  [basicFilters, textFilters, listFilters, regexFilters, dataFilters, dictFilters].flatMap((group) =>
    Object.entries(group),
  ),
);
