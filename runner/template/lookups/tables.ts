import { EvaluationError } from '../../python/evaluation-error.ts';
import type { V } from '../../python/object.ts';
import { truth } from '../../python/operators.ts';
import { pythonRegExp } from '../../python/regexp.ts';
import { str } from '../../python/text.ts';
import type { Lookup, LookupOptions } from '../run.ts';
import { readFound } from './files.ts';

/** The words before `key=value` settings of a term, and the settings over the options. */
function readTerm(term: V, options: LookupOptions): { key: string; settings: Record<string, string> } {
  const settings: Record<string, string> = {};
  for (const [name, value] of Object.entries(options)) settings[name] = str(value);
  const key: string[] = [];
  for (const word of str(term).trim().split(/\s+/)) {
    const match =
      /^(file|section|type|re|encoding|default|col|delimiter|keycol|case_sensitive|allow_no_value)=(.*)$/.exec(word);
    if (match) settings[match[1]!] = match[2]!;
    else key.push(word);
  }
  return { key: key.join(' '), settings };
}

function parseIni(text: string): Map<string, Map<string, string>> {
  const sections = new Map<string, Map<string, string>>();
  let current = new Map<string, string>();
  sections.set('', current);
  let last: string | undefined;
  for (const line of text.split(/\r?\n/)) {
    const header = /^\[([^\]]+)\]/.exec(line);
    const pair = /^([^\s=:#;][^=:]*?)\s*(?:[=:]\s*(.*))?$/.exec(line);
    if (header) {
      current = sections.get(header[1]!) ?? new Map();
      sections.set(header[1]!, current);
      last = undefined;
    } else if (/^\s+\S/.test(line) && last !== undefined) current.set(last, `${current.get(last)}\n${line.trim()}`);
    else if (pair && line.trim() !== '') {
      last = pair[1]!.trim();
      current.set(last, (pair[2] ?? '').trim());
    }
  }
  return sections;
}

const ini: Lookup = (terms, options, run) =>
  terms.flatMap((term): V[] => {
    const { key, settings } = readTerm(term, options);
    const isProperties = settings.type === 'properties';
    const sections = parseIni(readFound(run, 'files', settings.file ?? 'ansible.ini', settings.encoding));
    const section = sections.get(isProperties ? '' : (settings.section ?? 'global'));
    if (!section) throw new EvaluationError(`No section: '${settings.section ?? 'global'}'`);
    const defaults = sections.get('DEFAULT');
    const sensitive = truth(options.case_sensitive ?? false);
    const same = (name: string): string => (sensitive ? name : name.toLowerCase());
    const entries = [...(defaults ?? []), ...section];
    if (truth(options.re ?? settings.re === 'True')) {
      const pattern = pythonRegExp(key, sensitive ? '' : 'i');
      return entries.filter(([name]) => name.search(pattern) === 0).map(([, value]) => value);
    }
    const found = entries.findLast(([name]) => same(name) === same(key));
    return [found ? found[1] : (settings.default ?? '')];
  });

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
