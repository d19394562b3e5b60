import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { temporaryDirectory } from '../../temporary.ts';
import type { Finding } from '../finding.ts';
import { Random } from '../random.ts';
import { type KplayEnd, startKplay } from './kplay-run.ts';
import { commandCount, contentOf, fileCount, playbook } from './playbook.ts';
import { SshHost } from './ssh-host.ts';

/** What {@link killRuns} came to. */
export interface KillResult {
  readonly kills: number;
  /** How often each was killed. */
  readonly victims: ReadonlyMap<string, number>;
  readonly findings: readonly Finding[];
}

/** Who is killed. Processes of the host are those of the session: sshd, and all below it. */
const victims = [
  'controller INT',
  'controller TERM',
  'controller KILL',
  'sshd',
  'process',
  'process',
  'process',
  'power',
];

/** Milliseconds that a run may take after which it counts as hanging. */
const hang = 120_000;

/**
 * Runs a playbook `count` times on a host and kills something at a random moment, then runs it again to its end, and looks
 * whether files are whole, nothing is left, and every command that is told to have run did so once.
 */
export async function killRuns(
  seed: number,
  count: number,
  tell: (text: string) => void,
  first = 0,
): Promise<KillResult> {
  const directory = temporaryDirectory('kplay-kills');
  const killed = new Map<string, number>();
  const findings: Finding[] = [];
  const host = await SshHost.start(directory);
  try {
    writeSources(directory);
    const usual = await timeOf(() => complete(directory, 0, 'first'));
    for (let index = first; index < first + count; index++) {
      const random = new Random(seed, index);
      const victim = random.pick(victims);
      killed.set(victim, (killed.get(victim) ?? 0) + 1);
      const version = 1 + (index % 2);
      const before = await runAndKill(host, victim, random, { version, run: `k${index}`, usual });
      const after = await complete(directory, version, `a${index}`);
      const wrong = [
        ...check(host, `k${index}`, before),
        ...check(host, `a${index}`, after),
        ...(await remains(host, version, after)),
      ];
      findings.push(...wrong.map((what) => ({ index, what: `${victim}: ${what}` })));
      writeFileSync(path.join(directory, 'files/ledger'), '');
      if ((index - first + 1) % 10 === 0) tell(`${index - first + 1} of ${count} kills, ${findings.length} findings`);
    }
  } finally {
    await host.stop();
    rmSync(directory, { recursive: true, force: true });
  }
  return { kills: count, victims: killed, findings };
}

function writeSources(directory: string): void {
  for (const version of [0, 1, 2]) {
    const place = path.join(directory, 'sources', String(version));
    mkdirSync(place, { recursive: true });
    for (let file = 0; file < fileCount; file++)
      writeFileSync(path.join(place, String(file)), contentOf(file, version));
  }
  writeFileSync(path.join(directory, 'sources/script.sh'), '#!/bin/sh\necho script\n');
  writeFileSync(path.join(directory, 'play.yml'), playbook(directory));
}

interface Moment {
  readonly version: number;
  readonly run: string;
  /** Milliseconds that a whole run takes. */
  readonly usual: number;
}

async function runAndKill(host: SshHost, victim: string, random: Random, moment: Moment): Promise<KplayEnd> {
  const run = startKplay(argumentsOf(host.directory, moment.version, moment.run));
  await new Promise((resolve) => setTimeout(resolve, random.next() * moment.usual));
  if (victim.startsWith('controller')) run.process.kill(`SIG${victim.split(' ')[1]}` as NodeJS.Signals);
  else if (victim === 'power') await host.loseThePower();
  else {
    const candidates = host.processes().filter(({ command }) => (victim === 'sshd') === command.startsWith('sshd'));
    if (candidates.length > 0) killQuietly(random.pick(candidates).pid);
  }
  const late = setTimeout(() => run.process.kill('SIGKILL'), hang);
  const end = await run.ended;
  clearTimeout(late);
  return end;
}

function killQuietly(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has just ended.
  }
}

/** A run that nothing disturbs. */
function complete(directory: string, version: number, run: string): Promise<KplayEnd> {
  return startKplay(argumentsOf(directory, version, run)).ended;
}

function argumentsOf(directory: string, version: number, run: string): string[] {
  const extra = JSON.stringify({ version, run });
  return [path.join(directory, 'play.yml'), '-i', path.join(directory, 'inventory.yml'), '-e', extra];
}

async function timeOf(action: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await action();
  return performance.now() - start;
}

/** Whether the ledger of a run says what was reported: a command that is told to have run did so once, any other at most once. */
function check(host: SshHost, run: string, end: KplayEnd): string[] {
  const ledger = readFileSync(path.join(host.directory, 'files/ledger'), 'utf8').split('\n');
  const found: string[] = [];
  if (/^\s+at .*:\d+:\d+/m.test(end.stderr)) found.push(`a stack trace: ${end.stderr.slice(0, 1000)}`);
  for (let index = 0; index < commandCount; index++) {
    const times = ledger.filter((line) => line === `${run}.${index}`).length;
    const results = end.events.flatMap((event) =>
      event.type === 'host-result' && event.task.name === `command ${index}` ? [event.result] : [],
    );
    if (results.length > 1) found.push(`command ${index} of ${run} has ${results.length} results`);
    const done = results.some(({ fields }) => fields.rc === 0);
    if (times > 1) found.push(`command ${index} of ${run} ran ${times} times`);
    if (done && times === 0) found.push(`command ${index} of ${run} is told to have run, and did not`);
    const output = results[0]?.fields.stdout;
    if (done && output !== `done ${run}.${index}`) found.push(`command ${index} of ${run} printed "${String(output)}"`);
  }
  return found;
}

/** What is not as it should be after a run that nothing disturbed. */
async function remains(host: SshHost, version: number, end: KplayEnd): Promise<string[]> {
  const found: string[] = [];
  if (end.code !== 0) found.push(`the next run ended with ${end.code}: ${failures(end)}`);
  const files = path.join(host.directory, 'files');
  for (let file = 0; file < fileCount; file++) {
    const place = path.join(files, `file${file}`);
    const content = existsSync(place) ? readFileSync(place, 'utf8') : 'nothing';
    if (content !== contentOf(file, version))
      found.push(`file ${file} is not what it should be (${content.length} bytes)`);
  }
  // kplay does not wait for its shells there, which put away what is theirs.
  let left = host.processes();
  for (let tries = 0; left.length > 0 && tries < 100; tries++) {
    await new Promise((resolve) => setTimeout(resolve, 100));
    left = host.processes();
  }
  if (left.length > 0) found.push(`still running: ${left.map(({ command }) => command.slice(0, 80)).join(', ')}`);
  for (const place of [files, path.join(host.directory, 'home')]) {
    const names = readdirSync(place, { recursive: true, encoding: 'utf8' }).filter((name) => name.includes('kplay'));
    if (names.length > 0) found.push(`left in ${path.basename(place)}: ${names.join(', ')}`);
  }
  return found;
}

function failures(end: KplayEnd): string {
  const failed = end.events.flatMap((event) =>
    event.type === 'host-result' && ['failed', 'unreachable'].includes(event.result.outcome)
      ? [`${event.task.name}: ${String(event.result.fields.msg)}`]
      : [],
  );
  return [...failed, end.stderr.trim()].join('; ').slice(0, 600);
}
