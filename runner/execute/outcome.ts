import type { Outcome, ReportedResult } from '../events.ts';
import type { Diff } from '../module/contract.ts';
import type { Position } from '../position.ts';
import { showable, showableEntries } from '../shared-values.ts';
import type { Mapping, Value } from '../value.ts';

/** How one task ended on one host (or one item of its loop), before reporters see it. */
export interface TaskOutcome {
  readonly outcome: Outcome;
  /** It failed, but ignore_errors or ignore_unreachable let the host go on. */
  readonly ignored: boolean;
  /** What `register` keeps. */
  readonly result: Mapping;
  readonly diffs: readonly Diff[];
  readonly warnings: readonly string[];
  readonly noLog: boolean;
  readonly delegatedTo?: string | undefined;
  /** Present where no module judged: all that no_log lets be seen of what went wrong. */
  readonly fault?: Fault | undefined;
  /** Whether it is shown with -v only, though its module's results are always shown. */
  readonly quiet?: boolean | undefined;
  readonly duration: number;
  readonly item?: { readonly label: Value } | undefined;
}

/** What ended a task before its module had a result. */
export interface Fault {
  /** What sort of thing went wrong, in a word. */
  readonly kind: string;
  readonly position?: Position | undefined;
}

/** What reporters may see of an outcome: nothing but the state when no_log is set. Secrets are masked on the way to them. */
export function reported(outcome: TaskOutcome): ReportedResult {
  const { noLog, item, delegatedTo } = outcome;
  return {
    outcome: outcome.outcome,
    ignored: outcome.ignored,
    fields: noLog ? censored(outcome) : showableEntries(outcome.result),
    diffs: noLog ? [] : outcome.diffs,
    warnings: noLog ? [] : outcome.warnings,
    duration: outcome.duration,
    ...(outcome.quiet || noLog ? { quiet: true } : {}),
    ...(delegatedTo === undefined ? {} : { delegatedTo }),
    ...(item === undefined ? {} : { item: noLog ? censoredItem : showable(item.label) }),
    ...(typeof outcome.result.attempts === 'number' ? { attempts: outcome.result.attempts } : {}),
  };
}

/** What is shown of an item that no_log hides. */
export const censoredItem = '(censored due to no_log)';

function censored({ result, fault }: TaskOutcome): Mapping {
  const kept: Mapping = {
    censored: "the output has been hidden due to the fact that 'no_log: true' was specified for this result",
  };
  for (const key of ['changed', 'failed', 'skipped', 'unreachable', 'attempts']) {
    if (result[key] !== undefined) kept[key] = result[key];
  }
  if (fault) kept.fault = fault.kind;
  if (fault?.position) kept.place = placeText(fault.position);
  return kept;
}

/** A place as results hold it. */
export function placeText(position: Position): string {
  return `${position.file}:${position.line}:${position.column}`;
}

/** The outcome of a task that did not come to run a module: skipped, or failed before. */
export function outcomeWithoutModule(outcome: 'skipped' | 'failed', result: Mapping, duration = 0): TaskOutcome {
  return { outcome, ignored: false, result, diffs: [], warnings: [], noLog: false, duration };
}

/** The outcome of a task whose condition does not hold. */
export function skipOutcome(condition: string | boolean): TaskOutcome {
  return outcomeWithoutModule('skipped', {
    changed: false,
    failed: false,
    skipped: true,
    skip_reason: 'Conditional result was False',
    false_condition: condition,
  });
}
