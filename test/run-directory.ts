import { chmodSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

/**
 * Gives this process, and all that it starts from now on, a directory of its own for temporary files. The directory is removed
 * when the process ends. What stands in it then is named on standard error, and makes the exit code 1: whoever made it does
 * not clean up. ava's configuration calls this, so that no way of running the tests goes without.
 */
export function useOwnTemporaryDirectory(): void {
  const directory = mkdtempSync(path.join(tmpdir(), 'kplay-tests-'));
  // Tests run commands as other users too: they may go through, and have places of their own further down.
  chmodSync(directory, 0o711);
  process.env.TMPDIR = directory;
  process.once('exit', (code) => {
    const left = readdirSync(directory);
    // Where the run is broken off, tests may still be writing.
    rmSync(directory, { recursive: true, force: true, maxRetries: 20, retryDelay: 20 });
    if (left.length === 0) return;
    process.stderr.write(`The tests left behind in their temporary directory: ${left.join(', ')}\n`);
    if (code === 0) process.exitCode = 1;
  });
  for (const signal of ['SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(1));
}
