import { readdirSync } from 'node:fs';
import path from 'node:path';
import { statOf } from '../stat.ts';

/** What kplay asks of collections' folders, read once for a load. */
export class CollectionFiles {
  readonly #actions = new Map<string, ReadonlySet<string>>();
  readonly #missing = new Set<string>();

  /** Names of the actions and modules that have a file in a collection's folder. */
  actionsIn(folder: string): ReadonlySet<string> {
    let names = this.#actions.get(folder);
    if (!names) {
      names = new Set([
        ...baseNames(path.join(folder, 'plugins/action')),
        ...baseNames(path.join(folder, 'plugins/modules')),
      ]);
      this.#actions.set(folder, names);
    }
    return names;
  }

  /** Whether it was asked before of a collection that is nowhere. */
  isKnownMissing(collection: string): boolean {
    if (this.#missing.has(collection)) return true;
    this.#missing.add(collection);
    return false;
  }
}

function baseNames(folder: string): string[] {
  if (!statOf(folder)?.isDirectory()) return [];
  return readdirSync(folder).map((file) => path.parse(file).name);
}
