import type { PlayNode } from '../language/tree.ts';
import type { PlayPlan } from '../strategy/play-plan.ts';
import type { Engine } from './engine.ts';
import type { RunState } from './run-state.ts';

/** What the steps of one batch of a play share. */
export interface PlayContext {
  readonly engine: Engine;
  readonly play: PlayNode;
  readonly plan: PlayPlan;
  readonly state: RunState;
  /** Names of the batch's hosts, with those that were lost before. */
  readonly batch: readonly string[];
  /** Names of the play's hosts that are still in it. */
  playHosts(): readonly string[];
  /** Whether other controllers have hosts of the play (`--shard`). */
  readonly divided: boolean;
  readonly forks: number;
  /** Whether more of the batch's hosts failed in this play than `max_fail_percentage` allows, with those that fail now. */
  tooManyFailed(now: ReadonlySet<string>): boolean;
  readonly signal: AbortSignal;
  readonly outputLost: AbortSignal;
  /** `--step`: whether to take a task. */
  confirm(taskName: string): Promise<boolean>;
}
