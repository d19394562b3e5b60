import { IniError, IniFile, type IniOptions } from '../../python/configparser.ts';
import { EvaluationError } from '../../python/evaluation-error.ts';
import type { V } from '../../python/object.ts';
import { pythonRegExp } from '../../python/regexp.ts';
import { str } from '../../python/text.ts';
import { booleanWord } from '../../python/truth-words.ts';
import type { Lookup, LookupOptions } from '../run.ts';
import { readFound } from './files.ts';

/** The words before `key=value` settings of a term, and the settings over the options. */
function readTerm(term: V, options: LookupOptions): { key: string; settings: Record<string, string> } {
  const settings: Record<string, string> = {};
  for (const [name, value] of Object.entries(options)) settings[name] = str(value);
  const key: string[] = [];
  for (const word of str(term).trim().split(/\s+/)) {
    const match =
      /^(file|section|type|re|encoding|default|col|delimiter|keycol|case_sensitive|allow_no_value|allow_none|interpolation)=(.*)$/.exec(
        word,
      );
    if (match) settings[match[1]!] = match[2]!;
    else key.push(word);
  }
  return { key: key.join(' '), settings };
}

/** The section that a file of Java's properties is read as. */
const properties = 'java_properties';

const ini: Lookup = (terms, options, run) =>
  terms.flatMap((term): V[] => {
    const { key, settings } = readTerm(term, options);
    const flag = (name: string): boolean => booleanWord(settings[name] ?? '') ?? false;
    const isProperties = settings.type === 'properties';
    const text = readFound(run, 'files', settings.file ?? 'ansible.ini', settings.encoding);
    const file = readIni(isProperties ? `[${properties}]\n${text}` : text, {
      caseSensitive: flag('case_sensitive'),
      allowNoValue: flag('allow_no_value') || flag('allow_none'),
      interpolates: booleanWord(settings.interpolation ?? '') ?? true,
    });
    const name = isProperties ? properties : (settings.section ?? 'global');
    if (!flag('re')) return [orFailure(() => file.value(name, key)) ?? settings.default ?? ''];
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

const csvfile: Lookup = (terms, options, run) =>
  terms.map((term): V => {
    const { key, settings } = readTerm(term, options);
    const delimiter = settings.delimiter ?? 'TAB';
    const separator = delimiter === 'TAB' || delimiter === '\\t' ? '\t' : delimiter;
    const rows = parseCsv(readFound(run, 'files', settings.file ?? 'ansible.csv', settings.encoding), separator);
    const row = rows.find((one) => one[Number(settings.keycol ?? 0)] === key);
    return row?.[Number(settings.col ?? 1)] ?? settings.default ?? [];
  });

/** Lookups in INI and CSV files. */
export const tableLookups: Readonly<Record<string, Lookup>> = { ini, csvfile };
