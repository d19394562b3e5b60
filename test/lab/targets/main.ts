import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { passThrough } from '../locked.ts';
import { labFolder } from '../settings.ts';

/*
 * The targets are a lab of their own, in a folder (and so a network namespace) of their own within the lab's. Where a lab is must be
 * known before its code is loaded, so the program itself is another process.
 */
const program = path.join(path.dirname(fileURLToPath(import.meta.url)), 'program.js');
process.exitCode = await passThrough(process.execPath, [program, ...process.argv.slice(2)], {
  ...process.env,
  KPLAY_LAB_DIR: path.join(labFolder, 'targets'),
});
