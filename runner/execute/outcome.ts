import type { Outcome, ReportedResult } from '../events.ts';
import type { Diff } from '../module/contract.ts';
import type { Mapping, Value } from '../value.ts';
import { isMapping } from '../value.ts';

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
  /** Texts that must not be shown: values of no_log arguments. */
  readonly secrets: readonly string[];
  readonly duration: number;
  readonly item?: { readonly label: Value } | undefined;
}

const mask = '********';

/** What reporters may see of an outcome: masked, or nothing but the state when no_log is set. */
export function reported(outcome: TaskOutcome): ReportedResult {
  const fields = outcome.noLog ? censored(outcome.result) : (maskValue(outcome.result, outcome.secrets) as Mapping);
  return {
    outcome: outcome.outcome,
    ignored: outcome.ignored,
    fields,
    diffs: outcome.noLog ? [] : outcome.diffs.map((diff) => maskDiff(diff, outcome.secrets)),
    warnings: outcome.noLog ? [] : outcome.warnings.map((warning) => maskText(warning, outcome.secrets)),
    duration: outcome.duration,
    ...(outcome.delegatedTo === undefined ? {} : { delegatedTo: outcome.delegatedTo }),
    ...(outcome.item === undefined
      ? {}
      : { item: outcome.noLog ? '(censored due to no_log)' : maskValue(outcome.item.label, outcome.secrets) }),
    ...(typeof outcome.result.attempts === 'number' ? { attempts: outcome.result.attempts } : {}),
  };
}

function censored(result: Mapping): Mapping {
  const kept: Mapping = {
    censored: "the output has been hidden due to the fact that 'no_log: true' was specified for this result",
  };
  for (const key of ['changed', 'failed', 'skipped', 'unreachable', 'attempts']) {
    if (result[key] !== undefined) kept[key] = result[key];
  }
  return kept;
}

function maskValue(value: Value, secrets: readonly string[]): Value {
  if (secrets.length === 0) return value;
  if (typeof value === 'string') return maskText(value, secrets);
  if (Array.isArray(value)) return value.map((element) => maskValue(element, secrets));
  if (!isMapping(value)) return value;
  const masked: Mapping = {};
  for (const [key, entry] of Object.entries(value)) masked[maskText(key, secrets)] = maskValue(entry, secrets);
  return masked;
}

function maskDiff(diff: Diff, secrets: readonly string[]): Diff {
  return { ...diff, before: maskText(diff.before, secrets), after: maskText(diff.after, secrets) };
}

/** Replaces every secret in a text. */
export function maskText(text: string, secrets: readonly string[]): string {
  let masked = text;
  for (const secret of secrets) masked = masked.replaceAll(secret, mask);
  return masked;
}

/** The outcome of a task that did not come to run a module: skipped, or failed before. */
export function outcomeWithoutModule(outcome: 'skipped' | 'failed', result: Mapping, duration = 0): TaskOutcome {
  return { outcome, ignored: false, result, diffs: [], warnings: [], noLog: false, secrets: [], duration };
}

/** The outcome of a task whose condition does not hold. */
export function skipOutcome(condition: string | boolean): TaskOutcome {
  return outcomeWithoutModule('skipped', {
    changed: false,
    skipped: true,
    skip_reason: 'Conditional result was False',
    false_condition: condition,
  });
}
