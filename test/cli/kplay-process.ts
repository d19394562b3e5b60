import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { ExecutionContext } from 'ava';

/** The command kplay. */
export const main: string = fileURLToPath(new URL('../../runner/cli/main.cjs', import.meta.url));

/** Writes files into a directory that is gone after the test; gives the directory. */
export function directoryWith(t: ExecutionContext, files: Readonly<Record<string, string>>): string {
  const directory = mkdtempSync(path.join(tmpdir(), 'kplay-cli-'));
  t.teardown(() => rmSync(directory, { recursive: true, force: true }));
  for (const [name, text] of Object.entries(files)) writeFileSync(path.join(directory, name), text);
  return directory;
}

/** A kplay that runs. */
export interface Running {
  /** Waits for a line of standard output. */
  line(pattern: RegExp): Promise<void>;
  kill(signal: NodeJS.Signals): void;
  /** Waits for the end. */
  readonly end: Promise<{
    readonly code: number | null;
    readonly signal: string | null;
    readonly stdout: string;
    readonly stderr: string;
  }>;
}

/** Starts `kplay` with arguments, on local connections without a terminal. */
export function start(args: readonly string[], environment: Readonly<Record<string, string>> = {}): Running {
  const child = spawn(process.execPath, [main, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...environment },
  });
  const waiting: { pattern: RegExp; seen: () => void }[] = [];
  const lines: string[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => {
    lines.push(line);
    for (const { pattern, seen } of waiting) if (pattern.test(line)) seen();
  });
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    stderr += chunk;
  });
  return {
    line: (pattern) =>
      new Promise((seen) => {
        if (lines.some((line) => pattern.test(line))) seen();
        else waiting.push({ pattern, seen });
      }),
    kill: (signal) => void child.kill(signal),
    end: once(child, 'close').then(([code, signal]) => ({ code, signal, stdout: lines.join('\n'), stderr })),
  };
}
