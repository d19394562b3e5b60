import type { Callee } from '../runtime/function.ts';
import { basicFilters } from './basics.ts';
import { cryptoFilters } from './crypto.ts';
import { dataFilters } from './data.ts';
import { dictFilters } from './dicts.ts';
import { queryFilters } from './json-query.ts';
import { listFilters } from './lists.ts';
import { netFilters } from './net.ts';
import { numberFilters } from './numbers.ts';
import { pathFilters } from './paths.ts';
import { regexFilters } from './regex.ts';
import { setFilters } from './sets.ts';
import { textFilters } from './text.ts';
import { timeFilters } from './time.ts';

const groups = [
  basicFilters,
  textFilters,
  listFilters,
  regexFilters,
  dataFilters,
  dictFilters,
  setFilters,
  numberFilters,
  cryptoFilters,
  pathFilters,
  timeFilters,
  netFilters,
  queryFilters,
];

/** All filters by name. */
export const filters: ReadonlyMap<string, Callee> = new Map(groups.flatMap((group) => Object.entries(group)));
