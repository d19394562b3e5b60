import { spawn, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';
import { temporaryDirectory } from '../temporary.ts';
import { eventually } from './ways.ts';

/** Starts an ssh-agent that ends with the test, and waits until it answers: its socket is there before it does. Gives the socket's path. */
export async function startAgent(t: ExecutionContext, environment = process.env): Promise<string> {
  const socket = join(temporaryDirectory('kplay-agent'), 'agent');
  const agent = spawn('ssh-agent', ['-D', '-a', socket], { stdio: 'ignore', env: environment });
  t.teardown(() => agent.kill());
  const env = { ...environment, SSH_AUTH_SOCK: socket };
  t.true(await eventually(() => spawnSync('ssh-add', ['-l'], { env }).status !== 2));
  return socket;
}
