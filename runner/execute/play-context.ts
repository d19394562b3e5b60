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
  /** Names of the batch's hosts. */
  readonly batch: readonly string[];
  /** Names of the play's hosts that are still in it. */
  playHosts(): readonly string[];
  /** Whether other controllers have hosts of the play (`--shard`). */
  readonly divided: boolean;
  readonly forks: number;
  /** Percentage of the batch that may fail; undefined for any. */
  readonly maxFailPercentage: number | undefined;
  readonly signal: AbortSignal;
  readonly outputLost: AbortSignal;
  /** `--step`: whether to take a task. */
  confirm(taskName: string): Promise<boolean>;
}
