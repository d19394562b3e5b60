/**
 * `npm run bench:cluster`: how long playbooks/ha.yml takes to make a cluster of bare hosts, beside a plain script over ssh that does what a
 * cluster cannot do without, and how long a run takes that finds everything as it should be. The hosts are the lab's: they are made bare before each.
 * `--rounds N` (1).
 */
import { parseArgs } from 'node:util';
import { demoCluster } from '../test/lab/demo.ts';
import { kplay, trouble } from '../test/lab/kplay.ts';
import { lab } from '../test/lab/on-host.ts';
import { partVersions } from '../test/lab/releases.ts';
import { clusterHosts, type HostModel, makeCluster, modelOf, type Parts } from './plain-cluster.ts';

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '1' } } });
const { version, inventory, words } = await demoCluster();
if (words.length === 0)
  throw new Error('the newest Kubernetes is not at hand: test/lab/README.md tells how the lab gets it');
const server = 'http://172.31.0.2';
const parts: Parts = {
  releases: `${server}/releases`,
  images: `${server}/images/v${version}`,
  containerd: `containerd-${partVersions.containerd}-linux-amd64.tar.gz`,
  cni: `cni-plugins-linux-amd64-v${partVersions.cni}.tgz`,
};

const models = new Map<string, HostModel>();
const seconds: Record<string, number[]> = {
  'ha.yml': [],
  'ha.yml again': [],
  'ha.yml --check': [],
  'plain script': [],
};

for (let round = 1; round <= Number(values.rounds); round += 1) {
  await bare();
  await timed('ha.yml', () => playbook([]));
  await timed('ha.yml again', () => playbook([]));
  await timed('ha.yml again', () => playbook([]));
  await timed('ha.yml --check', () => playbook(['--check']));
  for (const name of clusterHosts) models.set(name, await modelOf(name));
  await bare();
  await timed('plain script', () => makeCluster(models, parts));
}
process.stdout.write(`| what | seconds |\n| --- | --- |\n`);
for (const [what, all] of Object.entries(seconds))
  process.stdout.write(`| ${what} | ${all.map((time) => time.toFixed(1)).join(', ')} |\n`);

async function bare(): Promise<void> {
  await lab('reset', ...words, ...clusterHosts);
}

async function playbook(more: readonly string[]): Promise<void> {
  const run = await kplay(['playbooks/ha.yml', ...more], { inventory });
  if (run.code !== 0) throw new Error(trouble(run));
}

async function timed(what: string, work: () => Promise<void>): Promise<void> {
  const start = Date.now();
  await work();
  const took = (Date.now() - start) / 1000;
  seconds[what]!.push(took);
  process.stderr.write(`${what}: ${took.toFixed(1)} s\n`);
}
