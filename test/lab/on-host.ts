import { fileURLToPath } from 'node:url';
import { sshCommand } from './host.ts';
import { pickHosts } from './settings.ts';
import { attempt, run } from './shell.ts';

/** Runs one of the lab's own commands (up, reset …). */
export function lab(...words: readonly string[]): Promise<string> {
  return run(process.execPath, [fileURLToPath(new URL('./main.js', import.meta.url)), ...words]);
}

/** Runs sh text as root on a host of the lab; its output, or an Error with the last lines when it fails. */
export async function onHost(name: string, command: string): Promise<string> {
  const [host] = pickHosts([name]);
  const { code, stdout, all } = await attempt(...sshCommand(host!, 'root', command));
  if (code !== 0) throw new Error(`${name}: ${command} ended with ${code}:\n${all}`);
  return stdout;
}

/** The cluster's nodes with their state, as the API behind the virtual address tells it. */
export async function nodes(): Promise<Record<string, string>> {
  const command = 'kubectl --kubeconfig /etc/kubernetes/admin.conf get nodes --no-headers';
  const lines = (await onHost('k8s-master01', command)).trim().split('\n');
  return Object.fromEntries(lines.map((line) => line.split(/\s+/).slice(0, 2) as [string, string]));
}
