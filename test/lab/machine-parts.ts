import { existsSync } from 'node:fs';
import { type CachePart, ensurePart } from './cache.ts';
import { runContained, runScript } from './shell.ts';

const tools: CachePart = {
  name: 'machine-tools',
  inputs: [],
  sources: ['build/tools.sh'],
  make: async () => {
    await runScript('tools.sh', ['qemu-system-x86', 'seabios', 'cpio', 'e2fsprogs'], { log: 'machine-tools.log' });
  },
};

const kernel: CachePart = {
  name: 'machine',
  inputs: [],
  sources: ['build/machine.sh'],
  make: async () => {
    await runContained('machine.sh', [], { log: 'machine.log' });
  },
};

/** Makes what the virtual machine needs beyond the rest of the cache: the programs that run it, and Debian's kernel. */
export async function ensureMachine(say: (text: string) => void): Promise<void> {
  if (!existsSync('/dev/net/tun'))
    throw new Error('the virtual machine needs /dev/net/tun, which this machine has not');
  await ensurePart(tools, say);
  await ensurePart(kernel, say);
}
