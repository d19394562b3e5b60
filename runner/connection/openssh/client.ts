import { spawn } from 'node:child_process';
import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, isAbsolute, join } from 'node:path';
import { decode } from '../../python/bytes.ts';
import type { Environment } from '../../python/process.ts';
import { type ConnectionSettings, Unreachable } from '../connection.ts';

/** The path of OpenSSH's client; undefined where this machine has none. @param executable in place of `ssh`, as a path or a name */
export function findClient(executable: string | undefined, environment: Environment): string | undefined {
  const name = executable ?? 'ssh';
  if (name.includes('/')) return isProgram(name) ? name : undefined;
  const folders = (environment.PATH ?? '/usr/bin:/bin').split(delimiter).filter(isAbsolute);
  return folders.map((folder) => join(folder, name)).find(isProgram);
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

/** What the client is to do for a host, as `ssh -G` tells it: options in lower case, the last of each. */
export type Effective = ReadonlyMap<string, string>;

/** The words that settings come to, before the host's name; `words` are the user's own. As with OpenSSH the first value of an option wins. */
export function settingsWords(settings: ConnectionSettings, words: readonly string[]): string[] {
  const { port, user, privateKeyFile } = settings;
  return [
    ...(port === undefined ? [] : ['-p', String(port)]),
    ...(user === undefined ? [] : ['-l', user]),
    ...(privateKeyFile === undefined ? [] : ['-i', privateKeyFile]),
    ...words,
  ];
}

/** Asks the client what the words and its files come to for a host. Throws {@link Unreachable} for words that it does not take. */
export async function effectiveOptions(
  client: string,
  words: readonly string[],
  host: string,
  environment: Environment,
): Promise<Effective> {
  const { code, stdout, stderr } = await runClient(client, ['-T', ...words, '-G', '--', host], environment);
  if (code !== 0)
    throw new Unreachable(`${host}: ${client} does not take its options: ${stderr.trim() || `code ${code}`}`);
  const lines = stdout.split('\n').map((line) => line.split(/ (.*)/s));
  return new Map(lines.map(([name = '', value = '']) => [name, value]));
}

/** Whether somebody's connection can be used at a ControlPath. */
export async function isShared(client: string, path: string, host: string, environment: Environment): Promise<boolean> {
  const words = ['-F', 'none', '-S', path, '-O', 'check', '--', host];
  return (await runClient(client, words, environment)).code === 0;
}

interface Run {
  readonly code: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

function runClient(client: string, words: readonly string[], environment: Environment): Promise<Run> {
  return new Promise((resolve) => {
    const child = spawn(client, words, { stdio: ['ignore', 'pipe', 'pipe'], env: { ...environment }, detached: true });
    const said = { stdout: [] as Buffer[], stderr: [] as Buffer[] };
    for (const stream of ['stdout', 'stderr'] as const) child[stream].on('data', (chunk) => said[stream].push(chunk));
    const text = (stream: 'stdout' | 'stderr') => decode(Buffer.concat(said[stream]));
    child.once('error', (error) => resolve({ code: undefined, stdout: '', stderr: error.message }));
    child.once('close', (code) => resolve({ code: code ?? undefined, stdout: text('stdout'), stderr: text('stderr') }));
  });
}
