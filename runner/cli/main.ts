#!/usr/bin/env node
import type { program as Program } from './program.ts';

// Who reads the output may stop reading (`| head`); what is under way on hosts goes on to its end.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
}

const args = process.argv.slice(2);
process.exitCode = await (await loadProgram())(args);

/** The program out of the bundle, which takes a third of the time that its 300 files take to load. */
async function loadProgram(): Promise<typeof Program> {
  // Which version it is takes two small files, less than the bundle.
  if (args[0] !== '--version') {
    const { loadBundle } = await import('./bundle.ts');
    const bundle = loadBundle();
    if (bundle) return bundle.program;
  }
  return (await import('./program.ts')).program;
}
