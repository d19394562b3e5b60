import { statSync } from 'node:fs';
import path from 'node:path';
import { type HashBehaviour, joinDicts } from '../dicts.ts';
import { KplayError } from '../errors.ts';
import { readYamlFile } from '../language/yaml.ts';
import { namesIn, systemPath } from '../python/file-names.ts';
import type { Mapping } from '../value.ts';
import { isMapping, mapping } from '../value.ts';

const endings = ['', '.yml', '.yaml', '.json'];

/**
 * The group_vars/ and host_vars/ of one folder. `group_vars/NAME` is a file, or a folder whose files are read in
 * sorted order; the first that exists of NAME, NAME.yml, NAME.yaml, NAME.json counts. Each is read once, when asked for.
 */
export class VariableFolder {
  readonly #folder: string;
  readonly #behaviour: HashBehaviour;
  readonly #names = new Map<string, ReadonlySet<string>>();
  readonly #read = new Map<string, Mapping | undefined>();

  constructor(folder: string, behaviour: HashBehaviour) {
    this.#folder = folder;
    this.#behaviour = behaviour;
  }

  /** The variables of a group or host, or undefined when it has none. Throws KplayError for files that cannot be read. */
  find(kind: 'group_vars' | 'host_vars', name: string): Mapping | undefined {
    const key = `${kind}/${name}`;
    if (!this.#read.has(key)) this.#read.set(key, this.#readAll(kind, name));
    return this.#read.get(key);
  }

  #readAll(kind: string, name: string): Mapping | undefined {
    const ending = endings.find((candidate) => this.#listed(kind).has(name + candidate));
    if (ending === undefined) return undefined;
    const files = variableFiles(path.join(this.#folder, kind, name + ending));
    return joinDicts(files.map(readVariableFile), this.#behaviour);
  }

  /** The names in group_vars/ or host_vars/, looked up once for all groups and hosts. */
  #listed(kind: string): ReadonlySet<string> {
    let names = this.#names.get(kind);
    if (!names) {
      names = new Set(listFolder(path.join(this.#folder, kind)));
      this.#names.set(kind, names);
    }
    return names;
  }
}

/** A file itself, or the files of variables in a folder, its subfolders included, in sorted order. */
function variableFiles(place: string): string[] {
  if (!statSync(systemPath(place)).isDirectory()) return [place];
  return listFolder(place).flatMap((name) => {
    if (name.startsWith('.') || name.endsWith('~')) return [];
    const full = path.join(place, name);
    const ending = path.extname(name);
    if (statSync(systemPath(full)).isDirectory()) return ending === '' ? variableFiles(full) : [];
    return endings.includes(ending) ? [full] : [];
  });
}

/** The sorted names in a folder; none when there is no such folder. */
function listFolder(folder: string): string[] {
  try {
    return namesIn(folder).sort();
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return [];
    throw new KplayError({ code: 'missing-file', message: `Cannot read the folder ${folder}: ${message}` });
  }
}

/** Reads a YAML or JSON file of variables; empty is none. Throws KplayError, `variables` for what is no dict. */
export function readVariableFile(file: string): Mapping {
  const value = readYamlFile(file);
  if (value === null) return mapping();
  if (isMapping(value)) return value;
  throw new KplayError({
    code: 'variables',
    message: 'A file of variables must be a dict of names and values.',
    position: { file, line: 1, column: 1 },
  });
}
