import { ownLab } from './own-lab.ts';

// The lab's settings are read when they are imported, so this comes first.
process.env.KPLAY_LAB_DIR ??= ownLab;
const { compare } = await import('./compare.ts');

try {
  process.exitCode = await compare(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`bench: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
