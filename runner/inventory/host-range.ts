import { tooManyItems } from '../limits.ts';
import type { Position } from '../position.ts';
import { inventoryError } from './inventory-error.ts';

/** The hosts that one entry of an inventory names, and the port if it gives one. */
export interface HostEntry {
  readonly names: readonly string[];
  readonly port: number | undefined;
}

const letters = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ';

/**
 * Reads an inventory's host entry: a name or address with ranges (`web[01:10].example.com`, `db-[a:f]`, `n[1:9:2]`)
 * and perhaps a port (`web:2222`, `[2001:db8::1]:22`). Throws KplayError `inventory` for a bad range.
 */
export function hostEntry(text: string, position?: Position): HostEntry {
  const [name, port] = splitPort(text);
  if (text.trim().endsWith(':') && port === undefined && !/^[0-9a-fA-F:]*::$/.test(text.trim())) {
    throw inventoryError(
      `Invalid host pattern '${text}': a ':' at its end is not allowed, since it stands before a port.`,
      position,
      'In a YAML inventory, hosts stand below "hosts:"; give the file the ending .yml.',
    );
  }
  return { names: expandRanges(name, position), port };
}

/** Takes a port off the end of a host's name, which may hold ranges. */
export function splitPort(text: string): [name: string, port: number | undefined] {
  const bracketed = /^\[([0-9a-fA-F:.]+)\]:(\d+)$/.exec(text);
  if (bracketed) return [bracketed[1]!, Number(bracketed[2])];
  const plain = /^((?:[\w.-]|\[[^\]]*\])+):(\d+)$/.exec(text);
  return plain ? [plain[1]!, Number(plain[2])] : [text, undefined];
}

function expandRanges(text: string, position: Position | undefined): string[] {
  const open = text.indexOf('[');
  if (open < 0) return [text];
  const close = text.indexOf(']', open);
  if (close < 0) throw inventoryError(`The range in '${text}' has no closing ']'.`, position);
  const head = text.slice(0, open);
  const tails = expandRanges(text.slice(close + 1), position);
  const range = text.slice(open + 1, close);
  const values = rangeValues(range, position);
  checkCount(values.length * tails.length, range, position);
  return values.flatMap((value) => tails.map((tail) => head + value + tail));
}

function rangeValues(range: string, position: Position | undefined): string[] {
  const bounds = range.split(':');
  if (bounds.length !== 2 && bounds.length !== 3) {
    throw inventoryError(`Host range [${range}] must be begin:end or begin:end:step.`, position);
  }
  const begin = bounds[0] === '' ? '0' : bounds[0]!;
  const end = bounds[1]!;
  if (end === '') throw inventoryError(`Host range [${range}] must specify an end value.`, position);
  const step = bounds.length === 2 || bounds[2] === '' ? 1 : Number(bounds[2]);
  if (!Number.isInteger(step) || step < 1) {
    throw inventoryError(`The step of host range [${range}] must be a whole number from 1.`, position);
  }
  return letters.includes(begin) && letters.includes(end) && begin.length === 1 && end.length === 1
    ? letterRange(begin, end, step, range, position)
    : numberRange(begin, end, step, range, position);
}

function checkCount(count: number, range: string, position: Position | undefined): void {
  const problem = tooManyItems(count);
  if (problem) throw inventoryError(`Host range [${range}]: ${problem.message}`, position, problem.hint);
}

function letterRange(begin: string, end: string, step: number, range: string, position?: Position): string[] {
  const first = letters.indexOf(begin);
  const last = letters.indexOf(end);
  if (first > last) throw inventoryError(`Host range [${range}] must have begin <= end.`, position);
  return [...letters.slice(first, last + 1)].filter((_, index) => index % step === 0);
}

function numberRange(begin: string, end: string, step: number, range: string, position?: Position): string[] {
  if (!/^\d+$/.test(begin) || !/^\d+$/.test(end)) {
    throw inventoryError(`Host range [${range}] must be between two numbers or two letters.`, position);
  }
  const padded = begin.length > 1 && begin.startsWith('0');
  if (padded && begin.length !== end.length) {
    throw inventoryError(`Host range [${range}] must specify equal-length begin and end formats.`, position);
  }
  if (Number(begin) > Number(end)) throw inventoryError(`Host range [${range}] must have begin <= end.`, position);
  checkCount(Math.floor((Number(end) - Number(begin)) / step) + 1, range, position);
  const values: string[] = [];
  for (let number = Number(begin); number <= Number(end); number += step) {
    values.push(padded ? String(number).padStart(begin.length, '0') : String(number));
  }
  return values;
}
