import { regexTests } from '../filters/regex.ts';
import type { Callee } from '../runtime/function.ts';
import { fileTests } from './files.ts';
import { resultTests } from './results.ts';
import { comparisonTests, valueTests } from './values.ts';

/** All tests by name. */
export const tests: ReadonlyMap<string, Callee> = new Map(
  [valueTests, comparisonTests, resultTests, fileTests, regexTests].flatMap((group) => Object.entries(group)),
);
