import type { ReportedResult, ReportedTask } from '../events.ts';
import { shownJson } from '../python/json.ts';
import { repr } from '../python/text.ts';
import type { Mapping, Value } from '../value.ts';

/** Modules whose result is what the task is for, shown always and indented, as Ansible does. */
const shownAlways = new Set(['debug', 'assert']);

/** What is not shown of a debug task beside its variable. */
const hiddenInDebug = new Set(['changed', 'skip_reason', 'ansible_loop_var', 'ansible_index_var', 'ansible_loop']);

/** Whether a task's result is shown although nothing is wrong with it. */
export function showsResult(task: ReportedTask, result: ReportedResult, verbosity: number): boolean {
  return verbosity > 0 || isForShow(task, result);
}

function isForShow(task: ReportedTask, result: ReportedResult): boolean {
  return shownAlways.has(shortName(task.action)) && result.quiet !== true;
}

/** A result as text for people: without what is only for programs. */
export function resultText(task: ReportedTask, result: ReportedResult, verbosity: number): string {
  const module = shortName(task.action);
  const shown: Mapping = {};
  for (const [key, value] of Object.entries(result.fields)) {
    if (key.startsWith('_ansible_') || key === 'diff' || key === 'warnings' || key === 'deprecations') continue;
    if (key === 'invocation' && verbosity < 3) continue;
    if (key === 'failed' || key === 'skipped' || (key === 'results' && result.outcome === 'skipped')) continue;
    if (module === 'debug' && (hiddenInDebug.has(key) || (key !== 'msg' && 'msg' in result.fields))) continue;
    shown[key] = value;
  }
  // What is skipped or fails before it comes to show anything Ansible prints as any other.
  const hasNothingToShow =
    result.outcome === 'skipped' ||
    (result.outcome === 'failed' && !(module === 'assert' && 'assertion' in result.fields));
  const indent = (isForShow(task, result) && !hasNothingToShow) || verbosity > 2;
  return shownJson(shown, { indent: indent ? 4 : null, sortKeys: true });
}

/** An item's label in parentheses. */
export function itemText(item: Value | undefined): string {
  if (item === undefined || item === null) return 'None';
  return typeof item === 'string' ? item : repr(item);
}

function shortName(action: string): string {
  return action.split('.').at(-1)!;
}
