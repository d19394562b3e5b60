import path from 'node:path';
import { addEntries, type HashBehaviour } from '../dicts.ts';
import { KplayError } from '../errors.ts';
import { parseKeyValues } from '../language/key-values.ts';
import { parseYaml } from '../language/yaml.ts';
import type { Mapping } from '../value.ts';
import { isMapping, mapping } from '../value.ts';
import { readVariableFile } from './variable-files.ts';

/**
 * Reads the values of -e: `k=v k2='v w'` (all values are text), a dict as JSON or YAML in braces, or `@file`. Later
 * ones win, over dicts of the same name as `behaviour` says. Throws KplayError `options` for anything else, or as the file's reading does.
 */
export function parseExtraVars(values: readonly string[], behaviour: HashBehaviour = 'replace'): Mapping {
  const all = mapping();
  for (const value of values) addEntries(all, parseOne(value.trim()), behaviour);
  return all;
}

function parseOne(value: string): Mapping {
  if (value === '') return mapping();
  if (value.startsWith('@')) return readFile(value.slice(1));
  if (/^[[{]/.test(value)) return parseDict(value);
  const variables = parseKeyValues(value, undefined);
  if (Object.hasOwn(variables, '_raw')) {
    throw wrongOption('Give variables as name=value, as a dict in braces ({name: value}), or as @file.');
  }
  return variables;
}

function readFile(name: string): Mapping {
  if (name === '') throw wrongOption('Name a file: @vars.yml.');
  return readVariableFile(path.resolve(name));
}

function parseDict(text: string): Mapping {
  const value = parseYaml(text, '--extra-vars');
  if (isMapping(value)) return value;
  throw wrongOption('It must be a dict of names and values.');
}

/** Without the value, which may hold a secret. */
function wrongOption(hint: string): KplayError {
  return new KplayError({ code: 'options', message: 'A value of --extra-vars cannot be read.', hint });
}
