import { toNumber } from '../../python/kinds.ts';
import { type Callee, fn } from './function.ts';

/** Methods of int and bool. */
export const intMethods: ReadonlyMap<string, Callee> = new Map([
  ['bit_length', fn({}, (self) => (Number(self) === 0 ? 0 : BigInt(Math.abs(Number(self))).toString(2).length))],
  ['conjugate', fn({}, (self) => self)],
]);

/** Methods of float. */
export const floatMethods: ReadonlyMap<string, Callee> = new Map([
  ['is_integer', fn({}, (self) => Number.isInteger(toNumber(self)))],
  ['conjugate', fn({}, (self) => self)],
]);
