import { IniError, IniFile, type IniOptions } from '../../python/configparser.ts';
import { EvaluationError } from '../../python/evaluation-error.ts';
import type { V } from '../../python/object.ts';
import { pythonRegExp } from '../../python/regexp.ts';
import { str } from '../../python/text.ts';
import type { Lookup, LookupOptions } from '../run.ts';
import { bool, optional, type Parameters, Signature, text } from '../runtime/parameters.ts';
import { readFound } from './files.ts';

/** The words before `key=value` settings of a term, and the settings over the options. */
function readTerm<P extends Parameters>(term: V, options: LookupOptions, signature: Signature<P>) {
  const settings = new Map<string, V>(Object.entries(options));
  const key: string[] = [];
  for (const word of str(term).trim().split(/\s+/)) {
    const [, name, value] = /^(\w+)=(.*)$/.exec(word) ?? [];
    if (name !== undefined && signature.has(name)) settings.set(name, value!);
    else key.push(word);
  }
  return { key: key.join(' '), settings: signature.bindNames(settings) };
}

const iniOptions = new Signature({
  file: text('ansible.ini'),
  section: text('global'),
  type: text('ini'),
  re: bool(false),
  encoding: text('utf-8'),
  default: text(''),
  case_sensitive: bool(false),
  allow_no_value: bool(false),
  allow_none: bool(false),
  interpolation: bool(true),
});

/** The section that a file of Java's properties is read as. */
const properties = 'java_properties';

const ini: Lookup = (terms, options, run) =>
  terms.flatMap((term): V[] => {
    const { key, settings } = readTerm(term, options, iniOptions);
    const isProperties = settings.type === 'properties';
    const content = readFound(run, 'files', settings.file, settings.encoding);
    const file = readIni(isProperties ? `[${properties}]\n${content}` : content, {
      caseSensitive: settings.case_sensitive,
      allowNoValue: settings.allow_no_value || settings.allow_none,
      interpolates: settings.interpolation,
    });
    const name = isProperties ? properties : settings.section;
    if (!settings.re) return [orFailure(() => file.value(name, key)) ?? settings.default];
    const pattern = pythonRegExp(key);
    const section = orFailure(() => file.section(name)) ?? [];
    return [...section].filter(([option]) => option.search(pattern) === 0).map(([, value]) => value);
  });

function readIni(text: string, options: IniOptions): IniFile {
  return orFailure(() => new IniFile(text, options));
}

function orFailure<T>(action: () => T): T {
  try {
    return action();
  } catch (error) {
    throw error instanceof IniError ? new EvaluationError(error.message) : error;
  }
}

/** The rows of CSV text. */
function parseCsv(text: string, delimiter: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  let field = '';
  let quoted = false;
  for (let index = 0; index < text.length; index++) {
    const character = text[index]!;
    if (quoted) {
      if (character !== '"') field += character;
      else if (text[index + 1] === '"') field += text[++index];
      else quoted = false;
    } else if (character === '"' && field === '') quoted = true;
    else if (character === delimiter) {
      row.push(field);
      field = '';
    } else if (character === '\n') {
      rows.push([...row, field.replace(/\r$/, '')]);
      row = [];
      field = '';
    } else field += character;
  }
  if (field !== '' || row.length > 0) rows.push([...row, field]);
  return rows;
}

const csvOptions = new Signature({
  file: text('ansible.csv'),
  delimiter: text('TAB'),
  encoding: text('utf-8'),
  keycol: text('0'),
  col: text('1'),
  default: optional(text()),
});

const csvfile: Lookup = (terms, options, run) =>
  terms.map((term): V => {
    const { key, settings } = readTerm(term, options, csvOptions);
    const { delimiter } = settings;
    const separator = delimiter === 'TAB' || delimiter === '\\t' ? '\t' : delimiter;
    const rows = parseCsv(readFound(run, 'files', settings.file, settings.encoding), separator);
    const row = rows.find((one) => one[Number(settings.keycol)] === key);
    return row?.[Number(settings.col)] ?? settings.default ?? [];
  });

/** Lookups in INI and CSV files. */
export const tableLookups: Readonly<Record<string, Lookup>> = { ini, csvfile };
