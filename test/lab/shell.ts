import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, mkdirSync } from 'node:fs';
import path from 'node:path';
import { labEnvironment } from './environment.ts';
import { folders, network, sourceFolder } from './settings.ts';

/** How {@link run} runs a command. */
export interface RunOptions {
  /** Name of a file in the log folder that gets the output as well. */
  readonly log?: string;
  /** Text for the command's standard input. */
  readonly input?: string;
}

/**
 * Runs a command to its end in the lab's environment, and returns what it printed on standard output.
 * Throws an Error with the last lines of its output when it fails.
 */
export async function run(command: string, args: readonly string[], options: RunOptions = {}): Promise<string> {
  const { code, stdout, all } = await attempt(command, args, options);
  if (code === 0) return stdout;
  const tail = all.trimEnd().split('\n').slice(-15).join('\n');
  const where = options.log === undefined ? '' : ` (all of it in ${path.join(folders.logs, options.log)})`;
  throw new Error(`${command} ${args.join(' ')} ended with ${code}${where}:\n${tail}`);
}

/** What a command came to. */
export interface Outcome {
  readonly code: number;
  readonly stdout: string;
  /** Both streams as they came. */
  readonly all: string;
}

/** As {@link run}, but a failure is a result. Throws only when the command cannot be started. */
export async function attempt(command: string, args: readonly string[], options: RunOptions = {}): Promise<Outcome> {
  const child = spawn(command, args, {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: labEnvironment(),
  });
  child.stdin.on('error', () => {});
  child.stdin.end(options.input ?? '');
  const log = options.log === undefined ? undefined : openLog(options.log);
  let stdout = '';
  let all = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
    all += text;
    log?.write(text);
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    all += text;
    log?.write(text);
  });
  const [code, signal] = (await once(child, 'close')) as [number | null, string | null];
  log?.end();
  return { code: code ?? (signal === null ? 1 : 128), stdout, all };
}

function openLog(name: string) {
  mkdirSync(folders.logs, { recursive: true });
  return createWriteStream(path.join(folders.logs, name), { flags: 'w' });
}

/** Runs one of the lab's own shell scripts. */
export function runScript(name: string, args: readonly string[], options: RunOptions = {}): Promise<string> {
  return run('/bin/sh', [path.join(sourceFolder, 'build', name), ...args], options);
}

/**
 * As {@link runScript}, for scripts that make something of the cache: whatever they start and mount is gone when they end, or
 * when this process is killed. A half-made root must not keep the machine's /proc and /dev mounted for the next `rm -r`.
 */
export function runContained(name: string, args: readonly string[], options: RunOptions = {}): Promise<string> {
  const contain = ['--pdeathsig', 'KILL', 'unshare', '--pid', '--fork', '--kill-child', '--mount', '--mount-proc'];
  return run('setpriv', [...contain, '/bin/sh', path.join(sourceFolder, 'build', name), ...args], options);
}

/** The start of a command line that runs the rest inside the lab's network namespace. */
export const insideNamespace: readonly string[] = ['nsenter', `--net=/run/netns/${network.namespace}`, '--'];

/** Waits so many milliseconds. */
export function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
