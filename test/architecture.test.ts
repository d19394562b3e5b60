import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import test from 'ava';
import { moduleAliases } from '../runner/module/aliases.ts';
import { createCatalog } from '../runner/module/catalog.ts';
import { packageRoot } from '../runner/root.ts';

/** What each part may import, beside itself. docs/architecture.md tells why. */
const base = [
  'runner/python',
  'runner/value',
  'runner/dicts',
  'runner/position',
  'runner/errors',
  'runner/become-methods',
  'runner/clock',
  'runner/computing',
  'runner/limits',
  'runner/shared-values',
  'runner/root',
  'runner/directories',
  'runner/glob',
  'runner/search-path',
  'runner/lazy-mapping',
  'runner/table',
  'runner/stat',
  'runner/wait',
  'runner/version',
  'runner/printable',
  'runner/secrets',
];
const allowed: Record<string, readonly string[]> = {
  'runner/secrets': base,
  'runner/language': [...base, 'runner/template', 'runner/module'],
  'runner/template': [...base, 'runner/language/yaml'],
  'runner/inventory': [...base, 'runner/language/yaml'],
  'runner/variables': [
    ...base,
    'runner/language',
    'runner/inventory',
    'runner/template',
    'runner/connection/connection',
  ],
  'runner/connection': base,
  'runner/module': [
    ...base,
    'runner/language/load',
    'runner/connection/connection',
    'runner/connection/host-functions',
    'runner/connection/probe-functions',
    'runner/connection/quote',
    'runner/template/templar',
    'runner/template/rules',
  ],
  'runner/strategy': [...base, 'runner/language/tree', 'runner/language/walk'],
  'runner/execute': [
    ...base,
    'runner/events',
    'runner/language',
    'runner/inventory',
    'runner/variables',
    'runner/template',
    'runner/module',
    'runner/connection',
    'runner/strategy',
  ],
  'runner/report': [...base, 'runner/events', 'runner/module/contract', 'runner/language/snippet'],
  modules: [...base, 'runner/module', 'runner/directories'],
};

interface Source {
  readonly file: string;
  readonly text: string;
}

