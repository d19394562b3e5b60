import { readFileSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { Script } from 'node:vm';

/** The compiled program in one file (scripts/bundle.ts makes it), with V8's code for it beside it. */
export interface Bundle {
  /** A file's exports; the file is named by its path in the output folder: `runner/run.js`. */
  require(name: string): unknown;
  /** V8's code for all that has run so far. */
  code(): Buffer;
}

type Factory = (
  nodeRequire: NodeJS.Require,
  nodeImport: (specifier: string) => Promise<unknown>,
  base: string,
) => (name: string) => unknown;

const folder = new URL('../../', import.meta.url);
const file = fileURLToPath(new URL('bundle/kplay.js', folder));

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
  const factory = script.runInThisContext() as Factory;
  const nodeImport = (specifier: string): Promise<unknown> => import(specifier);
  return {
    require: factory(createRequire(import.meta.url), nodeImport, folder.href),
    code: () => script.createCachedData(),
  };
}
