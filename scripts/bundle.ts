import { chmodSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { loadBundle } from '../runner/cli/bundle.ts';
import { packageRoot } from '../runner/root.ts';
import { ssh2Parts } from './ssh2-parts.ts';
import { warmUp } from './warm-up.ts';

/*
 * Puts the files of runner/ and modules/, and the packages that they use, into one: dist/bundle/kplay.js, with V8's
 * code for what a run needs beside it. Node takes half a millisecond to find and load a file, so loading one in place of
 * 300 saves most of the time that kplay takes to start.
 */
const output = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const folder = path.join(output, 'bundle');
rmSync(folder, { recursive: true, force: true });
mkdirSync(folder);
await makeEntry(path.join(output, 'runner/cli/main.cjs'));

const { metafile } = await build({
  entryPoints: [path.join(packageRoot, 'runner/cli/program.ts')],
  outfile: path.join(folder, 'kplay.js.new'),
  bundle: true,
  platform: 'node',
  target: 'node20.19',
  format: 'cjs',
  // Text without other characters is read and kept a byte each.
  charset: 'ascii',
  // Compiled by ssh2's installation where there are tools for it; it does without.
  external: ['cpu-features', '*.node'],
  define: { 'import.meta.url': 'bundleUrl' },
  // Of js-yaml's two builds the one for require(). The other begins its parser's state with a spread, and V8 gives objects
  // made so a hidden class each, so that code that uses them is three times as slow.
  alias: { 'js-yaml': createRequire(import.meta.url).resolve('js-yaml') },
  banner: { js: '(function (require, module, __dirname, bundleUrl) {' },
  footer: { js: '})' },
  // A file in a Script cannot import() what is not in it.
  supported: { 'dynamic-import': false },
  plugins: [ssh2Parts],
  metafile: true,
  logLevel: 'warning',
});
writeFileSync(path.join(folder, 'LICENCES'), licences(Object.keys(metafile.inputs)));
// Renamed when whole: kplay may be started at any time.
renameSync(path.join(folder, 'kplay.js.new'), path.join(folder, 'kplay.js'));

/**
 * What the command kplay starts: main.ts and what loads the bundle in one file for require(). Node's loader for import takes
 * longer to start than all of that. (main.js, beside it, does the same.)
 */
async function makeEntry(file: string): Promise<void> {
  await build({
    entryPoints: [path.join(packageRoot, 'runner/cli/main.ts')],
    outfile: `${file}.new`,
    bundle: true,
    platform: 'node',
    target: 'node20.19',
    format: 'cjs',
    define: { 'import.meta.url': 'loaderUrl' },
    banner: { js: "const loaderUrl = require('node:url').pathToFileURL(`${__dirname}/bundle.js`).href;" },
    plugins: [
      {
        name: 'program-apart',
        setup: ({ onResolve }) =>
          onResolve({ filter: /^\.\/program\.ts$/ }, () => ({ path: './program.js', external: true })),
      },
    ],
    logLevel: 'warning',
  });
  chmodSync(`${file}.new`, 0o755);
  renameSync(`${file}.new`, file);
}

/** The licences of the packages that the files belong to. */
function licences(files: readonly string[]): string {
  const packages = files.map((file) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file)?.[0]);
  return [...new Set(packages)]
    .filter((name) => name !== undefined)
    .sort()
    .map((name) => {
      const [licence] = readdirSync(path.join(packageRoot, name)).filter((file) => /^licen[cs]e/i.test(file));
      const title = name.replace(/^.*node_modules\//, '');
      return `${title}\n\n${licence ? readFileSync(path.join(packageRoot, name, licence), 'utf8').trim() : 'see its package.json'}\n`;
    })
    .join('\n');
}

const code = path.join(folder, 'kplay.code');
const bundle = loadBundle();
if (!bundle) throw new Error('the bundle that was just written cannot be loaded');
await warmUp(bundle.program);
writeFileSync(`${code}.new`, bundle.code());
renameSync(`${code}.new`, code);
