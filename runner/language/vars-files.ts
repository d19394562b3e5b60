import path from 'node:path';
import type { Position } from '../position.ts';
import { findFile } from '../search-path.ts';
import type { Value } from '../value.ts';
import { isTemplate } from './check-templates.ts';
import { type Fields, scalarText } from './fields.ts';
import { kindOf, type Loading, type PlayContext, placeIn } from './loading.ts';
import { readVariables } from './role-files.ts';
import type { Written } from './tree.ts';

/** Reads a play's vars_files; those whose names are known are read and checked, and used for static imports. */
export function loadVarsFiles(fields: Fields, play: PlayContext): Written[] {
  if (!fields.has('vars_files')) return [];
  const value = fields.dict.vars_files!;
  const position = fields.at('vars_files');
  const list: readonly Value[] = Array.isArray(value) ? value : [value];
  const files: Written[] = [];
  for (const [index, entry] of list.entries()) {
    const place = Array.isArray(value) ? placeIn(value, index, position) : position;
    if (entry === null) continue;
    files.push({ value: entry, position: place });
    checkEntry(fields, entry, place, play);
  }
  return files;
}

function checkEntry(fields: Fields, entry: Value, position: Position, play: PlayContext): void {
  const { loading } = fields;
  const names = (Array.isArray(entry) ? entry : [entry]).map((name) => scalarText(name));
  if (names.some((name) => name === undefined)) {
    const message = `An entry of "vars_files" must be a file or a list of files, not ${kindOf(entry)}.`;
    loading.add({ code: 'parse', message, position });
    return;
  }
  if (names.some((name) => isTemplate(loading, name))) return;
  const directories = varsDirectories(loading, play);
  const found = names.map((name) => findFile(name!, 'vars', directories)).find((file) => file !== undefined);
  if (found === undefined) {
    const message = `There is no file of variables ${names.map((name) => `"${name}"`).join(' or ')}.`;
    loading.add({ code: 'missing-file', message, position, hint: `It was looked for in ${directories.join(', ')}.` });
    return;
  }
  const variables = readVariables(loading, found, position);
  if (variables) play.vars.push(variables);
}

function varsDirectories(loading: Loading, play: PlayContext): string[] {
  const { playbookFolder } = loading.options;
  return [...new Set([path.resolve(play.folder), ...(playbookFolder === undefined ? [] : [playbookFolder])])];
}
