import { randomBytes } from 'node:crypto';
import type { Host, ModuleResult } from '../runner/module/contract.ts';
import { commandModule, ModuleFailure } from '../runner/module/contract.ts';
import { fnmatch } from '../runner/python/fnmatch.ts';
import { matchAtStart } from '../runner/python/regexp.ts';
import type { Mapping } from '../runner/value.ts';
import { kindOfMode } from './shared/file-mode.ts';
import { filePrelude } from './shared/file-state.ts';
import { runRecords } from './shared/probe-records.ts';
import { pythonRegex, pythonSearch } from './shared/python-regex.ts';
import { pathWord } from './shared/shell-path.ts';
import { quote } from './shared/shell-quote.ts';
import type { StatFields } from './shared/stat-fields.ts';
import { parseStat, statFormat } from './shared/stat-fields.ts';

interface FindArguments {
  readonly paths: readonly string[];
  readonly patterns: readonly string[];
  readonly excludes?: readonly string[] | undefined;
  readonly use_regex: boolean;
  readonly contains?: string | undefined;
  readonly read_whole_file: boolean;
  readonly file_type: string;
  readonly age?: string | undefined;
  readonly age_stamp: string;
  readonly size?: string | undefined;
  readonly hidden: boolean;
  readonly recurse: boolean;
  readonly follow: boolean;
  readonly depth?: number | undefined;
  readonly get_checksum: boolean;
}

interface Entry {
  readonly path: string;
  readonly stat: StatFields;
}

export default commandModule({
  name: 'find',
  summary: 'Find files of the host by name, age, size or content.',
  notes: [
    'Everything below the paths comes over in one round trip and is chosen from here, with Python’s patterns. contains and get_checksum take a second one.',
    'Files above 16 MiB are not looked into by contains.',
  ],
  examples: `
- name: Find old manifests
  ansible.builtin.find:
    paths: /etc/kubernetes/manifests
    patterns: "*.yaml"
    age: 30d
  register: old
`,
  returns: {
    files: 'What was found: path, mode, size, mtime and the rest that stat tells.',
    matched: 'How many were found.',
    examined: 'How many were looked at.',
    skipped_paths: 'Paths that could not be searched, and why.',
  },
  inCheckMode: 'run',
  args: {
    paths: { type: 'list', elements: 'str', required: true, aliases: ['name', 'path'], doc: 'Folders to search in.' },
    patterns: {
      type: 'list',
      elements: 'str',
      default: [],
      aliases: ['pattern'],
      doc: 'Names: shell patterns, or regular expressions.',
    },
    excludes: { type: 'list', elements: 'str', aliases: ['exclude'], doc: 'Names that are left out.' },
    use_regex: { type: 'bool', default: false, doc: 'Patterns are regular expressions.' },
    contains: { type: 'str', doc: 'Only files with a line whose start this regular expression matches.' },
    read_whole_file: { type: 'bool', default: false, doc: 'Search contains in the whole text.' },
    file_type: { type: 'str', default: 'file', choices: ['any', 'directory', 'file', 'link'], doc: 'What is found.' },
    age: { type: 'str', doc: 'At least so old: seconds, or with s, m, h, d, w; at most with - before it.' },
    age_stamp: { type: 'str', default: 'mtime', choices: ['atime', 'ctime', 'mtime'], doc: 'Which time age looks at.' },
    size: { type: 'str', doc: 'At least so large: bytes, or with b, k, m, g, t; at most with - before it.' },
    hidden: { type: 'bool', default: false, doc: 'Find names that begin with a dot too.' },
    recurse: { type: 'bool', default: false, doc: 'Search in folders below.' },
    follow: { type: 'bool', default: false, doc: 'Search in folders that links lead to.' },
    depth: { type: 'int', doc: 'How deep, with recurse.' },
    get_checksum: { type: 'bool', default: false, doc: 'Tell the SHA-1 of files.' },
  },
  async run(args, host): Promise<ModuleResult> {
    const { entries, skipped, now } = await search(args, host);
    const chosen = await withContent(args, entries.filter(filterOf(args, now)), host);
    const warnings = Object.entries(skipped).map(
      ([path, reason]) => `Skipped '${path}' path due to this access issue: ${String(reason)}`,
    );
    return {
      msg: warnings.length > 0 ? 'Not all paths examined, check warnings for details' : 'All paths examined',
      warnings,
      fields: { files: chosen, matched: chosen.length, examined: entries.length, skipped_paths: skipped },
    };
  },
});

interface Found {
  readonly entries: readonly Entry[];
  readonly skipped: Mapping;
  /** The host's clock. */
  readonly now: number;
}

