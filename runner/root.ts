import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder of the installed package (the one with package.json), wherever the compiled files lie below it. */
export const packageRoot: string = findPackageRoot();

function findPackageRoot(): string {
  let folder = path.dirname(fileURLToPath(import.meta.url));
  while (!existsSync(path.join(folder, 'package.json'))) {
    const parent = path.dirname(folder);
    if (parent === folder) throw new Error('kplay: package.json of the installation not found');
    folder = parent;
  }
  return folder;
}
