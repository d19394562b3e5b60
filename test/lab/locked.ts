import { spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { labFolder } from './settings.ts';

/** Whether this process runs under the lock already. */
export const isLocked: boolean = process.env.KPLAY_LAB_LOCKED !== undefined;

/**
 * Runs the program `file` with the same words under the lab's lock, and gives its exit code: two at once would take each other's
 * hosts away.
 */
export function locked(file: string, words: readonly string[]): Promise<number> {
  // Beside the folder, not in it: `down --purge` removes that.
  mkdirSync(path.dirname(labFolder), { recursive: true });
  const lock = ['--close', '--timeout', '1200', `${labFolder}.lock`];
  // Killed with the lock's holder: nothing goes on without the lock.
  const self = ['setpriv', '--pdeathsig', 'KILL', process.execPath, file, ...words];
  return passThrough('flock', [...lock, ...self], { ...process.env, KPLAY_LAB_LOCKED: '1' });
}

/** Runs a command with this one's terminal and signals, and gives its exit code. */
export function passThrough(command: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  const child = spawn(command, args, { stdio: 'inherit', env });
  // The terminal sends Ctrl-C to the child as well, which decides; a signal to this process alone is handed on.
  process.on('SIGINT', () => {});
  for (const signal of ['SIGTERM', 'SIGHUP'] as const) process.on(signal, () => child.kill(signal));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => resolve(code ?? (signal === 'SIGINT' ? 130 : 143)));
  });
}
