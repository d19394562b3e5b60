import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import test from 'ava';
import { packageRoot } from '../runner/root.ts';
import { version } from '../runner/version.ts';
import { temporaryDirectory } from './temporary.ts';

const run = promisify(execFile);

interface LockFile {
  readonly packages: Readonly<Record<string, { readonly integrity?: string }>>;
}

test('the lock file knows a hash of every package, those for other platforms too', (t) => {
  const lock = JSON.parse(readFileSync(path.join(packageRoot, 'package-lock.json'), 'utf8')) as LockFile;
  const packages = Object.entries(lock.packages).filter(([place]) => place !== '');
  t.true(packages.length > 100);
  t.deepEqual(
    packages.filter(([, { integrity }]) => !integrity?.startsWith('sha512-')).map(([place]) => place),
    [],
    'npm leaves hashes out when it writes the file beside a node_modules: take the entries out, and write it in a directory without one',
  );
});

test('the packed package installs globally and runs', async (t) => {
  const folder = temporaryDirectory('kplay-pack');
  await run('npm', ['pack', '--ignore-scripts', '--pack-destination', folder], { cwd: packageRoot });
  const tarball = readdirSync(folder).find((name) => name.endsWith('.tgz'))!;
  const install = [
    'install',
    '--global',
    '--prefix',
    folder,
    '--no-audit',
    '--no-fund',
    '--prefer-offline',
    path.join(folder, tarball),
  ];
  await run('npm', install, { cwd: folder });
  const kplay = path.join(folder, 'bin', 'kplay');
  t.is((await run(kplay, ['--version'])).stdout, `kplay ${version}\n`);
  t.regex((await run(kplay, ['doc', 'copy'])).stdout, /^copy\n/);
  const installed = path.join(folder, 'lib', 'node_modules', 'kplay');
  const playbooks = ['ha', 'single', 'reset', 'verify'].map((name) => path.join(installed, 'playbooks', `${name}.yml`));
  const { stdout } = await run(kplay, ['lint', '-i', path.join(installed, 'inventory'), ...playbooks], { cwd: folder });
  t.is(stdout.match(/^playbook: /gm)?.length, playbooks.length);
});

test('npx finds kplay in a checkout', async (t) => {
  const cache = temporaryDirectory('kplay-npx');
  // A cache of its own, and no build while the other tests use it.
  const env = { ...process.env, npm_config_cache: cache, npm_config_ignore_scripts: 'true' };
  const { stdout } = await run('npx', ['--no-install', 'kplay', '--version'], { cwd: packageRoot, env });
  t.is(stdout, `kplay ${version}\n`);
});
