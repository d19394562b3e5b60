import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Counts } from '../test/scale/ssh-hosts.ts';
import { type Measured, measure } from './measure.ts';

/** A run against simulated hosts. */
export interface Simulation {
  readonly hosts: number;
  /** Milliseconds of delay between controller and hosts, both ways together. */
  readonly delay: number;
  readonly playbook: string;
  readonly arguments?: readonly string[];
}

export interface Simulated extends Measured {
  readonly counts: Counts;
}

const kplay = fileURLToPath(new URL('../runner/cli/main.js', import.meta.url));
const server = fileURLToPath(new URL('../test/scale/serve.js', import.meta.url));

/** Runs kplay on hosts that another process simulates. */
export async function simulate(simulation: Simulation): Promise<Simulated> {
  const folder = mkdtempSync(path.join(tmpdir(), 'kplay-simulation-'));
  const hosts = spawn(process.execPath, [server, String(simulation.hosts), String(simulation.delay)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  try {
    const lines = createInterface(hosts.stdout)[Symbol.asyncIterator]();
    const inventory = path.join(folder, 'hosts.yml');
    writeFileSync(inventory, JSON.parse((await lines.next()).value as string) as string);
    const playbook = path.join(folder, 'playbook.yml');
    writeFileSync(playbook, simulation.playbook);
    const words = [process.execPath, kplay, 'run', playbook, '-i', inventory, ...(simulation.arguments ?? [])];
    const measured = await measure(words, { memory: true });
    hosts.stdin.end();
    const counts = JSON.parse((await lines.next()).value as string) as Counts;
    return { ...measured, counts };
  } finally {
    if (hosts.exitCode === null) {
      hosts.kill();
      await once(hosts, 'exit');
    }
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A playbook of so many commands. */
export function commands(count: number, extra = ''): string {
  const tasks = Array.from(
    { length: count },
    (_, index) =>
      `    - name: Command ${index}\n      ansible.builtin.command: echo ${index} {{ inventory_hostname }}\n      changed_when: false\n`,
  );
  return `- name: Commands\n  hosts: all\n  gather_facts: false\n  tasks:\n${tasks.join('')}${extra}`;
}
