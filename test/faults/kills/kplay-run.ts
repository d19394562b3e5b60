import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { RunEvent } from '../../../runner/events.ts';

const program = fileURLToPath(new URL('../../../runner/cli/main.cjs', import.meta.url));

/** A run of kplay that can be killed. */
export interface KplayRun {
  readonly process: ChildProcess;
  /** Settles with what it came to; never rejects. */
  readonly ended: Promise<KplayEnd>;
}

/** What a run came to. */
export interface KplayEnd {
  /** Null when a signal ended it. */
  readonly code: number | null;
  readonly events: readonly RunEvent[];
  readonly stderr: string;
}

/** Starts `kplay run --json`. */
export function startKplay(args: readonly string[]): KplayRun {
  const child = spawn(process.execPath, [program, 'run', '--json', ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  const parts: string[] = [];
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => parts.push(text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const ended = new Promise<KplayEnd>((resolve) => {
    child.on('close', (code) => resolve({ code, events: readEvents(parts.join('')), stderr }));
  });
  return { process: child, ended };
}

function readEvents(text: string): RunEvent[] {
  // A run that was killed may have left half a line.
  const lines = text.split('\n').filter((line) => line.startsWith('{') && line.endsWith('}'));
  return lines.map((line) => JSON.parse(line) as RunEvent);
}
