import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { packageRoot } from '../../runner/root.ts';
import { isAtHand } from './at-hand.ts';
import { kubernetesVersion, releases } from './releases.ts';

const lab = fileURLToPath(new URL('./main.js', import.meta.url));
const kplay = fileURLToPath(new URL('../../runner/cli/main.cjs', import.meta.url));

/** What the demonstration builds. */
export interface DemoCluster {
  readonly version: string;
  readonly inventory: readonly string[];
  /** Words for the lab's `up` and `reset`. */
  readonly words: readonly string[];
}

/** The newest Kubernetes that the lab has; 1.20.2 where that would have to be built for half an hour first. */
export async function demoCluster(): Promise<DemoCluster> {
  const newest = releases.at(-1)!;
  const inventory = ['test/lab/inventory'];
  if (!(await isAtHand(newest))) return { version: kubernetesVersion, inventory, words: [] };
  return {
    version: newest.version,
    inventory: [...inventory, 'test/lab/inventory-current'],
    words: ['--kubernetes', newest.minor],
  };
}

/**
 * `npm run demo`: the lab's hosts, the cluster of playbooks/ha.yml on them, and playbooks/verify.yml that shows that it
 * works. `--fresh` makes the hosts bare first. Returns the exit code of the first command that fails, 0 when none does.
 */
export async function demo(args: readonly string[]): Promise<number> {
  const { version, inventory, words } = await demoCluster();
  process.stderr.write(`demo: Kubernetes ${version}\n`);
  const run = (playbook: string): readonly string[] => [
    ...[lab, 'run', process.execPath, kplay, 'run', playbook],
    ...inventory.flatMap((source) => ['-i', source]),
  ];
  const steps: [what: string, command: readonly string[]][] = [
    ['hosts', [lab, args.includes('--fresh') ? 'reset' : 'up', ...words]],
    ['playbooks/ha.yml', run('playbooks/ha.yml')],
    ['playbooks/verify.yml', run('playbooks/verify.yml')],
  ];
  const began = Date.now();
  for (const [what, command] of steps) {
    const start = Date.now();
    const code = await node(command);
    if (code !== 0) return code;
    process.stderr.write(`demo: ${what} took ${seconds(start)} s\n`);
  }
  process.stderr.write(
    `demo: ${seconds(began)} s in all. Look around: npm run lab -- run ssh -F ${sshConfig} k8s-master01\n`,
  );
  return 0;
}

const sshConfig = 'test/lab/ssh_config';

function seconds(since: number): string {
  return ((Date.now() - since) / 1000).toFixed(0);
}

function node(args: readonly string[]): Promise<number> {
  const child = spawn(process.execPath, args, { stdio: 'inherit', cwd: packageRoot });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve(code ?? 1));
  });
}
