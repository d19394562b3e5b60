#!/usr/bin/env node
import { ExitCode } from '../errors.ts';
import { commandLineWords } from '../python/process.ts';
import type { program as Program } from './program.ts';

/** Why standard output cannot be written to. */
let lost: NodeJS.ErrnoException | undefined;
process.stdout.on('error', (error) => {
  lost ??= error;
});
// Where errors cannot be told, only the exit code is left.
process.stderr.on('error', () => {});

void main(commandLineWords());

/** A function, since this file is made one for require() too, where nothing can be awaited outside of one. */
async function main(args: readonly string[]): Promise<void> {
  if (args[0] === '--version') {
    // Less to load than the bundle.
    const { showVersion } = await import('./show-version.ts');
    showVersion();
  } else {
    const program = await loadProgram();
    process.exitCode = await program(args);
  }
  // All is done and told. Node would wait for every host to close its end of a connection that has been ended.
  await written(process.stdout);
  // Who stops reading (`| head`) has what he wants; a run that this ended has told of it.
  if (lost && lost.code !== 'EPIPE' && !process.exitCode) {
    process.stderr.write(`kplay: standard output cannot be written to: ${lost.message}\n`);
    process.exitCode = ExitCode.output;
  }
  await written(process.stderr);
  process.exit();
}

/** Waits until a stream has written what it was given; one that has failed has nothing left to write. */
function written(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => stream.write('', () => resolve()));
}

/** The program out of the bundle, which takes a third of the time that its 300 files take to load. */
async function loadProgram(): Promise<typeof Program> {
  const { loadBundle } = await import('./bundle.ts');
  const bundle = loadBundle();
  return bundle ? bundle.program : (await import('./program.ts')).program;
}
