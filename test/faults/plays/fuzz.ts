import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Finding } from '../finding.ts';
import { Random } from '../random.ts';
import { startThrowaway } from '../throwaway.ts';
import { readCorpus } from './corpus.ts';
import { mutatedPlaybook } from './mutate.ts';

/** What a run of the fuzzer came to. */
export interface FuzzResult {
  readonly plays: number;
  /** How many plays ended with each exit code. */
  readonly codes: ReadonlyMap<number, number>;
  readonly findings: readonly Finding[];
  /** The most memory of the process, in MiB. */
  readonly memory: number;
}

const driver = fileURLToPath(new URL('driver.js', import.meta.url));

/** Plays that one throw-away host takes: what they did to it must not be in the way of all that follow. */
const perHost = 200;
/** Seconds without a word after which a play hangs, on a busy machine too: it is interrupted after 2. */
const hangSeconds = 120;
/** MiB that no play may need. */
export const memoryLimit = 500;

/** Runs `count` mutated playbooks, each on two names of a throw-away host. The same seed gives the same playbooks. */
export async function fuzzPlays(
  seed: number,
  count: number,
  tell: (text: string) => void,
  first = 0,
): Promise<FuzzResult> {
  const codes = new Map<number, number>();
  const findings: Finding[] = [];
  let memory = 0;
  for (let next = first; next < first + count; ) {
    const batch = new Batch(seed, next, Math.min(perHost, first + count - next));
    const end = await batch.run();
    for (const code of batch.codes) codes.set(code, (codes.get(code) ?? 0) + 1);
    findings.push(...batch.findings);
    memory = Math.max(memory, batch.memory);
    next = end;
    tell(`${next - first} of ${count} plays, ${findings.length} findings, ${memory} MiB`);
  }
  return { plays: count, codes, findings, memory };
}

/** The text of a playbook that a finding is about. */
export async function playbookOf(seed: number, index: number): Promise<string> {
  return mutatedPlaybook(await readCorpus(), new Random(seed, index)).toString();
}

/** What kplay must not print: a stack trace, or its own word that it failed. */
const traces = /^\s+at .*(?:\.[cm]?js|node:[\w/]+):\d+:\d+\)?$|internal error|failed internally|JavaScript heap/im;

/** Some plays on one host. */
class Batch {
  readonly codes: number[] = [];
  readonly findings: Finding[] = [];
  memory = 0;
  readonly #seed: number;
  readonly #first: number;
  readonly #count: number;
  #index: number;
  #text = '';
  #done = false;

  constructor(seed: number, first: number, count: number) {
    this.#seed = seed;
    this.#first = first;
    this.#count = count;
    this.#index = first;
  }

  /** Returns the index of the play to go on with. */
  async run(): Promise<number> {
    const host = startThrowaway([process.execPath, driver, ...[this.#seed, this.#first, this.#count].map(String)]);
    let timer = setTimeout(() => {}, 0);
    let hangs = false;
    const wait = (): void => {
      clearTimeout(timer);
      timer = setTimeout(() => {
        hangs = true;
        host.kill();
      }, hangSeconds * 1000);
    };
    wait();
    const sampler = setInterval(() => this.#sample(host.process.pid), 200);
    for (const stream of [host.process.stdout!, host.process.stderr!]) {
      stream.setEncoding('utf8').on('data', (text: string) => this.#take(text, wait));
    }
    await host.ended;
    clearTimeout(timer);
    clearInterval(sampler);
    if (this.#done) return this.#first + this.#count;
    this.#find(hangs ? 'hangs' : `ended the process: ${this.#text.trim().slice(-1500)}`);
    return this.#index + 1;
  }

  #take(text: string, alive: () => void): void {
    this.#text += text;
    const lines = this.#text.split('\n');
    this.#text = lines.pop()!;
    let said = '';
    for (const line of lines) {
      const [mark, word, index, code] = line.split(' ');
      if (mark !== '@@') {
        said += `${line}\n`;
        continue;
      }
      alive();
      this.#judge(said);
      said = '';
      if (word === 'begin') this.#index = Number(index);
      if (word === 'end') this.codes.push(Number(code));
      if (word === 'done') this.#done = true;
    }
    this.#judge(said);
  }

  #judge(said: string): void {
    const found = traces.exec(said);
    if (found && this.findings.at(-1)?.index !== this.#index) {
      this.#find(said.slice(Math.max(0, found.index - 300), found.index + 900).trim());
    }
  }

  #find(what: string): void {
    this.findings.push({ index: this.#index, what });
  }

  /** The driver's memory: it is the last of the processes that started each other. */
  #sample(pid: number | undefined): void {
    try {
      let last = String(pid);
      for (let children = ' '; children !== ''; ) {
        children = readFileSync(`/proc/${last}/task/${last}/children`, 'utf8').trim();
        if (children === '' || !/unshare|sh|setpriv/.test(readFileSync(`/proc/${last}/comm`, 'utf8'))) break;
        last = children.split(' ')[0]!;
      }
      const kibibytes = /^VmHWM:\s+(\d+)/m.exec(readFileSync(`/proc/${last}/status`, 'utf8'))?.[1];
      this.memory = Math.max(this.memory, Math.round(Number(kibibytes ?? 0) / 1024));
    } catch {
      // It has just ended.
    }
    if (this.memory > memoryLimit && !this.findings.some(({ what }) => what.startsWith('memory'))) {
      this.#find(`memory: ${this.memory} MiB`);
    }
  }
}
