import type { HostStats } from '../events.ts';
import type { TaskOutcome } from './outcome.ts';

/** What a run has come to so far: the recap's numbers, and the hosts that are out. */
export class RunState {
  readonly stats = new Map<string, HostStats>();
  /** Hosts that failed and take part in no further play. */
  readonly failed = new Set<string>();
  readonly unreachable = new Set<string>();
  readonly #remaining = new WeakMap<readonly string[], { readonly out: number; readonly list: readonly string[] }>();

  /** Counts a task's outcome on a host in the recap's columns, as Ansible does. */
  count(host: string, outcome: TaskOutcome, rescuable: boolean): void {
    const stats = this.statsOf(host);
    switch (outcome.outcome) {
      case 'changed':
        stats.changed++;
        stats.ok++;
        return;
      case 'ok':
        stats.ok++;
        return;
      case 'skipped':
        stats.skipped++;
        return;
      case 'unreachable':
        if (outcome.ignored) {
          stats.ok++;
          stats.ignored++;
        } else stats.unreachable++;
        return;
      case 'failed':
        this.#countFailure(stats, outcome, rescuable);
    }
  }

  #countFailure(stats: HostStats, outcome: TaskOutcome, rescuable: boolean): void {
    if (outcome.ignored) {
      stats.ok++;
      stats.ignored++;
      if (outcome.result.changed === true) stats.changed++;
    } else if (rescuable) stats.rescued++;
    else stats.failed++;
  }

  /** The numbers of a host, all 0 at first. */
  statsOf(host: string): HostStats {
    let stats = this.stats.get(host);
    if (!stats) {
      stats = { ok: 0, changed: 0, unreachable: 0, failed: 0, skipped: 0, rescued: 0, ignored: 0 };
      this.stats.set(host, stats);
    }
    return stats;
  }

  /** Those of the hosts that are still in; the same list until one drops out. */
  remaining(hosts: readonly string[]): readonly string[] {
    const out = this.failed.size + this.unreachable.size;
    const known = this.#remaining.get(hosts);
    if (known?.out === out) return known.list;
    const list = hosts.filter((host) => !this.isOut(host));
    this.#remaining.set(hosts, { out, list });
    return list;
  }

  isOut(host: string): boolean {
    return this.failed.has(host) || this.unreachable.has(host);
  }
}