function sources(folder: string): Source[] {
  return readdirSync(path.join(packageRoot, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => path.join(folder, file))
    .map((file) => ({ file, text: readFileSync(path.join(packageRoot, file), 'utf8') }));
}

function imports(source: Source): string[] {
  const found = [...source.text.matchAll(/(?:from|import\()\s*'(\.[^']+)'/g)];
  return found.map((match) => path.join(path.dirname(source.file), match[1]!).replace(/\.ts$/, ''));
}

for (const [part, targets] of Object.entries(allowed)) {
  test(`${part} imports only what it may`, (t) => {
    const files = sources(part);
    t.true(files.length > 0);
    for (const source of files) {
      for (const target of imports(source)) {
        const fine = [part, ...targets].some((prefix) => target === prefix || target.startsWith(`${prefix}/`));
        t.true(fine, `${source.file} imports ${target}`);
      }
    }
  });
}

/** The text of a file without its string literals: scripts for other processes may print and exit. */
function codeOf(source: Source): string {
  return source.text.replaceAll(/'(?:[^'\\\n]|\\.)*'/g, "''");
}

test('only reporters and the command line write to the terminal, and only the command line exits', (t) => {
  for (const source of [...sources('runner'), ...sources('modules')]) {
    if (source.file.startsWith('runner/cli/')) continue;
    t.notRegex(codeOf(source), /\bprocess\.exit\b/, source.file);
    if (source.file.startsWith('runner/report/')) continue;
    t.notRegex(codeOf(source), /\bconsole\.|\bprocess\.std(out|err)\b/, source.file);
  }
});

/** Names of functions and methods that give a promise, as far as their declarations say so. */
function promising(all: readonly Source[]): Set<string> {
  const declared =
    /async (?:function )?#?(\w+)\s*[(<]|#?(\w+) = async\b|#?(\w+)(?:<[^(\n]*>)?\([^;{}]*?\)\s*:\s*Promise</g;
  return new Set(
    all.flatMap(({ text }) => [...text.matchAll(declared)].map((match) => match[1] ?? match[2] ?? match[3]!)),
  );
}

/** The lines that stand in the `try` or `catch` of a function that gives a promise; the formatter puts a block's ends at one column. */
function guardedLines(source: Source): string[] {
  const blocks = source.text.matchAll(
    /^( *)try \{((?:\n\1 [^\n]*|\n(?=\n))*)\n\1\}(?: catch[^\n]*\{((?:\n\1 [^\n]*|\n(?=\n))*)\n\1\} finally)?/gm,
  );
  return [...blocks].flatMap((block) => {
    const head = functionAround(source.text.slice(0, block.index), block[1]!.length);
    return /\basync\b|Promise</.test(head) ? `${block[2]}\n${block[3] ?? ''}`.split('\n') : [];
  });
}

/** The last line of the head of the function that a statement of that indentation stands in. */
function functionAround(before: string, indentation: number): string {
  for (const line of before.split('\n').reverse()) {
    if (line.trim() === '' || line.search(/\S/) >= indentation) continue;
    if (/\{$/.test(line) && !/^\s*(?:\} )?(?:if|else|for|while|do|switch|try|catch|finally)\b/.test(line)) return line;
  }
  return '';
}

test('a promise is awaited where its error is to be caught', (t) => {
  const all = [...sources('runner'), ...sources('modules')];
  const names = promising(all);
  t.true(names.has('runModule') && names.has('runRecords'));
  for (const source of all) {
    for (const line of guardedLines(source)) {
      const called = /\breturn (?:[\w.#!?]*\.)?#?(\w+)(?:<[^(]*>)?\(/.exec(line);
      t.false(called !== null && names.has(called[1]!), `${source.file}: ${line.trim()}`);
    }
  }
});

test('every module has its file’s name, and the aliases known at start are the modules’ own', async (t) => {
  const catalog = createCatalog();
  const aliases: Record<string, string> = {};
  for (const name of catalog.names) {
    if (name in moduleAliases) continue;
    const module = (await catalog.load(name))!;
    t.is(module.name, name);
    for (const alias of module.aliases ?? []) aliases[alias] = name;
  }
  t.deepEqual(aliases, { ...moduleAliases });
});

test('only runner/python writes the words of Python, and decides which words are true', (t) => {
  // YAML has words of its own.
  const others = [...sources('runner'), ...sources('modules')].filter(
    ({ file }) => !file.startsWith('runner/python/') && file !== 'runner/language/yaml-scalars.ts',
  );
  for (const { file, text } of others) {
    t.notRegex(text, /\? 'True' : 'False'/, file);
    t.notRegex(text, /'yes', 'on'|'on', 'yes'|\byes\|on\b|\btrue\|yes\|on\b|\bon\|1\|true\b/, file);
    t.notRegex(text, /JSON\.stringify\([^)]*\)\.replace\(\/\[\\x7f/, file);
  }
});

test('only the search path looks for files of playbooks, and only one file walks through shell patterns', (t) => {
  const searching = ['runner/language', 'runner/template', 'runner/variables', 'runner/execute'];
  // Roles, playbooks and what the lookup password keeps have places of their own.
  const own = /\/(?:role-search|role-files|playbook|loader|password)\.ts$/;
  for (const { file, text } of searching.flatMap(sources)) {
    if (!own.test(file)) t.notRegex(text, /\bexistsSync\b/, file);
    t.notRegex(text, /function globSync/, file);
  }
});

/** The modules that a file of modules/ is of or is used by, other files of modules/shared/ between. */
function modulesUsing(
  file: string,
  importers: ReadonlyMap<string, readonly string[]>,
  seen = new Set<string>(),
): Set<string> {
  const found = new Set<string>();
  for (const user of importers.get(file) ?? []) {
    if (seen.has(user)) continue;
    seen.add(user);
    if (user.startsWith('modules/shared/')) for (const one of modulesUsing(user, importers, seen)) found.add(one);
    else found.add(user.split('/').slice(0, 2).join('/').replace(/\.ts$/, ''));
  }
  return found;
}

test('modules/shared has what two modules use, and what one uses is in its own directory', (t) => {
  const all = [...sources('modules'), ...sources('runner'), ...sources('scripts')];
  const importers = new Map<string, string[]>();
  for (const source of all) {
    for (const target of imports(source)) {
      const file = `${target}.ts`;
      importers.set(file, [...(importers.get(file) ?? []), source.file]);
    }
  }
  for (const { file } of sources('modules')) {
    const users = [...modulesUsing(file, importers)];
    const [, directory] = file.split('/');
    if (directory === 'shared') t.true(users.length > 1, `${file} is used by ${users.join(', ') || 'nobody'} only`);
    else if (file.split('/').length > 2)
      t.deepEqual(users, [`modules/${directory}`], `${file} is of the module ${directory}`);
  }
});
