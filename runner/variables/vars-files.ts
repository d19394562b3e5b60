import { type HashBehaviour, joinDicts } from '../dicts.ts';
import { KplayError } from '../errors.ts';
import type { PlayNode, Written } from '../language/tree.ts';
import { pythonText } from '../python/text.ts';
import { findFile } from '../search-path.ts';
import type { Templar } from '../template/templar.ts';
import type { Mapping, Value } from '../value.ts';
import { mapping } from '../value.ts';
import type { Layer } from './layer.ts';
import { written } from './layer.ts';
import { isPlain } from './render.ts';
import { folderOfPlay } from './search-path.ts';
import type { TaskScope } from './task-scope.ts';
import { readVariableFile } from './variable-files.ts';

/** Makes a scope for a host that sees the given layers above those that are lower than vars_files. */
export type ScopeBelow = (layers: readonly Layer[]) => TaskScope;

const nothing = mapping();

/** A play's vars_files. Names may hold templates over what is known of the host; the same files are read once. */
export class VarsFiles {
  readonly #entries: readonly Written[];
  readonly #directories: readonly string[];
  readonly #templar: Templar;
  readonly #read = new Map<string, Mapping>();
  readonly #merged = new Map<string, Mapping>();
  readonly #plain: boolean;
  readonly #behaviour: HashBehaviour;

  constructor(play: PlayNode, playbookFolder: string, templar: Templar, behaviour: HashBehaviour) {
    this.#behaviour = behaviour;
    this.#entries = play.varsFiles;
    this.#directories = [...new Set([folderOfPlay(play), playbookFolder])];
    this.#templar = templar;
    this.#plain = this.#entries.every((entry) => isPlain(entry.value, templar));
  }

  get isEmpty(): boolean {
    return this.#entries.length === 0;
  }

  /** Whether the files are the same for all hosts, so that no scope is needed. */
  get isPlain(): boolean {
    return this.#plain;
  }

  /**
   * The variables of all files, later ones winning. While a host has no facts, a file whose name needs an undefined
   * variable is left out. Throws KplayError for files that are missing.
   */
  dict(scopeBelow: ScopeBelow, hasFacts: boolean): Mapping {
    if (this.#entries.length === 0) return nothing;
    const files: string[] = [];
    for (const entry of this.#entries) {
      const file = this.#fileOf(entry, files, scopeBelow, hasFacts);
      if (file !== undefined) files.push(file);
    }
    return this.#merge(files);
  }

  #fileOf(entry: Written, before: readonly string[], scopeBelow: ScopeBelow, hasFacts: boolean): string | undefined {
    let names: readonly Value[];
    try {
      names = this.#names(entry, before, scopeBelow);
    } catch (error) {
      const undefinedOnly = error instanceof KplayError && error.problems.every(({ code }) => code === 'undefined');
      if (undefinedOnly && !hasFacts) return undefined;
      throw error;
    }
    for (const name of names) {
      const found = findFile(pythonText(name), 'vars', this.#directories);
      if (found !== undefined) return found;
    }
    throw new KplayError({
      code: 'missing-file',
      message: `There is no file of variables ${names.map((name) => `"${pythonText(name)}"`).join(' or ')}.`,
      position: entry.position,
      hint: `It was looked for in ${this.#directories.join(', ')}.`,
    });
  }

  #names(entry: Written, before: readonly string[], scopeBelow: ScopeBelow): readonly Value[] {
    let value: Value = entry.value;
    if (!isPlain(value, this.#templar)) {
      const { context } = scopeBelow([written(this.#merge(before))]);
      value = this.#templar.render(value, context, entry.position);
    }
    return Array.isArray(value) ? value : [value];
  }

  #merge(files: readonly string[]): Mapping {
    const key = files.join('\0');
    let merged = this.#merged.get(key);
    if (!merged) {
      const dicts = files.map((file) => this.#file(file));
      merged = joinDicts(dicts, this.#behaviour);
      this.#merged.set(key, merged);
    }
    return merged;
  }

  #file(file: string): Mapping {
    let dict = this.#read.get(file);
    if (!dict) {
      dict = readVariableFile(file);
      this.#read.set(file, dict);
    }
    return dict;
  }
}
