import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { dump, load } from 'js-yaml';
import { rootFolder } from '../host.ts';
import { folders, labFolder, sourceFolder } from '../settings.ts';
import { attempt, insideNamespace, run } from '../shell.ts';
import { freshTarget, type Part, parts, stateOfTarget, type TargetResult, writeInventory } from './battery.ts';
import { type Ending, passes } from './expectations.ts';
import { rootOf } from './roots.ts';
import { differences, stableState } from './state.ts';
import type { Target } from './targets.ts';

/** The real ansible-playbook, and the Python that runs it. */
export const ansible: string = process.env.KPLAY_ANSIBLE ?? '/root/venv/bin/ansible-playbook';

/** The tasks that are compared when nothing else is said: some of each kind, since one takes Ansible seconds. */
const few: readonly string[] = [
  ...['copy text', 'copy with a backup', 'copy a tree into', 'template', 'line replaced', 'block added'],
  ...[
    'touch a new file with times',
    'modes of a tree',
    'file that is missing',
    'unarchive tar.gz',
    'command that exits 3',
  ],
  ...['group', 'user in a group', 'owner of a tree', 'unit started and enabled'],
];

/** Modules that ansible-core has not. */
const elsewhere = ['authorized_key', 'sysctl', 'modprobe', 'mount', 'timezone', 'locale_gen', 'pam_limits', 'ini_file'];

/** Tasks where kplay goes its own way, and why. */
const intended: Readonly<Record<string, string>> = {
  'copy a tree into': 'Ansible does not find a file whose name holds a dollar',
  'unarchive tar.gz': 'in check mode kplay tells what would be unpacked, Ansible skips the task',
  'fetch a file': 'in check mode kplay tells whether the file would be fetched, Ansible skips the task',
  'unit that is missing':
    'in check mode kplay takes an unknown unit for one that an earlier task installs, Ansible fails',
  'fetch into a tree': 'in check mode kplay tells whether the file would be fetched, Ansible skips the task',
};

/** What came of comparing one target. */
export interface Comparison {
  readonly name: string;
  readonly ansible: string;
  readonly python: string;
  readonly compared: number;
  readonly differing: readonly string[];
  readonly intended: readonly string[];
  /** What Ansible left, when all tasks were compared. */
  readonly state: Readonly<Record<string, string>>;
}

/** Where the comparison of a target is kept. */
export function comparisonFile(name: string): string {
  return path.join(labFolder, 'compared', `${name}.json`);
}

/**
 * Runs tasks of the battery by real Ansible on the target made anew, and compares how they end, and what they leave, with the result
 * that kplay had there.
 */
export async function compare(target: Target, result: TargetResult, all: boolean): Promise<Comparison> {
  await freshTarget(target);
  const python = await addPython(target);
  const inventory = writeInventory(target);
  const differing: string[] = [];
  const meant: string[] = [];
  const apart = new Set<string>();
  let compared = 0;
  for (const part of parts) {
    const playbook = writePlaybook(target, part, all);
    const endings = await runPasses(target, playbook, inventory);
    for (const [name, theirs] of endings) {
      const ours = result.tasks.find((task) => task.part === part && task.name === name)?.endings;
      compared++;
      if (ours?.join() === theirs.map((one) => one.ending).join()) continue;
      const line = `${part}: ${name}: ${ours?.join(', ')}; Ansible ${theirs.map((one) => one.ending).join(', ')}: ${theirs.map((one) => one.words).join(' / ')}`;
      if (intended[name] === undefined) differing.push(line);
      else meant.push(`${name}: ${intended[name]}`);
      // What a task that only one of them does leaves differs for the same reason.
      const isDone = [1, 2].every((pass) => ours?.[pass] === theirs[pass]!.ending);
      if (intended[name] !== undefined && !isDone) for (const file of filesOf(playbook, name)) apart.add(file);
    }
  }
  const state = stableState(stateOfTarget(target));
  const isTouched = all ? () => true : touchedBy(target);
  const touched: Picked = (name) => isTouched(name) && !apart.has(name.split('/')[0]!);
  for (const line of differences(pick(state, touched), pick(stableState(result.state), touched))) {
    differing.push(`state ${line} (kplay's first)`);
  }
  const version = (await run('env', ['LC_ALL=C.UTF-8', ansible, '--version']))
    .split('\n')[0]!
    .replace(/.*core (.*)\]/, '$1');
  const comparison = { name: target.name, ansible: version, python, compared, differing, intended: meant, state };
  mkdirSync(path.dirname(comparisonFile(target.name)), { recursive: true });
  writeFileSync(comparisonFile(target.name), `${JSON.stringify(comparison, null, 1)}\n`);
  return comparison;
}

type Picked = (name: string) => boolean;

function pick(state: Readonly<Record<string, string>>, wanted: Picked): Record<string, string> {
  return Object.fromEntries(Object.entries(state).filter(([name]) => wanted(name) && !isOurs(name)));
}

/** Whether a file is written by a task that Ansible is not asked for. */
export function isOurs(name: string): boolean {
  return name.startsWith('ini-');
}

