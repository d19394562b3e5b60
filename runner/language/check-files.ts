import { statSync } from 'node:fs';
import path from 'node:path';
import type { Position } from '../position.ts';
import { readText } from '../python/file-names.ts';
import { booleanWord } from '../python/truth-words.ts';
import { type FileKind, isThere, placesOf } from '../search-path.ts';
import { table } from '../table.ts';
import type { Mapping, Value } from '../value.ts';
import { type Loading, type NodeContext, placeIn, searchPathOf } from './loading.ts';

interface Source {
  readonly argument: string;
  readonly kind: FileKind;
}

/** Which argument of a module names a file of this machine, and what the file is for. */
const sources: Readonly<Record<string, Source>> = table<Source>({
  copy: { argument: 'src', kind: 'files' },
  template: { argument: 'src', kind: 'templates' },
  unarchive: { argument: 'src', kind: 'files' },
  script: { argument: '_raw', kind: 'files' },
  include_vars: { argument: 'file', kind: 'vars' },
});

/**
 * Reports a file of a task that is named without a template, is relative, and is nowhere to be found; checks the syntax
 * of a template's file. Absolute files may be made while the playbook runs, so they are not asked for.
 */
export function checkFiles(
  loading: Loading,
  module: string,
  args: Mapping,
  context: NodeContext,
  position: Position,
): void {
  const source = sources[module];
  if (!source || loading.options.outlineOnly || isTrue(args.remote_src) || isFalse(args.copy)) return;
  const name = fileName(module, args, source.argument);
  const value = name === undefined ? undefined : args[name];
  if (typeof value !== 'string' || value === '' || loading.options.templar.isTemplate(value)) return;
  const file = module === 'script' ? value.trim().split(/\s/)[0]! : value;
  if (path.isAbsolute(file) || file.startsWith('~') || /^[a-z]+:\/\//.test(file)) return;
  const place = placeIn(args, name!, position);
  const places = placesOf(file, source.kind, searchPathOf(loading, context));
  const found = places.find(isThere);
  if (found === undefined) {
    loading.add({
      code: 'missing-file',
      message: `${module}: the file "${file}" is nowhere to be found.`,
      position: place,
      hint: `It was looked for at ${places.slice(0, 6).join(', ')}.`,
    });
  } else if (module === 'template') checkTemplateFile(loading, found, args);
}

function fileName(module: string, args: Mapping, argument: string): string | undefined {
  if (args[argument] !== undefined) return argument;
  if (module === 'include_vars') return args._raw === undefined ? undefined : '_raw';
  return module === 'script' && args.cmd !== undefined ? 'cmd' : undefined;
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
