import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { removeGroups } from '../cgroups.ts';
import { eraseHost, isRunning, startHost } from '../host.ts';
import { ensureKeys } from '../keys.ts';
import { isLocked, locked } from '../locked.ts';
import { startServer, stopServer } from '../server.ts';
import { folders, labFolder } from '../settings.ts';
import { runScript } from '../shell.ts';
import { runBattery } from './battery.ts';
import { compare } from './compare.ts';
import { makeData, serveData } from './data.ts';
import { ensureRoots } from './roots.ts';
import { readResults, recordState, verdictOf, writeTable } from './table.ts';
import { pickTargets, type Target, targets } from './targets.ts';

const help = `Unusual targets, and a battery of tasks on them: check, run, run, check. Needs root and Debian 12.

  npm run targets                     run the battery on all targets and write docs/hosts.md
  npm run targets -- run NAME…        on some of them; the table is not written
  npm run targets -- table            write docs/hosts.md from the results that there are
  npm run targets -- show [NAME…]     what went otherwise than expected
  npm run targets -- compare [--all] [NAME…]   real Ansible does the same: some tasks, or all that it has
                                      (KPLAY_ANSIBLE names its ansible-playbook)
  npm run targets -- record NAME      take what Ansible left there (compare --all) for what is right everywhere
  npm run targets -- up [NAME…]       start targets and leave them running
  npm run targets -- down             stop all of them
  npm run targets -- list             their names
`;

/** Prints a line about progress. */
function say(text: string): void {
  process.stderr.write(`targets: ${text}\n`);
}

async function prepare(some: readonly Target[]): Promise<void> {
  if (process.getuid?.() !== 0) throw new Error('the targets are namespaces, mounts and cgroups: run this as root');
  for (const folder of [labFolder, folders.logs, folders.www]) mkdirSync(folder, { recursive: true });
  await ensureRoots([...new Set(some.map((target) => target.root))], say);
  await makeData();
  serveData();
  await ensureKeys(targets.map((target) => target.host));
  await runScript('network.sh', ['up']);
  await startServer();
}

/** The battery on each target, one after the other: the machine is small, and so is what waits. */
async function battery(some: readonly Target[]): Promise<number> {
  await prepare(some);
  let wrong = 0;
  for (const target of some) {
    try {
      const result = await runBattery(target);
      const verdict = verdictOf(target, result);
      wrong += verdict.wrong.length;
      say(
        `${target.name}: ${verdict.right} of ${result.tasks.length} right, ${verdict.known.length} known, ${result.seconds} s`,
      );
      for (const line of verdict.wrong) say(`  ${line}`);
    } catch (error) {
      wrong++;
      say(`${target.name}: ${error instanceof Error ? error.message : String(error)}`);
    } finally {
      await eraseHost(target.host);
    }
  }
  return wrong === 0 ? 0 : 1;
}

/** Targets that Debian's Python is to be had for, and that differ most. */
const compared = ['sh-bash', 'sh-dash', 'bullseye', 'trixie', 'sid'];

async function compareAll(args: readonly string[]): Promise<number> {
  const names = args.filter((word) => word !== '--all');
  const some = pickTargets(names.length === 0 ? compared : names);
  await prepare(some);
  let differing = 0;
  for (const target of some) {
    const [, result] = readResults().find(([one]) => one === target) ?? [];
    if (result === undefined)
      throw new Error(`${target.name} has no result yet: npm run targets -- run ${target.name}`);
    try {
      const comparison = await compare(target, result, args.includes('--all'));
      differing += comparison.differing.length;
      say(`${target.name}: ${comparison.compared} tasks compared, ${comparison.differing.length} differ`);
      for (const line of comparison.differing) say(`  ${line}`);
    } finally {
      await eraseHost(target.host);
    }
  }
  return differing === 0 ? 0 : 1;
}

async function down(): Promise<void> {
  for (const target of targets) await eraseHost(target.host);
  await stopServer();
  await runScript('network.sh', ['down']);
  removeGroups('');
}

function show(names: readonly string[]): void {
  const wanted = new Set(pickTargets(names).map((target) => target.name));
  for (const [target, result] of readResults().filter(([{ name }]) => wanted.has(name))) {
    const { right, wrong } = verdictOf(target, result);
    process.stdout.write(
      `${target.name}: ${right} of ${result.tasks.length} right\n${wrong.map((line) => `  ${line}\n`).join('')}`,
    );
  }
}

async function main(command: string, args: readonly string[]): Promise<number> {
  if (command === 'list') process.stdout.write(targets.map((target) => `${target.name}\n`).join(''));
  else if (command === 'show') show(args);
  else if (command === 'table') writeTable();
  else if (command === 'record') recordState(pickTargets(args)[0]!.name);
  else if (!['all', 'run', 'up', 'down', 'compare'].includes(command)) process.stderr.write(help);
  else if (!isLocked) return locked(fileURLToPath(import.meta.url), [command, ...args]);
  else return change(command, args);
  return 0;
}

/** What changes the targets. */
async function change(command: string, args: readonly string[]): Promise<number> {
  process.umask(0o022);
  if (command === 'down') {
    await down();
    return 0;
  }
  if (command === 'compare') return compareAll(args);
  const some = pickTargets(args);
  if (command === 'up') {
    await prepare(some);
    for (const target of some) if (!isRunning(target.host)) await startHost(target.host);
    return 0;
  }
  const code = await battery(some);
  if (command === 'all') writeTable();
  return code;
}

try {
  process.exitCode = await main(process.argv[2] ?? 'all', process.argv.slice(3));
} catch (error) {
  process.stderr.write(`targets: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
