import { readFileSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { Script } from 'node:vm';
import type { program as Program } from './program.ts';

/** The compiled program in one file (scripts/bundle.ts makes it), with V8's code for it beside it. */
export interface Bundle {
  readonly program: typeof Program;
  /** V8's code for all that has run so far. */
  code(): Buffer;
}

/** What the bundle's one function takes: what Node gives to a CommonJS file, and the file's address. */
type Factory = (require: NodeJS.Require, module: { exports: unknown }, folder: string, url: string) => void;

const url = new URL('../../bundle/kplay.js', import.meta.url);
const file = fileURLToPath(url);
/** Where files of the bundle take themselves to be: as deep as those that look for folders beside theirs. */
const place = new URL('program.js', import.meta.url);

/** The bundle, or undefined when there is none or when the files that it was made of have been compiled since. */
export function loadBundle(): Bundle | undefined {
  let source: string;
  let cachedData: Buffer | undefined;
  try {
    if (statSync(file).mtimeMs < statSync(fileURLToPath(import.meta.url)).mtimeMs) return undefined;
    source = readFileSync(file, 'latin1');
  } catch {
    return undefined;
  }
  try {
    cachedData = readFileSync(file.replace(/js$/, 'code'));
  } catch {
    // Without it everything is compiled anew, as it is when another version of Node made it.
  }
  const script = new Script(source, { filename: file, ...(cachedData ? { cachedData } : {}) });
  const module: { exports: unknown } = { exports: {} };
  (script.runInThisContext() as Factory)(createRequire(url), module, path.dirname(file), place.href);
  const { program } = module.exports as { program: typeof Program };
  return { program, code: () => script.createCachedData() };
}
