import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { RunEvent } from '../../../runner/events.ts';
import { eraseHost, rootFolder, sshCommand, startHost } from '../host.ts';
import { knownHosts, loginKey } from '../keys.ts';
import { kplay } from '../kplay.ts';
import { labFolder, network, sourceFolder } from '../settings.ts';
import { run } from '../shell.ts';
import { dataFolder, fetchedFolder } from './data.ts';
import { type Ending, expected, passes } from './expectations.ts';
import { stateOf } from './state.ts';
import type { Target } from './targets.ts';
import { versionsOf } from './versions.ts';

/** The parts of the battery, each a playbook. */
export const parts = ['files', 'system'] as const;
export type Part = (typeof parts)[number];

/** A task on a target: how it ended in each pass, and what was expected. */
export interface TaskResult {
  readonly part: Part;
  readonly name: string;
  readonly endings: readonly Ending[];
  readonly expected: readonly Ending[];
  /** Of the passes that went otherwise: what the task said. */
  readonly words: string;
}

/** What the battery came to on one target. */
export interface TargetResult {
  readonly name: string;
  readonly versions: Readonly<Record<string, string>>;
  readonly tasks: readonly TaskResult[];
  /** Files that the tasks left, see state.ts. */
  readonly state: Readonly<Record<string, string>>;
  /** What kept the battery from its end: a run that did not end, an error of its own. */
  readonly trouble: readonly string[];
  readonly seconds: number;
}

const battery = path.join(sourceFolder, 'targets', 'battery');

/** Seconds that one pass of one playbook may take, on a busy machine too. */
const limit = 400;

/** Where the results of a target are kept. */
export function resultFile(name: string): string {
  return path.join(labFolder, 'results', `${name}.json`);
}

/** Starts the target as if it were new and runs the battery on it: check, run, run, check. */
export async function runBattery(target: Target): Promise<TargetResult> {
  const start = Date.now();
  await freshTarget(target);
  const versions = await versionsOf(target);
  const inventory = writeInventory(target);
  const trouble: string[] = [];
  const tasks: TaskResult[] = [];
  for (const part of parts) tasks.push(...(await runPart(target, part, inventory, trouble)));
  const state = stateOfTarget(target);
  const seconds = Math.round((Date.now() - start) / 1000);
  const result = { name: target.name, versions, tasks, state, trouble, seconds };
  mkdirSync(path.dirname(resultFile(target.name)), { recursive: true });
  writeFileSync(resultFile(target.name), `${JSON.stringify(result, null, 1)}\n`);
  return result;
}

/** Starts the target with nothing but what the battery finds on it. */
export async function freshTarget(target: Target): Promise<void> {
  await eraseHost(target.host);
  rmSync(path.join(fetchedFolder, target.name), { recursive: true, force: true });
  await startHost(target.host);
  const manager = Object.hasOwn(target.without ?? {}, 'apt')
    ? target.packageManager.replace('apt', 'none')
    : target.packageManager;
  for (const part of parts) {
    const text = readFileSync(path.join(battery, `setup-${part}.sh`), 'utf8');
    // All of it is read before anything of it could read on: not every sh takes -s.
    const input = `user=${userOf(target)} manager=${manager}\nset_up() {\n${text}}\nset_up\n`;
    await run(...sshCommand(target.host, 'root', '/bin/sh'), { input, log: `setup-${target.name}.log` });
  }
}

/** What is in the login user's directory of the battery. */
export function stateOfTarget(target: Target): Readonly<Record<string, string>> {
  return stateOf(path.join(rootFolder(target.host), 'home', userOf(target), 'battery'));
}

function userOf(target: Target): string {
  return String(target.vars?.ansible_user ?? 'kplay');
}

/** Writes the inventory of one target, and gives its name. */
export function writeInventory(target: Target): string {
  const vars = {
    ansible_host: target.host.address,
    ansible_user: 'kplay',
    ansible_ssh_private_key_file: loginKey,
    ansible_ssh_common_args: `-o UserKnownHostsFile=${knownHosts} -o StrictHostKeyChecking=yes`,
    expected_pkg_mgr: target.packageManager,
    data: dataFolder,
    fetched: path.join(fetchedFolder, target.name),
    server: `http://${network.gateway}`,
    ...target.vars,
  };
  const file = path.join(labFolder, 'inventory', `${target.name}.json`);
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, JSON.stringify({ all: { hosts: { [target.name]: vars } } }, null, 1));
  return file;
}

async function runPart(target: Target, part: Part, inventory: string, trouble: string[]): Promise<TaskResult[]> {
  const tags = Object.keys(target.without ?? {});
  const skipped = tags.length === 0 ? [] : ['--skip-tags', tags.join(',')];
  const seen: Map<string, Seen>[] = [];
  for (const pass of passes) {
    const check = pass.startsWith('check') ? ['--check'] : [];
    const outcome = await kplay([path.join(battery, `${part}.yml`), ...skipped, ...check], { inventory, limit });
    writeFileSync(path.join(labFolder, 'log', `${target.name}-${part}-${pass}.json`), outcome.stdout + outcome.stderr);
    if (outcome.code !== 0) {
      trouble.push(`${part}, ${pass}: ended with ${outcome.code ?? 'a signal'} ${outcome.stderr.trim().slice(0, 500)}`);
    }
    seen.push(endingsOf(outcome.events));
    // What hangs once hangs again.
    if (outcome.code === null || outcome.duration > limit) break;
  }
  return judge(part, seen);
}

interface Seen {
  readonly ending: Ending;
  readonly tags: readonly string[];
  readonly words: string;
}

function endingsOf(events: readonly RunEvent[]): Map<string, Seen> {
  const found = new Map<string, Seen>();
  for (const event of events) {
    if (event.type !== 'host-result') continue;
    const { outcome, fields } = event.result;
    const words = typeof fields.msg === 'string' ? fields.msg : JSON.stringify(fields);
    found.set(event.task.name, { ending: outcome, tags: event.task.tags, words: words.slice(0, 400) });
  }
  return found;
}

function judge(part: Part, seen: readonly Map<string, Seen>[]): TaskResult[] {
  const tags = new Map(seen.flatMap((one) => [...one].map(([name, { tags }]) => [name, tags] as const)));
  return [...tags].map(([name, itsTags]) => {
    const wanted = expected(itsTags);
    const endings = passes.map((_, index) => seen[index]?.get(name)?.ending ?? 'missing');
    const words = endings.flatMap((ending, index) =>
      ending === wanted[index] ? [] : [seen[index]?.get(name)?.words ?? ''],
    );
    return { part, name, endings, expected: wanted, words: words[0] ?? '' };
  });
}
