import type { ReportedTask } from '../events.ts';
import type { TaskNode } from '../language/tree.ts';
import type { Mapping } from '../value.ts';
import type { CompiledTask } from './compiled-task.ts';
import type { Engine } from './engine.ts';

/** One task on one host, as the strategy asks for it. */
export interface TaskRequest {
  readonly engine: Engine;
  readonly task: CompiledTask & { readonly node: TaskNode };
  readonly report: ReportedTask;
  readonly host: string;
  /** Finished variables of the includes around the task. */
  readonly loopVars: Mapping;
  /** Hosts of the play that are still in it. */
  playHosts(): readonly string[];
  /** Hosts that facts and variables which the task sets are for: the host, or all of the batch for run_once. */
  readonly factHosts: readonly string[];
  readonly signal: AbortSignal;
}
