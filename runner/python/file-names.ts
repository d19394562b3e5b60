import { readdirSync, readFileSync } from 'node:fs';
import { decode, encode } from './bytes.ts';

/** A path as node:fs takes it: names may hold bytes that are not UTF-8 (bytes.ts), which only a Buffer can say. */
export function systemPath(path: string): string | Buffer {
  return path.isWellFormed() ? path : encode(path);
}

/** The text of a file of this machine; bytes that are not UTF-8 are kept in it (bytes.ts). Throws what node:fs throws. */
export function readText(path: string): string {
  return decode(readFileSync(systemPath(path)));
}

/** The names in a folder of this machine, in no order. Throws what node:fs throws. */
export function namesIn(folder: string): string[] {
  const path = systemPath(folder);
  const names = readdirSync(path);
  if (!names.some((name) => name.includes('\ufffd'))) return names;
  return readdirSync(path, { encoding: 'buffer' }).map(decode);
}
