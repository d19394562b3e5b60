import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { ModuleCatalog } from '../language/load.ts';
import { moduleAliases } from './aliases.ts';
import type { Module } from './contract.ts';

const modulesFolder = new URL('../../modules/', import.meta.url);

/** Collections whose modules are known by their short name here. */
const collections = ['ansible.builtin', 'ansible.legacy', 'ansible.posix', 'community.general', 'kplay.builtin'];

/** Finds modules by any of their names, and loads a module's file when it is first used. */
export interface LoadableCatalog extends ModuleCatalog {
  /** The module itself, or undefined for an unknown name. */
  load(name: string): Promise<Module | undefined>;
  /** The canonical short name, or undefined for an unknown one. */
  canonicalName(name: string): string | undefined;
}

/** Makes the catalog of the modules that ship with kplay: every file of modules/ is one, named as the file. */
export function createCatalog(): LoadableCatalog {
  const files = moduleFiles();
  const loaded = new Map<string, Promise<Module>>();
  const canonicalName = (name: string): string | undefined => {
    const short = shortName(name);
    const target = moduleAliases[short] ?? short;
    return files.has(target) ? target : undefined;
  };
  const load = (name: string): Promise<Module | undefined> => {
    const canonical = canonicalName(name);
    if (canonical === undefined) return Promise.resolve(undefined);
    let module = loaded.get(canonical);
    if (!module) {
      module = importModule(canonical);
      loaded.set(canonical, module);
    }
    return module;
  };
  return {
    names: new Set([...files, ...Object.keys(moduleAliases)]),
    canonicalName,
    load,
    signature: load,
  };
}

function moduleFiles(): Set<string> {
  // By name alone: asking what each entry is takes a millisecond, and a folder has no such ending.
  const names = readdirSync(fileURLToPath(modulesFolder)).map((name) => /^([a-z0-9_]+)\.(?:js|ts)$/.exec(name)?.[1]);
  return new Set(names.filter((name) => name !== undefined));
}

async function importModule(name: string): Promise<Module> {
  // Written so that the bundler sees which files it may be.
  const file = (await import(`../../modules/${name}.ts`)) as { default: Module };
  return file.default;
}

function shortName(name: string): string {
  for (const collection of collections) {
    if (name.startsWith(`${collection}.`)) return name.slice(collection.length + 1);
  }
  return name;
}
