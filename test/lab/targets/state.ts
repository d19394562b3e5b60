import { createHash } from 'node:crypto';
import { lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import path from 'node:path';

/** What a tree of files is like: a line an entry, with mode and content. Owners and times are not in it. */
export function stateOf(folder: string): Readonly<Record<string, string>> {
  const found: Record<string, string> = Object.create(null);
  collect(folder, '', found);
  return found;
}

function collect(folder: string, name: string, found: Record<string, string>): void {
  const file = path.join(folder, name);
  const stats = lstatSync(file);
  const mode = (stats.mode & 0o7777).toString(8);
  if (stats.isSymbolicLink()) found[name] = `link ${readlinkSync(file)}`;
  else if (stats.isDirectory()) {
    found[name] = `directory ${mode}`;
    for (const child of readdirSync(file).sort()) collect(folder, path.join(name, child), found);
  } else found[name] = `file ${mode} ${createHash('sha256').update(readFileSync(file)).digest('hex').slice(0, 16)}`;
}

/** Names whose entries differ, each with both sides. */
export function differences(
  wanted: Readonly<Record<string, string>>,
  found: Readonly<Record<string, string>>,
): readonly string[] {
  const names = new Set([...Object.keys(wanted), ...Object.keys(found)]);
  return [...names]
    .filter((name) => wanted[name] !== found[name])
    .map((name) => `${JSON.stringify(name)}: ${found[name] ?? 'missing'}, not ${wanted[name] ?? 'there'}`);
}

/** The state without what is named by chance: backups and temporary files. */
export function stableState(state: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(state)
      .filter(([name]) => !name.startsWith('get-into/kept.'))
      .map(([name, entry]) => [name.replace(/^(copy-backup)\..*~$/s, '$1.BACKUP'), entry]),
  );
}
