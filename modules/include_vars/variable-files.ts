import { statSync } from 'node:fs';
import path from 'node:path';
import { ModuleFailure } from '../../runner/module/contract.ts';
import { namesIn, systemPath } from '../../runner/python/file-names.ts';
import { pythonRegex, pythonSearch } from '../shared/python-regex.ts';

/** Which files of a folder include_vars reads. */
export interface VariableFileOptions {
  /** Levels of folders, 0 for all. */
  readonly depth: number;
  readonly matching: string | undefined;
  readonly ignored: readonly string[];
  readonly extensions: readonly string[];
  readonly ignoreUnknown: boolean;
  /** The role's folder: its vars/main.yml is never read, since every role reads it anyway. */
  readonly rolePath: string | undefined;
}

/** The files that include_vars reads for a folder, in order. Throws {@link ModuleFailure} for a file with another extension. */
export function filesToInclude(folder: string, options: VariableFileOptions): string[] {
  if (!statSync(systemPath(folder)).isDirectory()) throw new ModuleFailure(`${folder} is not a directory`);
  return walk(folder, options, 1);
}

function walk(folder: string, options: VariableFileOptions, level: number): string[] {
  const names = namesIn(folder).sort();
  const isFolder = (name: string): boolean => statSync(systemPath(path.join(folder, name))).isDirectory();
  const files = names
    .filter((name) => !isFolder(name) && isWanted(folder, name, options))
    .map((name) => path.join(folder, name));
  if (options.depth !== 0 && level >= options.depth) return files;
  return [...files, ...names.filter(isFolder).flatMap((name) => walk(path.join(folder, name), options, level + 1))];
}

function isWanted(folder: string, name: string, options: VariableFileOptions): boolean {
  if (options.ignored.some((ignored) => pythonSearch(pythonRegex(`${ignored}$`), name))) return false;
  if (options.matching !== undefined && !pythonSearch(pythonRegex(options.matching), name)) return false;
  if (options.rolePath !== undefined && path.join(folder, name) === path.join(options.rolePath, 'vars', 'main.yml')) {
    return false;
  }
  if (options.extensions.includes(path.extname(name).slice(1))) return true;
  if (options.ignoreUnknown) return false;
  throw new ModuleFailure(
    `${path.join(folder, name)} does not have a valid extension: ${options.extensions.join(', ')}`,
  );
}
