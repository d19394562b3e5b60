import type { IncludeNode, TaskNode, TaskTreeNode } from '../language/tree.ts';
import type { Mapping, Value } from '../value.ts';

/** A task that a host has come to. Hosts at the same step run it together under the linear strategy. */
export interface Step {
  readonly node: TaskNode | IncludeNode;
  /** Where the task stands in the play: compared number by number, the smaller comes first. */
  readonly key: readonly number[];
  /** Finished variables of the includes around it. */
  readonly loopVars: Mapping;
  readonly handler: boolean;
}

/** One file or role that an include brought for a host. */
export interface IncludedPart {
  /** Place among all parts that the include brings to any host, so that hosts stay in step. */
  readonly sequence: number;
  readonly nodes: readonly TaskTreeNode[];
  readonly loopVars: Mapping;
}

/** How a step ended for one host. */
export type StepResult =
  | { readonly kind: 'done'; readonly changed: boolean; readonly ran: boolean; readonly result?: Mapping }
  | { readonly kind: 'failed'; readonly result: Mapping; readonly ran: boolean }
  | { readonly kind: 'unreachable'; readonly message: string }
  | { readonly kind: 'included'; readonly parts: readonly IncludedPart[] }
  | { readonly kind: 'meta'; readonly action: string };

/** How a step ended for the hosts that took it. */
export interface StepResults {
  readonly hosts: ReadonlyMap<string, StepResult>;
  /** Set when every host of the batch fails with it (any_errors_fatal, run_once): why. */
  readonly failEveryone?: string | undefined;
  /** Set when the play ends here for the batch (max_fail_percentage). */
  readonly abort?: boolean | undefined;
}

/** Runs a step for hosts that are at it; knows how, while the strategy knows when. */
export type StepRunner = (step: Step, hosts: readonly HostState[]) => Promise<StepResults>;

/** What a step runner may know of a host's way through the play. */
export interface HostState {
  readonly name: string;
  /** Whether a failure now would be caught by a rescue. */
  readonly rescuable: boolean;
}

/** -1, 0 or 1: which of two places in a play comes first. A place inside another comes after it. */
export function compareKeys(a: readonly number[], b: readonly number[]): number {
  const length = Math.min(a.length, b.length);
  for (let index = 0; index < length; index++) {
    if (a[index]! !== b[index]!) return a[index]! < b[index]! ? -1 : 1;
  }
  return Math.sign(a.length - b.length);
}

/** The host failed at a task; a rescue around it may catch this. */
export class HostFailed extends Error {
  readonly node: TaskNode | IncludeNode | undefined;
  readonly result: Mapping;
  constructor(node: TaskNode | IncludeNode | undefined, result: Mapping) {
    super(String((result.msg as Value | undefined) ?? 'failed'));
    this.name = 'HostFailed';
    this.node = node;
    this.result = result;
  }
}

/** The host goes no further in this play: unreachable (never rescued), or ended by meta. */
export class HostLeft extends Error {
  readonly why: 'unreachable' | 'ended' | 'aborted';
  constructor(why: 'unreachable' | 'ended' | 'aborted') {
    super(why);
    this.name = 'HostLeft';
    this.why = why;
  }
}

/** meta: end_role; ends the role that the host is in. */
export class RoleEnded extends Error {}
