import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { folders, sourceFolder } from './settings.ts';

/** A part of the cache: it is made again only when what it is made from has changed. */
export interface CachePart {
  readonly name: string;
  /** What it depends on besides the scripts: versions, lists of names. */
  readonly inputs: readonly string[];
  /** Files below test/lab whose text it depends on. */
  readonly sources: readonly string[];
  /** Makes it from nothing; must cope with a half-made one. */
  make(): Promise<void>;
}

/** Makes the part unless it stands already, and says so by `say`. An interrupted making is started again next time. */
export async function ensurePart(part: CachePart, say: (text: string) => void): Promise<void> {
  const stamp = path.join(folders.cache, 'stamps', part.name);
  const wanted = fingerprint(part);
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return;
  rmSync(stamp, { force: true });
  const start = Date.now();
  await part.make();
  mkdirSync(path.dirname(stamp), { recursive: true });
  writeFileSync(stamp, wanted);
  say(`${part.name}: made in ${((Date.now() - start) / 1000).toFixed(1)} s`);
}

/** A text that changes when anything the part is made from changes. */
export function fingerprint(part: Pick<CachePart, 'name' | 'inputs' | 'sources'>): string {
  const hash = createHash('sha256').update(JSON.stringify([part.name, part.inputs]));
  for (const source of part.sources) {
    hash.update(`\0${source}\0`).update(readFileSync(path.join(sourceFolder, source)));
  }
  return `${hash.digest('hex')}\n`;
}
