import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Counts } from '../test/scale/ssh-hosts.ts';
import { type Measured, measure } from './measure.ts';
import { commandsOf, type Size, writeSimulation } from './simulation-files.ts';

const kplay = fileURLToPath(new URL('../runner/cli/main.cjs', import.meta.url));
const server = fileURLToPath(new URL('../test/scale/serve.js', import.meta.url));

/** Runs kplay on hosts that another process simulates, and measures it. Throws when a host did not get all its commands. */
export async function simulate(size: Size): Promise<Measured> {
  const folder = mkdtempSync(path.join(tmpdir(), 'kplay-simulation-'));
  const hosts = spawn(process.execPath, [server, String(size.hosts), String(size.delay)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  try {
    const lines = createInterface(hosts.stdout)[Symbol.asyncIterator]();
    const files = writeSimulation(folder, JSON.parse((await lines.next()).value as string) as string, size);
    const words = ['run', files.playbook, '-i', files.inventory, '--forks', String(size.forks)];
    const measured = await measure([process.execPath, kplay, ...words], { memory: true });
    hosts.stdin.end();
    const counts = JSON.parse((await lines.next()).value as string) as Counts;
    if (measured.code !== 0) throw new Error(`kplay ended with ${measured.code}:\n${measured.output.slice(-3000)}`);
    if (counts.roundTrips !== commandsOf(size))
      throw new Error(`the hosts got ${counts.roundTrips} commands in place of ${commandsOf(size)}`);
    return measured;
  } finally {
    if (hosts.exitCode === null) {
      hosts.kill();
      await once(hosts, 'exit');
    }
    rmSync(folder, { recursive: true, force: true });
  }
}
