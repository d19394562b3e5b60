import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { LabHost } from '../test/lab/settings.ts';
import { startHosts, stopHosts, writeInventory } from './lab.ts';
import { type Measured, median } from './measure.ts';
import { ownLab } from './own-lab.ts';
import { missing, runMeasured, setBefore, type ToolName } from './tools.ts';
import { makeWorkloads, type Workload } from './workloads.ts';

const help = `Measures kplay beside Ansible, Ansible with mitogen, and plain OpenSSH, on five hosts of a lab. Needs root, as the lab does.

  npm run bench                      all workloads, as a table
  npm run bench -- NAME…             some of them
  npm run bench -- --json            the figures
  npm run bench -- --rounds N        in place of each workload's own number
  npm run bench -- --tools kplay,floor    also openssh: kplay through the OpenSSH client;
                                          openssh-x25519: with the key exchange that kplay's own SSH uses
  npm run bench -- --before DIRECTORY   only kplay and the build of another checkout, in turns
  npm run bench -- --keep            leaves the hosts up at the end

The lab is one of its own in ${ownLab}, unless KPLAY_LAB_DIR names another.
`;

/** What one tool took for one workload. */
interface Figures {
  /** Median seconds. */
  readonly seconds: number;
  /** The median of what it took as a multiple of what kplay took in the same round. */
  readonly ratio: number;
  readonly cpu: number;
  /** The same for processor time. */
  readonly cpuRatio: number;
  readonly memory: number | undefined;
  readonly cpuPerTask: number | undefined;
}

type Row = { readonly workload: Workload; readonly figures: ReadonlyMap<ToolName, Figures> };

const order: readonly ToolName[] = ['kplay', 'openssh', 'openssh-x25519', 'before', 'ansible', 'mitogen', 'floor'];
const usual = 'kplay,ansible,mitogen,floor';

/** Runs the benchmark with the words of its command line; its exit code. */
export async function compare(args: readonly string[]): Promise<number> {
  if (args.includes('--help')) {
    process.stdout.write(help);
    return 0;
  }
  const value = (name: string): string | undefined => (args.includes(name) ? args[args.indexOf(name) + 1] : undefined);
  const names = args.filter(
    (arg, index) => !arg.startsWith('--') && !['--rounds', '--tools', '--before'].includes(args[index - 1]!),
  );
  const before = value('--before');
  if (before !== undefined) setBefore(before);
  const wantedTools = (value('--tools') ?? (before === undefined ? usual : 'kplay,before')).split(',');
  const tools = order.filter((tool) => wantedTools.includes(tool));
  const folder = mkdtempSync(path.join(tmpdir(), 'kplay-bench-'));
  let toStop: readonly LabHost[] = [];
  try {
    const { inventory, config } = writeInventory(folder);
    const all = makeWorkloads(folder, inventory, config);
    const wanted = names.length === 0 ? all : all.filter(({ name }) => names.includes(name));
    if (wanted.length < names.length) throw new Error(`the workloads are ${all.map(({ name }) => name).join(', ')}`);
    if (wanted.some(({ inLab }) => inLab)) toStop = startHosts();
    const rows: Row[] = [];
    for (const workload of wanted)
      rows.push(await measureWorkload(workload, tools, Number(value('--rounds') ?? workload.rounds)));
    process.stdout.write(args.includes('--json') ? `${JSON.stringify(rows.map(asJson), null, 2)}\n` : table(rows));
    return 0;
  } finally {
    if (!args.includes('--keep')) stopHosts(toStop);
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The tools take turns, so that whatever else the machine does is the same for all. */
async function measureWorkload(workload: Workload, tools: readonly ToolName[], rounds: number): Promise<Row> {
  const taken = new Map<ToolName, Measured[]>();
  for (let round = 0; round <= rounds; round++) {
    for (const tool of tools) {
      const command = workload.command(tool);
      const reason = command && missing(tool);
      if (reason !== undefined && round === 0) process.stderr.write(`${tool} is left out: ${reason}\n`);
      if (!command || reason !== undefined) continue;
      // One round warms up and is looked at for memory, unless there is but one.
      if (round === 0 && rounds === 1) continue;
      workload.before?.();
      const measured = await runMeasured(tool, command, workload.inLab, round === 0 || rounds === 1);
      process.stderr.write(`${workload.name} ${round} ${tool}: ${measured.seconds.toFixed(2)} s\n`);
      taken.set(tool, [...(taken.get(tool) ?? []), measured]);
    }
  }
  const figures = new Map<ToolName, Figures>();
  for (const [tool, runs] of taken) figures.set(tool, figuresOf(runs, taken.get('kplay') ?? [], workload));
  return { workload, figures };
}

function figuresOf(runs: readonly Measured[], kplay: readonly Measured[], workload: Workload): Figures {
  const skip = runs.length > 1 ? 1 : 0;
  const timed = runs.slice(skip);
  const times = (what: 'seconds' | 'cpu'): number =>
    median(timed.map((run, index) => run[what] / (kplay[index + skip]?.[what] ?? Number.NaN)));
  const cpu = median(timed.map((run) => run.cpu));
  return {
    seconds: median(timed.map((run) => run.seconds)),
    ratio: times('seconds'),
    cpu,
    cpuRatio: times('cpu'),
    memory: runs[0]?.memory,
    cpuPerTask: workload.taskCount === undefined ? undefined : (cpu / workload.taskCount) * 1000,
  };
}

function asJson({ workload, figures }: Row): object {
  return { name: workload.name, title: workload.title, tools: Object.fromEntries(figures) };
}

function table(rows: readonly Row[]): string {
  const lines = [
    '| workload | tool | seconds | × kplay | CPU s | × kplay | CPU ms per task and host | memory MiB |',
    '| --- | --- | --- | --- | --- | --- | --- | --- |',
  ];
  for (const { workload, figures } of rows) {
    for (const [tool, { seconds, ratio, cpu, cpuRatio, cpuPerTask, memory }] of figures) {
      const cells = [workload.title, tool, seconds.toFixed(2), ratio.toFixed(2), cpu.toFixed(2), cpuRatio.toFixed(2)];
      lines.push(`| ${[...cells, cpuPerTask?.toFixed(1) ?? '', memory?.toFixed(0) ?? ''].join(' | ')} |`);
    }
  }
  return `${lines.join('\n')}\n`;
}
