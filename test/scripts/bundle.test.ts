import { readdirSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { loadBundle } from '../../runner/cli/bundle.ts';
import { wrapModule } from '../../scripts/wrap-module.ts';

const output = fileURLToPath(new URL('../../', import.meta.url));

test('every file of the bundle exports what the file itself does', async (t) => {
  const bundle = loadBundle();
  if (!bundle) return t.fail('there is no bundle of what was compiled last: npm run build');
  for (const folder of ['runner', 'modules']) {
    for (const file of readdirSync(path.join(output, folder), { recursive: true, encoding: 'utf8' })) {
      const name = `${folder}/${file}`;
      if (!name.endsWith('.js') || name === 'runner/cli/main.js' || name === 'runner/cli/bundle.js') continue;
      const own = (await import(path.join(output, name))) as Record<string, unknown>;
      const bundled = bundle.require(name) as Record<string, unknown>;
      t.deepEqual(Object.keys(bundled).sort(), Object.keys(own).sort(), name);
    }
  }
});

const evaluate = (text: string): Record<string, unknown> => {
  const exports: Record<string, unknown> = {};
  const load = (name: string) => ({ name, one: 1, two: 2 });
  const require = (name: string) => ({ name, join: 'join' });
  const wrapped = new Function(`return ${wrapModule(text, 'runner/a/b.js')}`)() as (...args: unknown[]) => void;
  wrapped(exports, load, require, (to: string) => `dynamic ${to}`, { url: 'file:///b.js' });
  return exports;
};

test('imports and exports become a function’s', (t) => {
  const exports = evaluate(`
import path, { join } from 'node:path';
import { name, one as first, } from '../c.js';
import {
  two,
} from './d.js';
export const sum = first + two;
export const { x } = { x: 5 };
export function exports() { return [name, join, path.name]; }
export class Thing {}
export default {
  later: import('./e.js'),
  here: import.meta.url,
};
const hidden = 3;
export { hidden as shown };
export { one } from './f.js';
`);
  t.is(exports.sum, 3);
  t.is(exports.x, 5);
  t.is(exports.shown, 3);
  t.is(exports.one, 1);
  t.deepEqual((exports.exports as () => unknown)(), ['runner/c.js', 'join', 'node:path']);
  t.deepEqual(exports.default, { later: 'dynamic ./e.js', here: 'file:///b.js' });
  t.is(typeof exports.Thing, 'function');
});

test('lines of texts for a shell stay as they are, and what is not understood is refused', (t) => {
  t.is(evaluate('export const text = `\nexport LC_ALL=C\nimport x\n`;').text, '\nexport LC_ALL=C\nimport x\n');
  t.throws(() => evaluate("import * as all from './x.js';"), { message: /not understood/ });
  t.throws(() => evaluate("export * from './x.js';"), { instanceOf: SyntaxError });
});
