import { cpSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Problem } from '../../../runner/errors.ts';
import { KplayError } from '../../../runner/errors.ts';
import type { Loaded } from '../../../runner/language/load.ts';
import { loadPlaybooks } from '../../../runner/language/loader.ts';
import { packageRoot } from '../../../runner/root.ts';
import { type Mapping, mapping } from '../../../runner/value.ts';
import { temporaryDirectory } from '../../temporary.ts';
import { stubCatalog } from './catalog.ts';
import { stubTemplar } from './templar.ts';

export const fixtures = path.join(packageRoot, 'test', 'fixtures', 'language');

/** A copy of the fixtures' project, in which a playbook can be written beside its roles and files. */
export function copyProject(): string {
  const folder = temporaryDirectory('kplay-language');
  cpSync(path.join(fixtures, 'project'), folder, { recursive: true });
  return folder;
}

export interface LoadedText {
  readonly loaded?: Loaded;
  readonly problems: readonly Problem[];
  readonly warnings: readonly string[];
}

/** Loads a playbook's text in a project, with the stubs. */
export async function loadText(
  folder: string,
  text: string,
  extraVars: Mapping = mapping(),
  name = 'play.yml',
  strict = false,
): Promise<LoadedText> {
  const file = path.join(folder, name);
  writeFileSync(file, text);
  const warnings: string[] = [];
  const options = {
    catalog: stubCatalog,
    templar: stubTemplar,
    rolePath: [],
    extraVars,
    strict,
    warn: (warning: string) => warnings.push(warning.replaceAll(`${folder}/`, '')),
  };
  try {
    return { loaded: await loadPlaybooks([file], options), problems: [], warnings };
  } catch (error) {
    if (!(error instanceof KplayError)) throw error;
    return { problems: error.problems, warnings };
  }
}

/** A problem in one line and its hint in a second one, places relative to the project. */
export function problemText(folder: string, { code, message, hint, position }: Problem): string {
  const file = position && path.relative(folder, position.file);
  const place = position ? `${file === 'play.yml' ? '' : `${file}:`}${position.line}:${position.column}` : 'nowhere';
  const lines = [`${place} ${code}: ${message}`, ...(hint ? [`    ${hint}`] : [])];
  return lines.join('\n').replaceAll(`${folder}/`, '').replaceAll(folder, '.');
}