async function search(args: FindArguments, host: Host): Promise<Found> {
  // A name may hold anything, line breaks too: each entry begins with a mark that no name can know.
  const mark = randomBytes(12).toString('hex');
  const depth = args.recurse ? (args.depth ? `-maxdepth ${args.depth}` : '') : '-maxdepth 1';
  const one = (
    path: string,
  ): string => `r; p=${pathWord(path)}; k path "$p"${args.age === undefined ? '' : '; k now "$(date +%s)"'}
case $p in ""|/*) ;; *) p=./$p;; esac
if [ -d "$p" ]; then find ${args.follow ? '-L ' : ''}"\${p%/}/" -mindepth 1 ${depth} -exec stat -c '${mark} ${statFormat}/%n' {} + 2>/dev/null | b found
else echo missing=1; fi`;
  const records = await runRecords(host, filePrelude + args.paths.map(one).join('\n'));
  const skipped: Mapping = {};
  const entries: Entry[] = [];
  for (const record of records) {
    const path = record.text('path')!;
    if (record.has('missing')) skipped[path] = `'${path}' is not a directory`;
    entries.push(...parseEntries(record.text('found') ?? '', path, mark));
  }
  return { entries, skipped, now: Number(records[0]?.text('now') ?? 0) };
}

function parseEntries(text: string, root: string, mark: string): Entry[] {
  const parts = text.split(`${mark} `).slice(1);
  return parts.map((part) => {
    const at = part.indexOf('/');
    const name = part.slice(at + 1).replace(/\n$/, '');
    const path = root.startsWith('/') ? name : name.replace(/^\.\//, '');
    return { path: path.replace(/\/{2,}/g, '/'), stat: parseStat(part.slice(0, at)) };
  });
}

function filterOf(args: FindArguments, now: number): (entry: Entry) => boolean {
  const isNamed = nameFilter(args);
  const age = amount(args.age, { s: 1, m: 60, h: 3600, d: 86400, w: 604800 }, 'age');
  const size = amount(args.size, { b: 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3, t: 1024 ** 4 }, 'size');
  return ({ path, stat }) => {
    const name = path.slice(path.lastIndexOf('/') + 1);
    const kind = kindOfMode(stat.bits);
    if (name.startsWith('.') && !args.hidden) return false;
    if (args.file_type !== 'any' && args.file_type !== kind) return false;
    if (!isNamed(name)) return false;
    const seconds = now - stat.times[args.age_stamp as 'mtime'];
    if (age !== undefined && !(age >= 0 ? seconds >= age : seconds <= -age)) return false;
    return kind !== 'file' || size === undefined || (size >= 0 ? stat.size >= size : stat.size <= -size);
  };
}

function nameFilter(args: FindArguments): (name: string) => boolean {
  const test = (pattern: string): ((name: string) => boolean) => {
    if (!args.use_regex) return (name) => fnmatch(name, pattern);
    const regex = pythonRegex(pattern);
    return (name) => matchAtStart(regex, name) !== null;
  };
  const wanted = args.patterns.map(test);
  const unwanted = (args.excludes ?? []).map(test);
  return (name) =>
    (wanted.length === 0 || wanted.some((matches) => matches(name))) && !unwanted.some((matches) => matches(name));
}

function amount(text: string | undefined, units: Readonly<Record<string, number>>, what: string): number | undefined {
  if (text === undefined) return undefined;
  const match = /^(-?\d+)([a-z])?$/.exec(text.toLowerCase());
  const unit = match?.[2] === undefined ? 1 : units[match[2]];
  if (!match || unit === undefined) throw new ModuleFailure(`failed to process ${what}`, { [what]: text });
  return Number(match[1]) * unit;
}

/** The result's entries; content and checksum are looked at for those that are left only. */
async function withContent(args: FindArguments, entries: readonly Entry[], host: Host): Promise<Mapping[]> {
  const isFile = (entry: Entry): boolean => kindOfMode(entry.stat.bits) === 'file';
  const listed = entries.map(({ path, stat }): Mapping => ({ path, ...stat.fields }));
  const wantsContent = args.contains !== undefined && args.file_type === 'file';
  if ((!wantsContent && !args.get_checksum) || !entries.some(isFile)) return listed;
  const look = [
    ...(args.get_checksum ? ['c "$1"; k checksum "$x"'] : []),
    ...(wantsContent ? ['[ "$(($(wc -c < "$1")))" -gt 16777216 ] || b content < "$1"'] : []),
  ];
  const one = (entry: Entry): string => (isFile(entry) ? `f ${quote(entry.path)}` : 'r');
  const script = `${filePrelude}f() { r; if [ -f "$1" ] && [ -r "$1" ]; then ${look.join('; ')}; fi; }\n`;
  const records = await runRecords(host, script + entries.map(one).join('\n'));
  const regex = wantsContent ? pythonRegex(args.contains!) : undefined;
  return listed.flatMap((fields, index) => {
    const record = records[index]!;
    if (regex && !contains(regex, record.text('content'), args.read_whole_file)) return [];
    const checksum = record.text('checksum');
    return [checksum === undefined ? fields : { ...fields, checksum }];
  });
}

function contains(regex: RegExp, text: string | undefined, whole: boolean): boolean {
  if (text === undefined) return false;
  if (whole) return pythonSearch(regex, text) !== null;
  return text.split(/(?<=\n)/).some((line) => matchAtStart(regex, line) !== null);
}
