import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { loadBundle } from '../../runner/cli/bundle.ts';

const output = fileURLToPath(new URL('../../', import.meta.url));

test('the bundle is of what was compiled last, and does what the files do', (t) => {
  t.truthy(loadBundle(), 'there is no bundle of what was compiled last: npm run build');
  const run = (file: string, call: string) =>
    execFileSync(process.execPath, ['--input-type=module', '-e', `${call}; await program(['doc', 'copy'])`], {
      cwd: path.join(output, file),
      encoding: 'utf8',
    });
  const bundled = run('runner/cli', "import { loadBundle } from './bundle.js'; const { program } = loadBundle()");
  t.is(bundled, run('runner/cli', "import { program } from './program.js'"));
});

test('every module is in it', (t) => {
  const text = readFileSync(path.join(output, 'bundle/kplay.js'), 'utf8');
  for (const file of readdirSync(path.join(output, 'modules')).filter((name) => name.endsWith('.js')))
    t.true(text.includes(`"../../modules/${file.replace(/js$/, 'ts')}"`), file);
});
