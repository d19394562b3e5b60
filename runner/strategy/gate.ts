import type { HostState, Step, StepResult, StepResults, StepRunner } from './step.ts';
import { compareKeys, HostFailed, HostLeft } from './step.ts';

/** Where hosts wait for their turn: decides which hosts take which step when. */
export interface Gate {
  /** The host has come to a step; resolves when it has been taken. Rejects with HostFailed or HostLeft when the batch failed. */
  arrive(host: HostState, step: Step): Promise<StepResult>;
  /** The host goes no further. */
  leave(host: HostState): void;
}

interface Waiting {
  readonly host: HostState;
  readonly step: Step;
  readonly resolve: (result: StepResult) => void;
  readonly reject: (error: Error) => void;
}

/**
 * The linear strategy: once every host has come to some step, the hosts at the earliest one take it together; the
 * others wait.
 */
export class LinearGate implements Gate {
  readonly #active: Set<HostState>;
  readonly #order: Map<HostState, number>;
  readonly #run: StepRunner;
  #waiting: Waiting[] = [];
  #taking = false;

  constructor(hosts: readonly HostState[], run: StepRunner) {
    this.#active = new Set(hosts);
    this.#order = new Map(hosts.map((host, index) => [host, index]));
    this.#run = run;
  }

  arrive(host: HostState, step: Step): Promise<StepResult> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ host, step, resolve, reject });
      this.#takeStepIfAllWait();
    });
  }

  leave(host: HostState): void {
    this.#active.delete(host);
    this.#takeStepIfAllWait();
  }

  #takeStepIfAllWait(): void {
    if (this.#taking || this.#waiting.length === 0 || this.#waiting.length < this.#active.size) return;
    this.#taking = true;
    const group = this.#earliest();
    void this.#take(group);
  }

  #earliest(): Waiting[] {
    let group: Waiting[] = [];
    for (const waiting of this.#waiting) {
      const order = group.length === 0 ? -1 : compareKeys(waiting.step.key, group[0]!.step.key);
      if (order < 0) group = [waiting];
      else if (order === 0 && waiting.step.node === group[0]!.step.node) group.push(waiting);
    }
    return group.sort((a, b) => this.#order.get(a.host)! - this.#order.get(b.host)!);
  }

  async #take(group: readonly Waiting[]): Promise<void> {
    let results: StepResults;
    try {
      results = await this.#run(
        group[0]!.step,
        group.map((waiting) => waiting.host),
      );
    } catch (error) {
      this.#rejectAll(this.#waiting, error as Error);
      return;
    } finally {
      this.#taking = false;
    }
    if (results.failEveryone !== undefined || results.abort) {
      this.#failEveryone(group, results);
      return;
    }
    const taken = new Set(group);
    this.#waiting = this.#waiting.filter((waiting) => !taken.has(waiting));
    for (const waiting of group) waiting.resolve(results.hosts.get(waiting.host.name)!);
  }

  #failEveryone(group: readonly Waiting[], results: StepResults): void {
    const everyone = this.#waiting;
    this.#waiting = [];
    const taken = new Set(group);
    for (const waiting of everyone) {
      const own = taken.has(waiting) ? results.hosts.get(waiting.host.name) : undefined;
      if (own && (own.kind === 'failed' || own.kind === 'unreachable')) waiting.resolve(own);
      else if (results.abort) waiting.reject(new HostLeft('aborted'));
      else waiting.reject(new HostFailed(waiting.step.node, { failed: true, msg: results.failEveryone! }));
    }
  }

  #rejectAll(waiting: readonly Waiting[], error: Error): void {
    this.#waiting = [];
    for (const one of waiting) one.reject(error);
  }
}

/** The free and host_pinned strategies: every host takes its steps as fast as it can. */
export class FreeGate implements Gate {
  readonly #run: StepRunner;

  constructor(run: StepRunner) {
    this.#run = run;
  }

  async arrive(host: HostState, step: Step): Promise<StepResult> {
    const results = await this.#run(step, [host]);
    const own = results.hosts.get(host.name)!;
    if (results.abort && own.kind === 'done') throw new HostLeft('aborted');
    return own;
  }

  leave(): void {}
}
