import { mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadBundle } from '../runner/cli/bundle.ts';
import type { program as Program } from '../runner/cli/program.ts';
import { packageRoot } from '../runner/root.ts';
import { wrapModule } from './wrap-module.ts';
import { wrapPackages } from './wrap-package.ts';

/**
 * Puts the compiled files of runner/ and modules/ into one, dist/bundle/kplay.js, and V8's code for what a run needs
 * beside it. Node takes half a millisecond to find and load a file, so loading one in place of 300 saves most of the
 * time that kplay takes to start.
 */
const output = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');

const entries = ['runner', 'modules'].flatMap((folder) =>
  readdirSync(path.join(output, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.js'))
    .map((file) => path.posix.join(folder, file.split(path.sep).join('/')))
    // The program's first file and the loader stay outside.
    .filter((name) => name !== 'runner/cli/main.js' && name !== 'runner/cli/bundle.js'),
);

const files = entries.sort().map((name) => {
  const text = readFileSync(path.join(output, name), 'utf8');
  return `${JSON.stringify(name)}: ${wrapModule(text, name)}`;
});

// What loads synchronously and for nearly every run; the live view's packages are loaded when there is a terminal.
const packages = wrapPackages(
  [
    'js-yaml',
    'ssh2',
    'ssh2/lib/protocol/constants.js',
    'nunjucks/src/lexer.js',
    'nunjucks/src/nodes.js',
    'nunjucks/src/parser.js',
  ],
  packageRoot,
);
const packageFiles = [...packages.files].map(([name, text]) => `${JSON.stringify(name)}: ${text}`);

const runtime = `(function (nodeRequire, nodeImport, base) {
const packages = {
${packageFiles.join(',\n')}
};
const names = ${JSON.stringify(packages.names)};
const loadedPackages = Object.create(null);
function requireFrom(from) {
  const known = names[from];
  const folder = from.slice(0, from.lastIndexOf('/') + 1);
  return (word) => {
    if (Object.hasOwn(known, word)) return requirePackage(known[word]);
    return nodeRequire(word.startsWith('.') ? new URL(word, 'file:///' + folder).pathname.slice(1) : word);
  };
}
function requirePackage(name) {
  const known = loadedPackages[name];
  if (known) return known.exports;
  const module = (loadedPackages[name] = { exports: {} });
  packages[name].call(module.exports, module.exports, requireFrom(name), module, name.slice(0, name.lastIndexOf('/')));
  return module.exports;
}
const files = (function () {
'use strict';
return {
${files.join(',\n')}
};
})();
const loaded = Object.create(null);
const requireOwn = requireFrom('');
function load(name) {
  const known = loaded[name];
  if (known) return known;
  const exports = (loaded[name] = Object.create(null));
  const url = base + name;
  files[name](exports, load, requireOwn, (to) => dynamic(to, url), { url });
  return exports;
}
function dynamic(to, from) {
  const relative = to.startsWith('.') || to.startsWith('file:');
  const href = relative ? new URL(to, from).href : to;
  const name = href.startsWith(base) ? href.slice(base.length) : undefined;
  if (name === undefined || !Object.hasOwn(files, name)) return nodeImport(href);
  return new Promise((resolve) => resolve(load(name)));
}
return load;
})
`;

const folder = path.join(output, 'bundle');
rmSync(folder, { recursive: true, force: true });
mkdirSync(folder);
writeFileSync(
  path.join(folder, 'LICENCES'),
  [...packages.licences].map(([name, text]) => `${name}\n${'-'.repeat(name.length)}\n${text.trim()}\n`).join('\n'),
);
// Text without other characters is read and kept a byte each.
const escaped = runtime.replace(/[^\0-\x7f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
// Renamed when whole: kplay may be started at any time.
writeFileSync(path.join(folder, 'kplay.js.new'), escaped, 'latin1');
renameSync(path.join(folder, 'kplay.js.new'), path.join(folder, 'kplay.js'));

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
    const { program } = bundle.require('runner/cli/program.js') as { program: typeof Program };
    bundle.require('runner/connection/ssh/connect.js');
    let said = '';
    process.stdout.write = ((text: string) => {
      said += text;
      return true;
    }) as typeof write;
    const code = await program(['run', playbook, '-i', 'localhost,', '-c', 'local', '--check']);
    process.stdout.write = write;
    if (code !== 0) throw new Error(`the bundle does not work:\n${said}`);
    writeFileSync(`${file}.new`, bundle.code());
    renameSync(`${file}.new`, file);
  } finally {
    process.stdout.write = write;
    rmSync(work, { recursive: true, force: true });
  }
}