/** Names of files that the few tasks write. */
function touchedBy(target: Target): Picked {
  const names = filesIn(readFileSync(playbookFile(target, 'files'), 'utf8'));
  return (name) => names.includes(name.split('/')[0]!) || name.startsWith('copy-backup');
}

/** Names of files that one task writes. */
function filesOf(playbook: string, name: string): string[] {
  const [play] = load(readFileSync(playbook, 'utf8')) as [Play];
  return filesIn(JSON.stringify(play.tasks.find((task) => task.name === name)));
}

function filesIn(text: string): string[] {
  return [...text.matchAll(/\{\{ d \}\}\/([\w-]+)/g)].map((match) => match[1]!);
}

/** Installs Python from the target's distribution, from outside: the target reaches no mirror. */
async function addPython(target: Target): Promise<string> {
  const root = rootFolder(target.host);
  const list = readFileSync(`${rootOf(target.root)}.list`, 'utf8');
  const apt = [
    ...[
      '-q',
      '-y',
      '--no-install-recommends',
      '-o',
      'Acquire::Check-Valid-Until=false',
      '-o',
      'APT::Sandbox::User=root',
    ],
    ...['-o', 'Dir::Etc::SourceList=/etc/kplay-python.list', '-o', 'DPkg::Options::=--force-unsafe-io'],
  ];
  writeFileSync(path.join(root, 'etc/kplay-python.list'), list);
  writeFileSync(path.join(root, 'etc/resolv.conf'), readFileSync('/etc/resolv.conf'));
  for (const words of [['update'], ['install', 'python3', 'python3-apt']]) {
    await run('chroot', [root, 'apt-get', ...apt, ...words], { log: `python-${target.name}.log` });
  }
  rmSync(path.join(root, 'etc/kplay-python.list'));
  writeFileSync(path.join(root, 'etc/resolv.conf'), '');
  await run('chroot', [root, 'apt-get', '-q', 'clean']);
  return (await run('chroot', [root, 'python3', '--version'])).trim();
}

function playbookFile(target: Target, part: Part): string {
  return path.join(labFolder, 'compare', target.name, `${part}.yml`);
}

interface Play {
  tasks: Record<string, unknown>[];
}

/** The part's playbook with only the tasks that are compared. */
function writePlaybook(target: Target, part: Part, all: boolean): string {
  const file = playbookFile(target, part);
  const source = path.join(sourceFolder, 'targets', 'battery');
  // What the tasks use, not the playbooks: the other part's is there already, cut down.
  cpSync(source, path.dirname(file), { recursive: true, filter: (name) => !name.endsWith('.yml') });
  const [play] = load(readFileSync(path.join(source, `${part}.yml`), 'utf8')) as [Play];
  const without = Object.keys(target.without ?? {});
  const tasks = play.tasks.filter(
    (task) =>
      !elsewhere.some((module) => module in task) &&
      ![task.tags].flat().some((tag) => without.includes(String(tag))) &&
      (all || few.includes(String(task.name))),
  );
  writeFileSync(file, dump([{ ...play, tasks }], { lineWidth: -1 }));
  return file;
}

interface Theirs {
  readonly ending: Ending;
  readonly words: string;
}

async function runPasses(target: Target, playbook: string, inventory: string): Promise<Map<string, Theirs[]>> {
  const found = new Map<string, Theirs[]>();
  for (const [index, pass] of passes.entries()) {
    const lines = await runAnsible(target, playbook, inventory, pass.startsWith('check'));
    for (const { name, ending, words } of lines) {
      const endings = found.get(name) ?? passes.map(() => ({ ending: 'missing' as Ending, words: '' }));
      endings[index] = { ending, words };
      found.set(name, endings);
    }
  }
  return found;
}

async function runAnsible(target: Target, playbook: string, inventory: string, check: boolean) {
  const settings = {
    ANSIBLE_STDOUT_CALLBACK: 'battery_lines',
    ANSIBLE_CALLBACK_PLUGINS: path.join(sourceFolder, 'targets', 'ansible'),
    ANSIBLE_PIPELINING: '1',
    ANSIBLE_LOCAL_TEMP: path.join(labFolder, 'compare', 'tmp'),
    ANSIBLE_HOME: path.join(labFolder, 'compare', 'home'),
    LC_ALL: 'C.UTF-8',
  };
  const [enter, ...rest] = insideNamespace;
  const variables = Object.entries(settings).map(([name, value]) => `${name}=${value}`);
  const command = ['env', ...variables, ansible, '-i', inventory, playbook, ...(check ? ['--check'] : [])];
  const { all, stdout } = await attempt(enter!, [...rest, ...command], { log: `ansible-${target.name}.log` });
  const lines = stdout.split('\n').filter((line) => line.startsWith('{'));
  if (lines.length === 0) throw new Error(`Ansible on ${target.name}: ${all.slice(-1000)} (${folders.logs})`);
  return lines.map((line) => JSON.parse(line) as Theirs & { name: string });
}
