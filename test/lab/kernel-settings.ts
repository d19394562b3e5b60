import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { attempt } from './shell.ts';

/*
 * Hosts share this machine's kernel. Settings of the network are a host's own, those of memory, files and the kernel
 * itself are the machine's: they are noted before the first host of the first lab starts and put back when the last host of
 * the last lab is gone.
 */
const note = '/run/kplay-lab-kernel-settings';

/** Notes the machine's settings, unless a note from before the hosts is there still. */
export async function noteKernelSettings(): Promise<void> {
  if (existsSync(note)) return;
  writeFileSync(note, await shared());
}

/** Puts back what hosts have changed. What the kernel refuses to take back stays as it is. */
export async function restoreKernelSettings(): Promise<void> {
  if (!existsSync(note) || (await anyHostRuns())) return;
  for (const [name, value] of changedSettings(readFileSync(note, 'utf8'), await shared())) {
    await attempt('sysctl', ['-q', '-w', `${name}=${value}`]);
  }
  rmSync(note);
}

/** Whether a container runs on this machine, of another lab or of somebody else. */
async function anyHostRuns(): Promise<boolean> {
  const { code } = await attempt('pgrep', ['-x', 'systemd-nspawn']);
  return code === 0;
}

async function shared(): Promise<string> {
  const { stdout } = await attempt('sysctl', ['-a', '-r', '^(vm|fs|kernel|user)\\.']);
  return stdout;
}

/** Names whose value differs between two listings of sysctl, with the value of the first; counters are left out. */
export function changedSettings(before: string, now: string): readonly (readonly [string, string])[] {
  const current = new Map(parse(now));
  return parse(before).filter(([name, value]) => {
    const other = current.get(name);
    return other !== undefined && other !== value && !counters.test(name);
  });
}

/** What the kernel counts or makes up anew at each reading. */
const counters =
  /^(fs\.(dentry-state|file-nr|inode-nr|inode-state|quota\.)|kernel\.(random\.|ns_last_pid|pty\.nr|tainted))/;

function parse(listing: string): readonly (readonly [string, string])[] {
  return listing
    .split('\n')
    .map((line) => line.split(' = '))
    .filter((parts) => parts.length === 2)
    .map(([name, value]) => [name!, value!] as const);
}
