import type { Diff } from './module/contract.ts';
import type { Position } from './position.ts';
import type { Mapping, Value } from './value.ts';

/** How a task ended on a host. `rescued` and `ignored` are counted in the recap beside failed ones that did not end the host. */
export type Outcome = 'ok' | 'changed' | 'skipped' | 'failed' | 'unreachable';

/** A task's result on one host as reporters see it: no_log is applied, and what the register of secrets knows is masked. */
export interface ReportedResult {
  readonly outcome: Outcome;
  /** ok although it failed, by ignore_errors or ignore_unreachable. */
  readonly ignored: boolean;
  /** Everything registered: msg, rc, stdout, invocation … `censored` when no_log. */
  readonly fields: Mapping;
  readonly diffs: readonly Diff[];
  readonly warnings: readonly string[];
  /** Name of the host that it was delegated to. */
  readonly delegatedTo?: string | undefined;
  /** The loop item's label, for an item's result. */
  readonly item?: Value | undefined;
  /** Milliseconds. */
  readonly duration: number;
  readonly attempts?: number | undefined;
  /** Whether it is shown with -v only, though its module's results are always shown: by no_log, or since the task says so. */
  readonly quiet?: boolean | undefined;
}

/** One host's numbers of the recap, Ansible's columns. */
export interface HostStats {
  ok: number;
  changed: number;
  unreachable: number;
  failed: number;
  skipped: number;
  rescued: number;
  ignored: number;
}

/** A task as reporters see it. */
export interface ReportedTask {
  /** Unique in the run. */
  readonly id: string;
  /** Rendered name as Ansible shows it: `role : name`, or the module. */
  readonly name: string;
  readonly action: string;
  readonly position: Position;
  readonly handler: boolean;
  readonly tags: readonly string[];
  readonly checkMode: boolean;
}

/** All that happens in a run, in order. Reporters and the JSON stream see nothing else. Times are milliseconds since the epoch. */
export type RunEvent =
  | {
      readonly type: 'run-start';
      readonly time: number;
      readonly playbooks: readonly string[];
      readonly checkMode: boolean;
      /** Absent for a run of all hosts. */
      readonly shard?: { readonly index: number; readonly count: number } | undefined;
    }
  | {
      readonly type: 'play-start';
      readonly time: number;
      readonly name: string;
      readonly strategy: 'linear' | 'free' | 'host_pinned';
      readonly hosts: readonly string[];
      readonly position: Position;
    }
  | { readonly type: 'no-hosts-matched'; readonly time: number }
  | {
      readonly type: 'no-hosts-remaining';
      readonly time: number;
      /** Whether more hosts have failed than max_fail_percentage lets. */
      readonly tooManyFailed: boolean;
    }
  | {
      readonly type: 'task-start';
      readonly time: number;
      readonly task: ReportedTask;
      readonly hosts: readonly string[];
    }
  | { readonly type: 'host-start'; readonly time: number; readonly task: ReportedTask; readonly host: string }
  | {
      readonly type: 'host-output';
      readonly time: number;
      readonly task: ReportedTask;
      readonly host: string;
      readonly stream: 'stdout' | 'stderr';
      readonly text: string;
    }
  | {
      readonly type: 'host-retry';
      readonly time: number;
      readonly task: ReportedTask;
      readonly host: string;
      readonly attempt: number;
      readonly retriesLeft: number;
      readonly result: ReportedResult;
    }
  | {
      readonly type: 'host-item';
      readonly time: number;
      readonly task: ReportedTask;
      readonly host: string;
      readonly result: ReportedResult;
    }
  | {
      readonly type: 'host-result';
      readonly time: number;
      readonly task: ReportedTask;
      readonly host: string;
      readonly result: ReportedResult;
      /** Whether the task looped, and its items' results have been told. */
      readonly looped: boolean;
    }
  | { readonly type: 'task-end'; readonly time: number; readonly task: ReportedTask }
  | {
      readonly type: 'included';
      readonly time: number;
      readonly file: string;
      readonly hosts: readonly string[];
      readonly item?: Value | undefined;
    }
  | { readonly type: 'handler-notified'; readonly time: number; readonly handler: string; readonly host: string }
  | {
      readonly type: 'message';
      readonly time: number;
      readonly level: 'warning' | 'deprecated' | 'info' | 'verbose';
      readonly verbosity?: number;
      readonly text: string;
      readonly position?: Position | undefined;
    }
  | { readonly type: 'play-end'; readonly time: number }
  | {
      readonly type: 'recap';
      readonly time: number;
      readonly hosts: Readonly<Record<string, HostStats>>;
      readonly custom: Mapping;
      readonly interrupted: boolean;
    }
  | { readonly type: 'run-end'; readonly time: number; readonly exitCode: number; readonly duration: number };

/** Receives events; anything it returns is awaited before the run ends. */
export interface Reporter {
  /** Whether it shows what commands print while they run. Where nobody does, no such event is made. */
  readonly showsOutput: boolean;
  handle(event: RunEvent): void;
  close?(): Promise<void> | void;
}
