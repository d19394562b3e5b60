import { countSteps } from '../computing.ts';
import { checkItems } from './bounds.ts';
import type { V } from './object.ts';

/** All rows that take one element of each list, those of the last list changing first. Throws for more than a list may hold. */
export function rowsOf(lists: readonly (readonly V[])[]): V[][] {
  checkItems(lists.reduce((rows, list) => rows * list.length, 1) * Math.max(1, lists.length));
  let rows: V[][] = [[]];
  for (const list of lists) {
    rows = rows.flatMap((row) => {
      countSteps(list.length);
      return list.map((element) => [...row, element]);
    });
  }
  return rows;
}
