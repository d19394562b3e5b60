import type { HostStats, RunEvent } from '../events.ts';
import type { Mapping } from '../value.ts';

type Recap = Extract<RunEvent, { type: 'recap' }>;

/** What is known of a run from the events that it printed. */
export interface RunSummary {
  readonly file: string;
  readonly shard: { readonly index: number; readonly count: number } | undefined;
  readonly recap: Recap | undefined;
  /** Undefined when the run did not come to its end. */
  readonly exitCode: number | undefined;
}

/** What several runs came to together. */
export interface Merged {
  readonly recap: Recap;
  readonly exitCode: number;
  /** What is missing or does not belong together, a sentence each. */
  readonly problems: readonly string[];
}

/** Collects a run's summary of its events, line by line; whatever is no event is passed over. */
export class SummaryReader {
  readonly #file: string;
  #shard: RunSummary['shard'];
  #recap: Recap | undefined;
  #exitCode: number | undefined;

  constructor(file: string) {
    this.#file = file;
  }

  line(text: string): void {
    // Results may be long; only three kinds of events count.
    if (!/^\{"type":"(run-start|recap|run-end)"/.test(text)) return;
    let event: RunEvent;
    try {
      event = JSON.parse(text) as RunEvent;
    } catch {
      return; // The run was killed in the middle of the line.
    }
    if (event.type === 'run-start') this.#shard = event.shard;
    else if (event.type === 'recap') this.#recap = event;
    else if (event.type === 'run-end') this.#exitCode = event.exitCode;
  }

  summary(): RunSummary {
    return { file: this.#file, shard: this.#shard, recap: this.#recap, exitCode: this.#exitCode };
  }
}

/** Exit codes from the worst: defects, errors, interruptions, unreachable hosts, failed ones. */
const worstFirst = [250, 1, 5, 99, 4, 2];

/** Adds the numbers of several runs' hosts; what is missing makes the outcome an error. */
export function mergeRuns(runs: readonly RunSummary[]): Merged {
  const hosts = new Map<string, HostStats>();
  const custom: Mapping = {};
  const problems = missingShards(runs);
  const codes = new Set<number>();
  for (const { file, shard, recap, exitCode } of runs) {
    if (recap === undefined || exitCode === undefined)
      problems.push(`${file} does not hold a run that came to its end.`);
    codes.add(exitCode ?? 1);
    for (const [host, stats] of Object.entries(recap?.hosts ?? {})) addStats(hosts, host, stats);
    for (const [owner, data] of Object.entries(recap?.custom ?? {})) {
      custom[owner === '_run' ? `RUN ${shard ? `${shard.index}/${shard.count}` : file}` : owner] = data;
    }
  }
  if (problems.length > 0) codes.add(1);
  return {
    recap: {
      type: 'recap',
      time: Math.max(0, ...runs.map((run) => run.recap?.time ?? 0)),
      hosts: Object.fromEntries(hosts),
      custom,
      interrupted: runs.some((run) => run.recap?.interrupted === true),
    },
    exitCode: worstFirst.find((code) => codes.has(code)) ?? Math.max(0, ...codes),
    problems,
  };
}

function addStats(hosts: Map<string, HostStats>, host: string, stats: HostStats): void {
  const known = hosts.get(host);
  if (!known) {
    hosts.set(host, { ...stats });
    return;
  }
  for (const name of Object.keys(known) as (keyof HostStats)[]) known[name] += stats[name];
}

function missingShards(runs: readonly RunSummary[]): string[] {
  const shards = runs.flatMap((run) => (run.shard ? [run.shard] : []));
  const counts = [...new Set(shards.map((shard) => shard.count))];
  if (counts.length === 0) return [];
  if (counts.length > 1) return [`These are shards of different runs: of ${counts.join(', of ')}.`];
  const [count] = counts as [number];
  const problems: string[] = [];
  for (let index = 1; index <= count; index++) {
    const times = shards.filter((shard) => shard.index === index).length;
    if (times === 0) problems.push(`Shard ${index}/${count} is missing.`);
    else if (times > 1) problems.push(`Shard ${index}/${count} is there ${times} times.`);
  }
  return problems;
}
