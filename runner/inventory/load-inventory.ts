import { accessSync, constants, existsSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import type { HashBehaviour } from '../dicts.ts';
import type { Warn } from '../errors.ts';
import { yamlText } from '../language/yaml.ts';
import { decode } from '../python/bytes.ts';
import { namesIn, systemPath } from '../python/file-names.ts';
import { hostEntry } from './host-range.ts';
import { readIniInventory } from './ini.ts';
import type { Inventory } from './inventory.ts';
import type { GlobCompiler } from './inventory-data.ts';
import { InventoryData } from './inventory-data.ts';
import { inventoryError } from './inventory-error.ts';
import { readScriptInventory } from './script.ts';
import { readYamlInventory } from './yaml-inventory.ts';

export interface InventoryOptions {
  readonly warn: Warn;
  /** Folder that relative sources start from; the working folder when absent. */
  readonly cwd?: string;
  /** What becomes of dicts that several sources give a host or group under one name; the last one counts when absent. */
  readonly hashBehaviour?: HashBehaviour | undefined;
}

/** Endings that Ansible ignores in an inventory folder. */
const ignoredEndings = [
  '.pyc',
  '.pyo',
  '.swp',
  '.bak',
  '~',
  '.rpm',
  '.md',
  '.txt',
  '.rst',
  '.orig',
  '.ini',
  '.cfg',
  '.retry',
];

/**
 * Reads all inventory sources, one after the other into one inventory: files in INI or YAML (JSON) form, executable
 * scripts, folders of those in sorted order, host lists (`a,b,`). No source at all leaves the implicit localhost.
 * Throws KplayError `inventory` (or `yaml`) for what cannot be read; nothing is skipped over.
 */
export async function loadInventory(sources: readonly string[], options: InventoryOptions): Promise<Inventory> {
  const inventory = new InventoryData(await globCompiler(), options.hashBehaviour ?? 'replace');
  const cwd = options.cwd ?? process.cwd();
  for (const source of sources) {
    const full = path.resolve(cwd, source);
    if (source.includes(',') && !existsSync(systemPath(full))) {
      inventory.sources.push(source);
      readHostList(source, inventory);
      continue;
    }
    inventory.sources.push(full);
    const folder = await readSource(full, inventory, options.warn);
    if (!inventory.folders.includes(folder)) inventory.folders.push(folder);
  }
  inventory.currentSource = undefined;
  inventory.reconcile();
  warnOfNames(inventory, options.warn);
  if (sources.length === 0) options.warn('No inventory was parsed, only implicit localhost is available');
  if (inventory.hosts.size === 0) {
    options.warn(
      "provided hosts list is empty, only localhost is available. Note that the implicit localhost does not match 'all'",
    );
  }
  return inventory;
}

/** minimatch is loaded only when there is an inventory to match. */
async function globCompiler(): Promise<GlobCompiler> {
  const { Minimatch } = await import('minimatch');
  const options = { dot: true, nobrace: true, noext: true, noglobstar: true, nonegate: true, nocomment: true } as const;
  return (glob) => {
    const compiled = new Minimatch(glob, options);
    return (name) => compiled.match(name);
  };
}

function readHostList(source: string, inventory: InventoryData): void {
  inventory.currentSource = source;
  const group = inventory.group('ungrouped');
  for (const entry of source.split(',')) {
    if (entry.trim() === '') continue;
    const { names, port } = hostEntry(entry.trim());
    for (const name of names) inventory.place(name, group, port);
  }
}

/** Reads a file or folder; returns the folder whose group_vars and host_vars belong to it. */
async function readSource(source: string, inventory: InventoryData, warn: Warn): Promise<string> {
  if (!existsSync(systemPath(source))) {
    throw inventoryError(
      `There is no inventory at ${source}.`,
      undefined,
      'Give a file, a folder, or hosts with a comma behind each: -i host1,host2,',
    );
  }
  if (!statSync(systemPath(source)).isDirectory()) {
    await readFile(source, inventory, warn);
    return path.dirname(source);
  }
  for (const name of namesIn(source).sort()) {
    const ignored = name.startsWith('.') || ignoredEndings.some((ending) => name.endsWith(ending));
    if (ignored || name === 'group_vars' || name === 'host_vars' || name === 'vars_plugins') continue;
    await readSource(path.join(source, name), inventory, warn);
  }
  return source;
}

async function readFile(file: string, inventory: InventoryData, warn: Warn): Promise<void> {
  inventory.currentSource = file;
  const ending = path.extname(file).toLowerCase();
  if (ending === '.toml') {
    throw inventoryError(`TOML inventories are not supported: ${file}`, undefined, 'Write it in INI or YAML form.');
  }
  const bytes = readFileSync(systemPath(file));
  const script = bytes.subarray(0, 2).toString('latin1') === '#!';
  if (script || bytes.subarray(0, 4).toString('latin1') === '\x7fELF') {
    if (isExecutable(file)) return readScriptInventory(file, inventory);
    throw inventoryError(`The inventory ${file} is a script, but it is not executable.`, undefined, `chmod +x ${file}`);
  }
  const text = decode(bytes).replace(/^\uFEFF/, '');
  if (text.startsWith('$ANSIBLE_VAULT;')) {
    throw inventoryError('Inventories encrypted with ansible-vault are not supported.', { file, line: 1, column: 1 });
  }
  if (['.yml', '.yaml', '.json'].includes(ending) || looksLikeYaml(text))
    readYamlInventory(yamlText(bytes, file), file, inventory, warn);
  else readIniInventory(text, file, inventory);
}

function isExecutable(file: string): boolean {
  try {
    accessSync(systemPath(file), constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Whether a text without a telling name is YAML: its first line that says something is `---`, `{` or `key:`. */
function looksLikeYaml(text: string): boolean {
  const first = text.split(/\r?\n/).find((line) => !/^\s*([#;].*)?$/.test(line)) ?? '';
  return /^(---|\{|["']?[\w.-]+["']?\s*:(\s|$))/.test(first.trim());
}

function warnOfNames(inventory: Inventory, warn: Warn): void {
  const strange = [...inventory.groups.values()].filter(({ name }) => !/^[A-Za-z_]\w*$/.test(name));
  if (strange.length > 0) {
    const names = strange.map(({ name }) => name).join(', ');
    warn(`Invalid characters were found in group names but not replaced: ${names}`, strange[0]!.position);
  }
  for (const { name, position } of inventory.groups.values()) {
    if (inventory.hosts.has(name)) warn(`Found both group and host with same name: ${name}`, position);
  }
}
