import { statSync } from 'node:fs';
import path from 'node:path';
import type { Position } from '../position.ts';
import { readText } from '../python/file-names.ts';
import { booleanWord } from '../python/truth-words.ts';
import { type FileKind, isThere, placesOf } from '../search-path.ts';
import type { Mapping, Value } from '../value.ts';
import type { ModuleSignature } from './load.ts';
import { type Loading, type NodeContext, placeIn, searchPathOf } from './loading.ts';

/**
 * Reports a file of a task that is named without a template, is relative, and is nowhere to be found; checks the syntax
 * of a template's file. Absolute files may be made while the playbook runs, so they are not asked for.
 */
export function checkFiles(
  loading: Loading,
  signature: ModuleSignature,
  args: Mapping,
  context: NodeContext,
  position: Position,
): void {
  if (loading.options.outlineOnly || isTrue(args.remote_src) || isFalse(args.copy)) return;
  for (const [argument, { file: kind }] of Object.entries(signature.args)) {
    if (kind === undefined) continue;
    const name = args[argument] === undefined && argument === signature.freeForm ? '_raw' : argument;
    const value = args[name];
    if (typeof value !== 'string' || value === '' || loading.options.templar.isTemplate(value)) continue;
    const file = signature.takesCommand ? value.trim().split(/\s/)[0]! : value;
    checkFile(loading, signature.name, { file, kind, position: placeIn(args, name, position) }, args, context);
  }
}

/** A file that an argument names. */
interface Named {
  readonly file: string;
  readonly kind: FileKind;
  readonly position: Position;
}

function checkFile(
  loading: Loading,
  module: string,
  { file, kind, position }: Named,
  args: Mapping,
  context: NodeContext,
): void {
  if (path.isAbsolute(file) || file.startsWith('~') || /^[a-z]+:\/\//.test(file)) return;
  const places = placesOf(file, kind, searchPathOf(loading, context));
  const found = places.find(isThere);
  if (found === undefined) {
    loading.add({
      code: 'missing-file',
      message: `${module}: the file "${file}" is nowhere to be found.`,
      position,
      hint: `It was looked for at ${places.slice(0, 6).join(', ')}.`,
    });
  } else if (kind === 'templates') checkTemplateFile(loading, found, args);
}

function checkTemplateFile(loading: Loading, file: string, args: Mapping): void {
  if (!statSync(file).isFile()) return;
  const text = (name: string): string | undefined => (typeof args[name] === 'string' ? args[name] : undefined);
  const delimiters = ['variable_start_string', 'variable_end_string', 'block_start_string', 'block_end_string'];
  const comments = ['comment_start_string', 'comment_end_string'];
  if ([...delimiters, ...comments].some((name) => loading.options.templar.isTemplate(text(name) ?? ''))) return;
  const [variableStart, variableEnd, blockStart, blockEnd] = delimiters.map(text);
  const [commentStart, commentEnd] = comments.map(text);
  const options = { variableStart, variableEnd, blockStart, blockEnd, commentStart, commentEnd };
  loading.attempt(() => loading.options.templar.checkFile(readText(file), file, options), {
    file,
    line: 1,
    column: 1,
  });
}

function isTrue(value: Value | undefined): boolean {
  // A template may turn out true, and then the file is on the host.
  return value === true || (typeof value === 'string' && (value.includes('{{') || booleanWord(value) === true));
}

function isFalse(value: Value | undefined): boolean {
  return value === false || (typeof value === 'string' && booleanWord(value) === false);
}
