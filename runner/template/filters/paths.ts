import { realpathSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { globSync } from '../../glob.ts';
import { decode } from '../../python/bytes.ts';
import { EvaluationError } from '../../python/evaluation-error.ts';
import { systemPath } from '../../python/file-names.ts';
import { iterate } from '../../python/iterate.ts';
import { requireText } from '../../python/kinds.ts';
import { tuple, type V } from '../../python/object.ts';
import { truth } from '../../python/operators.ts';
import { environmentVariable } from '../../python/process.ts';
import { quoteWord } from '../../python/shlex.ts';
import { str } from '../../python/text.ts';
import type { Value } from '../../value.ts';
import { type Callee, fn, volatile } from '../runtime/function.ts';
import { any, orNone, string } from '../runtime/parameters.ts';
import { urlSplit } from './url-split.ts';

/** Python's os.path.dirname: what stands before the last slash. */
function dirname(name: string): string {
  const head = name.slice(0, name.lastIndexOf('/') + 1);
  return /^\/+$/.test(head) ? head : head.replace(/\/+$/, '');
}

function normalize(name: string): string {
  const result = path.posix.normalize(name);
  const trimmed = result.length > 1 ? result.replace(/\/$/, '') : result;
  return /^\/\/(?!\/)/.test(name) ? `/${trimmed}` : trimmed;
}

/** Python's os.path.join: an absolute part begins anew. */
function joinPath(parts: readonly string[]): string {
  return parts.reduce((result, part) => {
    if (part.startsWith('/') || result === '') return part;
    return result.endsWith('/') ? result + part : `${result}/${part}`;
  }, '');
}

function splitExtension(name: string): V {
  const base = name.lastIndexOf('/') + 1;
  const dot = name.lastIndexOf('.');
  const isExtension = dot > base && /[^.]/.test(name.slice(base, dot));
  return tuple(isExtension ? [name.slice(0, dot), name.slice(dot)] : [name, '']);
}

function expandUser(name: string): string {
  if (name === '~' || name.startsWith('~/')) return (environmentVariable('HOME') ?? homedir()) + name.slice(1);
  return name;
}

function expandVariables(name: string): string {
  return name.replace(/\$(?:(\w+)|\{([^}]*)\})/g, (all, plain, braced) => environmentVariable(plain ?? braced) ?? all);
}

function realpath(name: string): string {
  const absolute = path.resolve(name);
  try {
    return decode(realpathSync(systemPath(absolute), 'buffer'));
  } catch {
    const parent = path.dirname(absolute);
    return parent === absolute ? absolute : path.join(realpath(parent), path.basename(absolute));
  }
}

function commonPath(value: V): string {
  const split = iterate(value).map((name) =>
    str(name)
      .split('/')
      .filter((part) => part !== '' && part !== '.'),
  );
  const [first = [], ...others] = split;
  const same = first.findIndex((part, index) => others.some((other) => other[index] !== part));
  const parts = same < 0 ? first : first.slice(0, same);
  return (str(iterate(value)[0] ?? '').startsWith('/') ? '/' : '') + parts.join('/');
}

function onPath(operation: (name: string) => V): Callee {
  return fn({}, (value) => operation(requireText(value, 'The path')));
}

/** Paths, shell words and URLs. */
export const pathFilters: Readonly<Record<string, Callee>> = {
  basename: onPath((name) => name.slice(name.lastIndexOf('/') + 1)),
  dirname: onPath(dirname),
  normpath: onPath(normalize),
  splitext: onPath(splitExtension),
  expanduser: onPath(expandUser),
  expandvars: onPath(expandVariables),
  ...volatile({ realpath: onPath(realpath) }),
  relpath: fn(
    { start: orNone(string()) },
    (value, { start }) => path.relative(path.resolve(start ?? '.'), path.resolve(str(value))) || '.',
  ),
  path_join: fn({}, (value) => joinPath(typeof value === 'string' ? [value] : iterate(value).map(str))),
  commonpath: fn({}, commonPath),
  ...volatile({ fileglob: fn({}, (value) => globSync(str(value)) as Value[]) }),
  quote: fn({}, (value) => quoteWord(value === null ? '' : str(value))),
  urldecode: fn({}, (value) => {
    try {
      return decodeURIComponent(str(value).replaceAll('+', ' '));
    } catch {
      throw new EvaluationError('urldecode: the text is no UTF-8');
    }
  }),
  urlsplit: fn({ query: any(''), alias: any('urlsplit') }, (value, { query }) =>
    urlSplit(str(value), truth(query) ? str(query) : ''),
  ),
};
