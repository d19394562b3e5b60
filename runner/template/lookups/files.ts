import { readFileSync } from 'node:fs';
import path from 'node:path';
import { globSync } from '../../glob.ts';
import { entriesOf } from '../../python/dict.ts';
import { decodeAs } from '../../python/encodings.ts';
import { EvaluationError } from '../../python/evaluation-error.ts';
import { readText, systemPath } from '../../python/file-names.ts';
import { isDict, requireText } from '../../python/kinds.ts';
import type { V } from '../../python/object.ts';
import { str } from '../../python/text.ts';
import { type FileKind, findFile as findInPath } from '../../search-path.ts';
import { unsupported } from '../failure.ts';
import type { Lookup, LookupOptions, Run } from '../run.ts';
import { any, bool, optional, Signature, text } from '../runtime/parameters.ts';
import { lookup } from './declare.ts';

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
  const content = decodeAs(readFileSync(systemPath(file)), encoding);
  if (content.startsWith('$ANSIBLE_VAULT;')) throw unsupported(`The file is encrypted with ansible-vault: ${file}`);
  return content;
}

const file = lookup({ lstrip: bool(false), rstrip: bool(true) }, (terms, { lstrip, rstrip }, run) =>
  terms.map((term) => {
    const whole = readFound(run, 'files', str(term));
    const begun = lstrip ? whole.trimStart() : whole;
    return rstrip ? begun.trimEnd() : begun;
  }),
);

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

function listOf(value: V, separators: RegExp): string[] {
  const values: readonly V[] = value === null ? [] : Array.isArray(value) ? value : [value];
  return values.flatMap((item) => str(item).split(separators)).filter((item) => item !== '');
}

const searched = new Signature({ files: any(null), paths: any(null), skip: bool(false) });

/** The files to look for, and whether finding none is fine. */
function candidates(terms: readonly V[], options: LookupOptions): { names: string[]; skip: boolean } {
  const names: string[] = [];
  let { skip } = searched.bindNames(new Map(Object.entries(options)));
  for (const term of terms) {
    if (Array.isArray(term)) {
      const inner = candidates(term as V[], options);
      names.push(...inner.names);
      skip = inner.skip;
      continue;
    }
    const given = searched.bindNames(new Map(Object.entries(isDict(term) ? term : options)));
    const files = listOf(given.files, /[,;]/);
    const paths = listOf(given.paths, /[,:;]/);
    skip = given.skip;
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

const templateOptions = {
  template_vars: any(null),
  variable_start_string: optional(text()),
  variable_end_string: optional(text()),
  comment_start_string: optional(text()),
  comment_end_string: optional(text()),
  convert_data: bool(true),
};

const template = lookup(templateOptions, (terms, options, run) =>
  terms.map((term) => {
    const name = findFile(run, 'templates', str(term));
    if (name === undefined) {
      throw new EvaluationError(`the template file ${str(term)} could not be found for the lookup`, 'missing-file');
    }
    const variables = isDict(options.template_vars) ? entriesOf(options.template_vars) : [];
    const rendered = run.renderFile(
      readText(name),
      name,
      {
        variableStart: options.variable_start_string,
        variableEnd: options.variable_end_string,
        commentStart: options.comment_start_string,
        commentEnd: options.comment_end_string,
      },
      new Map(variables.map(([name, value]) => [str(name), value])),
    );
    return run.rules === '2.18' && options.convert_data ? run.concatValue([rendered]) : rendered;
  }),
);

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
