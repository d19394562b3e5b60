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
// All is done and told. Node would wait for every host to close its end of a connection that has been ended.
await Promise.all([process.stdout, process.stderr].map(written));
process.exit();

/** Waits until a stream has written what it was given; one that has failed has nothing left to write. */
function written(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => stream.write('', () => resolve()));
}

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
