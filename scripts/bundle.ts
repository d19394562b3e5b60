import { mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { loadBundle } from '../runner/cli/bundle.ts';
import { ExitCode } from '../runner/errors.ts';
import { packageRoot } from '../runner/root.ts';
import { ssh2Parts } from './ssh2-parts.ts';

/*
 * Puts the files of runner/ and modules/, and the packages that they use, into one: dist/bundle/kplay.js, with V8's
 * code for what a run needs beside it. Node takes half a millisecond to find and load a file, so loading one in place of
 * 300 saves most of the time that kplay takes to start.
 */
const output = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const folder = path.join(output, 'bundle');
rmSync(folder, { recursive: true, force: true });
mkdirSync(folder);

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

/** Touches what nearly every playbook uses; changes nothing. */
const warmUp = `
- name: Warm up
  hosts: all
  vars:
    words: [one, two]
    folder: "{{ playbook_dir }}/{{ words | first }}"
  tasks:
    - name: Look at {{ folder }}
      ansible.builtin.stat: {path: "{{ folder }}"}
      register: found
      tags: [look]
    - name: Run a command
      ansible.builtin.command: {cmd: "true"}
      check_mode: false
      changed_when: false
      when: not found.stat.exists
    - name: Make a folder
      ansible.builtin.file: {path: "{{ folder }}", state: directory, mode: "0755"}
      loop: "{{ words }}"
      notify: Say so
    - name: Write a file
      ansible.builtin.copy: {content: "{{ words | join(',') }}\\n", dest: "{{ folder }}.txt"}
      when: words | length > 1 and (found is defined or ansible_facts.nothing | default(false) | bool)
    - name: A block
      when: false
      block:
        - ansible.builtin.debug: {msg: "{{ hostvars[inventory_hostname].words }}"}
  handlers:
    - name: Say so
      ansible.builtin.debug: {var: words}
`;

await keepCode(path.join(folder, 'kplay.code'));

/** Runs a small playbook here, so that V8 has compiled what every run needs, and keeps that code. */
async function keepCode(file: string): Promise<void> {
  const work = mkdtempSync(path.join(tmpdir(), 'kplay-bundle-'));
  const write = process.stdout.write;
  try {
    const playbook = path.join(work, 'playbook.yml');
    writeFileSync(playbook, warmUp);
    const bundle = loadBundle();
    if (!bundle) throw new Error('the bundle that was just written cannot be loaded');
    let said = '';
    process.stdout.write = ((text: string) => {
      said += text;
      return true;
    }) as typeof write;
    const run = (...words: string[]) => bundle.program(['run', playbook, '--check', ...words]);
    const code = await run('-i', 'localhost,', '-c', 'local');
    // Nobody listens there: what is wanted is the code up to that point.
    const unreachable = await run('-i', '127.0.0.1:1,');
    process.stdout.write = write;
    if (code !== 0 || unreachable !== ExitCode.unreachable) throw new Error(`the bundle does not work:\n${said}`);
    writeFileSync(`${file}.new`, bundle.code());
    renameSync(`${file}.new`, file);
  } finally {
    process.stdout.write = write;
    rmSync(work, { recursive: true, force: true });
  }
}
