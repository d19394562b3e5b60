import { spawn } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { signalAll } from './cgroups.ts';
import { labEnvironment } from './environment.ts';
import { folders, labFolder, network } from './settings.ts';
import { insideNamespace, pause } from './shell.ts';

const pidFile = path.join(labFolder, 'server.pid');

/** The process id of the lab's file server, when it runs. */
export function serverProcess(): number | undefined {
  if (!existsSync(pidFile)) return undefined;
  const id = Number(readFileSync(pidFile, 'utf8'));
  try {
    // The number may have gone to somebody else's process.
    return readFileSync(`/proc/${id}/cmdline`, 'utf8').includes(pidFile) ? id : undefined;
  } catch {
    return undefined;
  }
}

/** Starts the file server in the namespace, in a session of its own, and waits until it listens. */
export async function startServer(): Promise<void> {
  if (serverProcess() !== undefined) return;
  rmSync(pidFile, { force: true });
  mkdirSync(folders.logs, { recursive: true });
  const log = path.join(folders.logs, 'server.log');
  const output = openSync(log, 'w');
  const [enter, ...rest] = insideNamespace;
  const program = path.join(path.dirname(fileURLToPath(import.meta.url)), 'serve.js');
  const args = [process.execPath, program, folders.www, network.gateway, String(network.serverPort), pidFile];
  const child = spawn(enter!, [...rest, ...args], {
    detached: true,
    stdio: ['ignore', output, output],
    cwd: '/',
    env: labEnvironment(),
  });
  closeSync(output);
  child.unref();
  const deadline = Date.now() + 15_000;
  while (serverProcess() === undefined) {
    if (Date.now() > deadline) throw new Error(`the file server did not start: ${readFileSync(log, 'utf8')}`);
    await pause(50);
  }
}

/** Ends the file server. */
export async function stopServer(): Promise<void> {
  const id = serverProcess();
  if (id !== undefined) {
    signalAll([id], 'SIGTERM');
    while (serverProcess() !== undefined) await pause(20);
  }
  rmSync(pidFile, { force: true });
}
