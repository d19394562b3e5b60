import { existsSync, readdirSync } from 'node:fs';
import { matchesPatternList } from './pattern.ts';

/** Files that match a path with `*` and `?` in any of its parts, sorted. */
export function globSync(path: string): string[] {
  let found = [''];
  for (const part of path.split('/').slice(1)) {
    found = /[*?]/.test(part)
      ? found.flatMap((folder) => entries(folder || '/', part).map((name) => `${folder}/${name}`))
      : found.map((folder) => `${folder}/${part}`);
  }
  return found.filter((file) => existsSync(file)).sort();
}

function entries(folder: string, pattern: string): string[] {
  try {
    return readdirSync(folder).filter(
      (name) => matchesPatternList(name, [pattern]) && (!name.startsWith('.') || pattern.startsWith('.')),
    );
  } catch {
    return [];
  }
}
