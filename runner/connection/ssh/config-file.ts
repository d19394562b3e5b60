import { readFileSync } from 'node:fs';
import { KplayError } from '../../errors.ts';
import { globSync } from '../../glob.ts';
import { markOption } from './beyond.ts';
import { expandHome } from './home.ts';
import { effectiveOptions, needlessOptions } from './option-table.ts';
import { matchesPatternList } from './pattern.ts';

/** Options of one host, first value wins; what may stand several times is collected. Keys in lower case. */
export type Options = Map<string, string[]>;

/** For whom a file is read. */
export interface ConfigQuery {
  /** The name that was asked for (`Host` is compared with it). */
  readonly name: string;
  /** The user that was asked for, if one was. */
  readonly user: string | undefined;
  readonly localUser: string;
  readonly home: string;
  /** `HostName` once all files were read, when they are read for the second time, which `Match final` asks for. */
  readonly finalHost?: string | undefined;
}

/** Adds an option unless it has a value; identity files add up. */
export function addOption(options: Options, key: string, value: string): void {
  const existing = options.get(key);
  if (!existing) options.set(key, [value]);
  else if (key === 'identityfile' && !existing.includes(value)) existing.push(value);
}

/**
 * Reads ssh_config files into `options`, again where one of them says `Match final`; a file that is not there adds nothing.
 * Throws KplayError `unsupported`.
 */
export function readConfigFiles(paths: readonly string[], query: ConfigQuery, options: Options): void {
  const again = paths.map((path) => readConfigFile(path, query, options, 0)).includes(true);
  if (!again) return;
  const finalHost = hostOf(query, options);
  for (const path of paths) readConfigFile(path, { ...query, finalHost }, options, 0);
}

/** The address that options lead to. */
export function hostOf({ name }: Pick<ConfigQuery, 'name'>, options: Options): string {
  return (options.get('hostname')?.[0] ?? name).replaceAll('%h', name).replaceAll('%%', '%');
}

/** Reads one file; true where it is to be read again when all have been. */
function readConfigFile(path: string, query: ConfigQuery, options: Options, depth: number): boolean {
  const text = readIfThere(path);
  if (text === undefined) return false;
  if (depth > 16) throw problem(path, 1, 'Include files include each other');
  let active = true;
  let ignored: string[] = [];
  let again = false;
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    const words = splitWords(line);
    const key = words.shift()?.toLowerCase();
    if (key === undefined) continue;
    const value = words.join(' ');
    if (key === 'host') active = matchesPatternList(query.finalHost ?? query.name, words);
    else if (key === 'match') {
      again ||= words.some((word) => /^!?final$/i.test(word));
      active = matches(words, query, options, path, index + 1);
    } else if (!active) continue;
    else if (key === 'include') again = include(words, path, query, options, depth) || again;
    else if (effectiveOptions.has(key)) addOption(options, key, value);
    else if (key === 'ignoreunknown') ignored = value.toLowerCase().split(/[,\s]+/);
    else if (!needlessOptions.has(key) && !(ignored.length > 0 && matchesPatternList(key, ignored))) {
      throw problem(path, index + 1, `ssh option "${key}" is not supported by kplay`);
    }
  }
  return again;
}

/** Splits a line into words: `Key value`, `Key=value`, double quotes, comments. */
export function splitWords(line: string): string[] {
  const match = /^\s*([A-Za-z0-9]+)(?:\s*=\s*|\s+)(.*)$/.exec(line);
  if (!match) return [];
  const words = [match[1]!];
  // ProxyCommand and the like are one text to the end of the line.
  if (/^(proxycommand|localcommand|remotecommand)$/i.test(match[1]!)) return [match[1]!, match[2]!.trim()];
  for (const part of match[2]!.matchAll(/"((?:[^"\\]|\\.)*)"|(\S+)/g)) {
    if (part[2]?.startsWith('#')) break;
    words.push(part[1] !== undefined ? part[1].replace(/\\(["\\])/g, '$1') : part[2]!);
  }
  return words;
}

function matches(words: string[], query: ConfigQuery, options: Options, path: string, line: number): boolean {
  const rest = [...words];
  let result = true;
  while (rest.length > 0) {
    const word = rest.shift()!;
    const negated = word.startsWith('!');
    const criterion = (negated ? word.slice(1) : word).toLowerCase();
    if (criterion === 'all') continue;
    if (criterion === 'final') {
      if ((query.finalHost !== undefined) === negated) result = false;
      continue;
    }
    const subject = matchSubject(criterion, query, options);
    if (subject === undefined) throw problem(path, line, `"Match ${criterion}" is not supported by kplay`);
    const patterns = (rest.shift() ?? '').split(',');
    if (matchesPatternList(subject, patterns) === negated) result = false;
  }
  return result;
}

function matchSubject(criterion: string, query: ConfigQuery, options: Options): string | undefined {
  if (criterion === 'host') return hostOf(query, options);
  if (criterion === 'originalhost') return query.name;
  if (criterion === 'user') return query.user ?? options.get('user')?.[0] ?? query.localUser;
  if (criterion === 'localuser') return query.localUser;
  return undefined;
}

function include(words: string[], path: string, query: ConfigQuery, options: Options, depth: number): boolean {
  let again = false;
  const base = path.startsWith('/etc/') ? '/etc/ssh' : `${query.home}/.ssh`;
  for (const word of words) {
    const expanded = expandHome(word, query.home);
    const pattern = expanded.startsWith('/') ? expanded : `${base}/${expanded}`;
    for (const file of globSync(pattern)) again = readConfigFile(file, query, options, depth + 1) || again;
  }
  return again;
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw new KplayError(
      { code: 'connection', message: `cannot read ${path}: ${(error as Error).message}` },
      { cause: error },
    );
  }
}

function problem(path: string, line: number, message: string): KplayError {
  return markOption(new KplayError({ code: 'unsupported', message: `${path}:${line}: ${message}` }));
}
