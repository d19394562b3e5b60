import { parseArgs } from 'node:util';
import type { Measured } from './measure.ts';
import { simulate } from './simulate.ts';
import { commandsOf, type Size } from './simulation-files.ts';

const help = `Measures what kplay takes on simulated hosts as their number, the tasks, the variables, the items of loops and the delay grow.
Needs no root and no hosts: an SSH server in another process stands for them and answers every command at once.

  npm run bench:scale                              each of them grows while the others stay; some minutes
  npm run bench:scale -- --hosts 100,1000 --tasks 50
                                                   all combinations of what is given

  --hosts N,…       number of hosts (100)
  --tasks N,…       commands in the playbook (10)
  --variables N,…   variables of each host, and as many of its group (10)
  --items N,…       items of each task's loop; 0 is no loop (0)
  --delay MS,…      how long a question and its answer are on the way, together (0)
  --forks N,…       hosts at the same time (50)
  --json            the figures
`;

type Name = keyof Size;

const usual: Size = { hosts: 100, tasks: 10, variables: 10, items: 0, delay: 0, forks: 50 };
const names = Object.keys(usual) as Name[];

/** What grows when nothing is said. */
const series: readonly Partial<Record<Name, readonly number[]>>[] = [
  { hosts: [10, 100, 1000, 2000] },
  { tasks: [10, 100, 1000] },
  { variables: [10, 100, 1000] },
  { tasks: [1], items: [1, 100, 1000] },
  { delay: [0, 5, 50, 200] },
];

const heads = [...names, 'seconds', 'CPU s', 'CPU µs per command', 'memory MiB', 'open files'];

async function main(args: readonly string[]): Promise<void> {
  const text = { type: 'string' } as const;
  const flag = { type: 'boolean' } as const;
  const { values } = parseArgs({
    args: [...args],
    options: {
      ...{ hosts: text, tasks: text, variables: text, items: text, delay: text, forks: text },
      ...{ json: flag, help: flag },
    },
  });
  if (values.help) {
    process.stdout.write(help);
    return;
  }
  const given = names.flatMap((name) => (values[name] === undefined ? [] : [[name, numbers(name, values[name])]]));
  const wanted = given.length === 0 ? series : [Object.fromEntries(given) as (typeof series)[number]];
  const rows: object[] = [];
  if (!values.json) process.stdout.write(line(heads) + line(heads.map(() => '---')));
  for (const size of distinct(wanted.flatMap(combinations))) {
    const measured = await simulate(size);
    // A table grows before one's eyes; JSON is whole or not at all.
    if (values.json) rows.push(asJson(size, measured));
    else process.stdout.write(line(cellsOf(size, measured)));
  }
  if (values.json) process.stdout.write(`${JSON.stringify(rows, null, 2)}\n`);
}

function numbers(name: Name, text: string): readonly number[] {
  const found = text.split(',').map(Number);
  const least = name === 'variables' || name === 'items' || name === 'delay' ? 0 : 1;
  if (found.some((number) => !Number.isInteger(number) || number < least))
    throw new Error(`--${name} takes numbers from ${least} on with commas between, not ${text}`);
  return found;
}

/** All sizes that take one value of each list, and what is usual for the rest. */
function combinations(lists: Partial<Record<Name, readonly number[]>>): readonly Size[] {
  let sizes: readonly Size[] = [usual];
  for (const name of names)
    sizes = sizes.flatMap((size) => (lists[name] ?? [size[name]]).map((value) => ({ ...size, [name]: value })));
  return sizes;
}

/** Every size once: the usual one is in most series. */
function distinct(sizes: readonly Size[]): readonly Size[] {
  return [...new Map(sizes.map((size) => [JSON.stringify(size), size])).values()];
}

function asJson(size: Size, { seconds, cpu, resident, files }: Measured): object {
  return { ...size, seconds, cpu, memory: resident, files };
}

function cellsOf(size: Size, { seconds, cpu, resident, files }: Measured): readonly string[] {
  const perCommand = (cpu / commandsOf(size)) * 1e6;
  const figures = [seconds.toFixed(1), cpu.toFixed(2), perCommand.toFixed(0), (resident ?? 0).toFixed(0), `${files}`];
  return [...names.map((name) => String(size[name])), ...figures];
}

function line(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |\n`;
}

try {
  await main(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`bench:scale: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
