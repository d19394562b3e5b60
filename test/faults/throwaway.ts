import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { packageRoot } from '../../runner/root.ts';

/** A process on a host of its own (throwaway.sh), which is gone when the process ends. */
export interface Throwaway {
  /** Its standard input and output are pipes. */
  readonly process: ChildProcess;
  /** Settles when the process and all that it started have ended; never rejects. */
  readonly ended: Promise<void>;
  /** Ends it as a power cut ends a host: everything there is killed at once. */
  kill(): void;
}

/** Why there can be no such host here, or undefined. */
export function missingThrowaway(): string | undefined {
  return process.getuid?.() === 0 ? undefined : 'a host to throw away needs root';
}

/** What such a host may have of this machine. */
export interface ThrowawayOptions {
  /** A directory that stays what it is there: what is written to it outlives the host. */
  readonly keep?: string;
  /** Whether it shares the machine's network, to be reached at 127.0.0.1. */
  readonly network?: boolean;
}

/** Starts a command on a new host. Files of this machine can be read there under the same names. */
export function startThrowaway(command: readonly string[], options: ThrowawayOptions = {}): Throwaway {
  const place = mkdtempSync(path.join(tmpdir(), 'kplay-throwaway-'));
  const script = path.join(packageRoot, 'test/faults/throwaway.sh');
  const own = ['--mount', '--pid', '--uts', '--ipc', '--fork', '--kill-child'];
  const namespaces = options.network ? own : [...own, '--net'];
  const child = spawn('unshare', [...namespaces, 'sh', script, place, ...command], {
    stdio: 'pipe',
    env: { ...process.env, HOME: '/root', LC_ALL: 'C.UTF-8', KEEP: options.keep ?? '' },
  });
  child.stdin.on('error', () => {});
  const ended = new Promise<void>((resolve) => {
    child.once('close', () => {
      rmSync(place, { recursive: true, force: true });
      resolve();
    });
    child.once('error', () => resolve());
  });
  return { process: child, ended, kill: () => child.kill('SIGKILL') };
}
