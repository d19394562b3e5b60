import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { joinDicts } from '../dicts.ts';
import type { Position } from '../position.ts';
import { statOf } from '../stat.ts';
import { isMapping, type Mapping, mapping, type Value } from '../value.ts';
import { checkVariables } from './check-templates.ts';
import { checkVariableNames } from './common-keywords.ts';
import { Fields } from './fields.ts';
import { kindOf, type Loading, startOf } from './loading.ts';
import { positionOfRoot } from './yaml.ts';

const extensions = ['.yml', '.yaml', '.json'];
const ownSuffixes = [...extensions, ''];
const namedSuffixes = ['', ...extensions];

/** Finds `main` or a file that was asked for in a role's subfolder. Of variables it may be a folder of files. */
export function roleFiles(role: string, subfolder: string, from: string | undefined, folderAllowed: boolean): string[] {
  const base = path.join(role, subfolder, from ?? 'main');
  // Most roles have few of the subfolders, and asking for one costs less than for each file that may be in it.
  if (!existsSync(path.dirname(base))) return [];
  for (const suffix of from === undefined ? ownSuffixes : namedSuffixes) {
    const file = base + suffix;
    const stats = statOf(file);
    if (stats && !stats.isDirectory()) return [file];
    if (stats && folderAllowed) return filesBelow(file);
  }
  return [];
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => !entry.name.startsWith('.') && !entry.name.endsWith('~'))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const file = path.join(folder, entry.name);
      if (entry.isDirectory()) return filesBelow(file);
      return [...extensions, ''].includes(path.extname(entry.name)) ? [file] : [];
    });
}

/** A role's defaults or vars, later files over earlier ones. A missing `from` is reported. */
export function roleVariables(
  loading: Loading,
  role: string,
  subfolder: 'defaults' | 'vars',
  from: string | undefined,
  position: Position,
): Mapping {
  const files = roleFiles(role, subfolder, from, true);
  if (files.length === 0 && from !== undefined) reportMissing(loading, role, subfolder, from, position);
  const dicts = files.map((file) => readVariables(loading, file, position) ?? mapping());
  return joinDicts(dicts, loading.options.hashBehaviour);
}

/** Reports that a file of a role that was asked for by name is not there. */
export function reportMissing(
  loading: Loading,
  role: string,
  subfolder: string,
  from: string,
  position: Position,
): void {
  const folder = path.join(role, subfolder);
  const there = existsSync(folder) ? readdirSync(folder) : [];
  const problem = {
    code: 'missing-file',
    message: `The role "${path.basename(role)}" has no file "${subfolder}/${from}".`,
    position,
    hint: there.length > 0 ? `There are ${there.join(', ')}.` : undefined,
  } as const;
  loading.add(problem, true);
}

/** Reads and checks a file of variables; undefined when it is empty or wrong. */
export function readVariables(loading: Loading, file: string, position: Position): Mapping | undefined {
  const value = loading.attempt(() => loading.readYaml(file), position);
  return value === undefined ? undefined : variablesOf(loading, value, file);
}

function variablesOf(loading: Loading, value: Value, file: string): Mapping | undefined {
  if (value === null) return undefined;
  const start = positionOfRoot(value) ?? startOf(file);
  if (!isMapping(value)) {
    loading.add({
      code: 'parse',
      message: `A file of variables must hold a dict, not ${kindOf(value)}.`,
      position: start,
    });
    return undefined;
  }
  checkVariableNames(new Fields(loading, value, 'play', start), value, start);
  checkVariables(loading, value, start);
  return value;
}
