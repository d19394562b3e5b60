import path from 'node:path';
import { namesIn } from './python/file-names.ts';
import { fnmatchExpression } from './python/fnmatch.ts';
import { statOf } from './stat.ts';

/** The files that match a shell pattern, sorted, as Python's glob finds them: `*` does not match a leading dot. */
export function globSync(pattern: string, filesOnly = true): string[] {
  const absolute = pattern.startsWith('/');
  const parts = pattern.split('/').filter((part) => part !== '');
  let found = [absolute ? '/' : ''];
  for (const part of parts) found = found.flatMap((folder) => expand(folder, part));
  return found.filter((name) => !filesOnly || isFile(name)).sort();
}

function expand(folder: string, part: string): string[] {
  if (!/[*?[]/.test(part)) {
    const name = folder === '' ? part : path.posix.join(folder, part);
    return statOf(name, false) ? [name] : [];
  }
  const expression = fnmatchExpression(part);
  return list(folder === '' ? '.' : folder)
    .filter((entry) => expression.test(entry) && (part.startsWith('.') || !entry.startsWith('.')))
    .map((entry) => (folder === '' ? entry : path.posix.join(folder, entry)));
}

function list(folder: string): string[] {
  try {
    return namesIn(folder);
  } catch {
    return [];
  }
}

function isFile(name: string): boolean {
  return statOf(name)?.isFile() ?? false;
}
