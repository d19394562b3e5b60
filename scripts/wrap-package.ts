import { readFileSync } from 'node:fs';
import { createRequire, isBuiltin } from 'node:module';
import path from 'node:path';

/** Files of packages for the bundle: each a function of its own, and what they call each other. */
export interface WrappedPackages {
  /** Texts of the functions by the files' names: `ssh2/lib/index.js`. */
  readonly files: ReadonlyMap<string, string>;
  /** What a file's `require` means, by the file's name and the word that it is given; for `''` the words of our own files. */
  readonly names: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** The packages that the files are from, with their licences. */
  readonly licences: ReadonlyMap<string, string>;
}

/** Takes in what requiring the given words loads out of node_modules. */
export function wrapPackages(words: readonly string[], folder: string): WrappedPackages {
  const require = createRequire(path.join(folder, 'package.json'));
  const modules = `${path.join(folder, 'node_modules')}${path.sep}`;
  const nameOf = (file: string): string => file.slice(modules.length).split(path.sep).join('/');
  const files = new Map<string, string>();
  const names: Record<string, Record<string, string>> = { '': {} };
  const licences = new Map<string, string>();
  for (const word of words) {
    require(word);
    names['']![word] = nameOf(require.resolve(word));
  }
  for (const file of Object.keys(require.cache).filter((one) => one.startsWith(modules))) {
    const name = nameOf(file);
    const text = readFileSync(file, 'utf8');
    files.set(name, wrap(file, text));
    names[name] = requiredBy(file, text, (found) => (require.cache[found] ? nameOf(found) : undefined));
    const owner = /^(?:@[^/]+\/)?[^/]+/.exec(name)![0];
    licences.set(owner, licenceOf(path.join(modules, owner)));
  }
  return { files, names, licences };
}

function wrap(file: string, text: string): string {
  const body = file.endsWith('.json') ? `module.exports = ${text}` : text;
  // Only ssh2 asks for its folder, to find a program for Windows.
  return `function (exports, require, module, __dirname) {\n${body}\n}`;
}

function requiredBy(file: string, text: string, known: (file: string) => string | undefined): Record<string, string> {
  const require = createRequire(file);
  const found: Record<string, string> = {};
  for (const [, word] of text.matchAll(/\brequire\(\s*['"]([^'"]+)['"]\s*\)/g)) {
    if (isBuiltin(word!)) continue;
    try {
      const name = known(require.resolve(word!));
      if (name !== undefined) found[word!] = name;
    } catch {
      // Something optional that is not installed here; looked for again when it is asked for.
    }
  }
  return found;
}

function licenceOf(folder: string): string {
  for (const name of ['LICENSE', 'LICENSE.md', 'License', 'license', 'LICENSE.txt', 'LICENCE']) {
    try {
      return readFileSync(path.join(folder, name), 'utf8');
    } catch {
      // Another name, then.
    }
  }
  const { license } = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8')) as { license?: string };
  return `${license ?? 'unknown'}\n`;
}
