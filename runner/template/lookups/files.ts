import { readFileSync } from 'node:fs';
import path from 'node:path';
import { globSync } from '../../glob.ts';
import { entriesOf } from '../../python/dict.ts';
import { decodeAs } from '../../python/encodings.ts';
import { EvaluationError } from '../../python/evaluation-error.ts';
import { readText, systemPath } from '../../python/file-names.ts';
import { requireText } from '../../python/kinds.ts';
import type { V } from '../../python/object.ts';
import { truth } from '../../python/operators.ts';
import { str } from '../../python/text.ts';
import { type FileKind, findFile as findInPath } from '../../search-path.ts';
import { isMapping, type Value } from '../../value.ts';
import { unsupported } from '../failure.ts';
import type { Lookup, LookupOptions, Run } from '../run.ts';

/** The file of the search path that a name means. */
export function findFile(run: Run, kind: FileKind, name: string): string | undefined {
  return findInPath(name, kind, folders(run));
}

function folders(run: Run): readonly string[] {
  const { searchPath, playbookFolder } = run.context;
  return searchPath.length > 0 ? searchPath : [playbookFolder];
}

/** The text of a file in the search path; bytes that are not of the encoding are kept in it. */
export function readFound(run: Run, kind: FileKind, name: string, encoding = 'utf-8'): string {
  const file = findFile(run, kind, name);
  if (file === undefined) {
    throw new EvaluationError(`could not locate file in lookup: ${name}`, 'missing-file');
  }
  const text = decodeAs(readFileSync(systemPath(file)), encoding);
  if (text.startsWith('$ANSIBLE_VAULT;')) throw unsupported(`The file is encrypted with ansible-vault: ${file}`);
  return text;
}

const file: Lookup = (terms, options, run) =>
  terms.map((term) => {
    let text = readFound(run, 'files', str(term));
    if (truth(options.lstrip ?? false)) text = text.trimStart();
    return truth(options.rstrip ?? true) ? text.trimEnd() : text;
  });

const fileglob: Lookup = (terms, _options, run) =>
  terms.flatMap((term) => {
    const pattern = str(term);
    const name = path.basename(pattern);
    const folder = path.dirname(pattern);
    const found =
      name === pattern
        ? folders(run).flatMap((one) => [path.join(one, 'files'), one])
        : [findFile(run, 'files', folder)];
    for (const one of found) {
      const files = one === undefined ? [] : globSync(path.join(one, name));
      if (files.length > 0) return files;
    }
    return [];
  });

function listOf(value: Value | undefined, separators: RegExp): string[] {
  const values = value === undefined || value === null ? [] : Array.isArray(value) ? value : [value];
  return values.flatMap((item) => str(item).split(separators)).filter((item) => item !== '');
}

/** The files to look for, and whether finding none is fine. */
function candidates(terms: readonly V[], options: LookupOptions): { names: string[]; skip: boolean } {
  const names: string[] = [];
  let skip = truth(options.skip ?? false);
  for (const term of terms) {
    if (Array.isArray(term)) {
      const inner = candidates(term as V[], options);
      names.push(...inner.names);
      skip = inner.skip;
      continue;
    }
    const given: LookupOptions = isMapping(term) ? (term as unknown as LookupOptions) : options;
    const files = listOf(given.files, /[,;]/);
    const paths = listOf(given.paths, /[,:;]/);
    skip = truth(given.skip ?? false);
    if (paths.length > 0) for (const one of paths) names.push(...files.map((name) => path.join(one, name)));
    else if (files.length > 0) names.push(...files);
    else names.push(requireText(term, 'The name of a file'));
  }
  return { names, skip };
}

const firstFound: Lookup = (terms, options, run) => {
  const { names, skip } = candidates(terms.length > 0 ? terms : [options as unknown as V], options);
  for (const name of names) {
    const found = findFile(run, run.context.loopFiles ?? 'files', name);
    if (found !== undefined) return [found];
  }
  if (skip) return [];
  throw new EvaluationError(`No file was found when using first_found: ${names.join(', ')}`, 'missing-file');
};

const template: Lookup = (terms, options, run) =>
  terms.map((term) => {
    const name = findFile(run, 'templates', str(term));
    if (name === undefined) {
      throw new EvaluationError(`the template file ${str(term)} could not be found for the lookup`, 'missing-file');
    }
    const variables = isMapping(options.template_vars) ? entriesOf(options.template_vars) : [];
    const text = run.renderFile(
      readText(name),
      name,
      {
        variableStart: options.variable_start_string as string | undefined,
        variableEnd: options.variable_end_string as string | undefined,
        commentStart: options.comment_start_string as string | undefined,
        commentEnd: options.comment_end_string as string | undefined,
      },
      new Map(variables.map(([name, value]) => [str(name), value])),
    );
    return run.rules === '2.18' && truth(options.convert_data ?? true) ? run.concatValue([text]) : text;
  });

/** Lookups of files. */
export const fileLookups: Readonly<Record<string, Lookup>> = {
  file,
  fileglob,
  first_found: firstFound,
  template,
  unvault: () => {
    throw unsupported('The lookup "unvault" is not supported.');
  },
};
