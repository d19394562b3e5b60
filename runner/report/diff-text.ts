import type { Diff } from '../module/contract.ts';

type Patcher = typeof import('diff');

/** Makes the text of diffs as `--diff` shows it, in the unified format with Ansible's headers. */
export type DiffFormatter = (diff: Diff) => string;

/** Loads what makes diffs; only runs that show them pay for it. */
export async function createDiffFormatter(): Promise<DiffFormatter> {
  const patcher: Patcher = await import('diff');
  return (diff) => formatDiff(patcher, diff);
}

function formatDiff(patcher: Patcher, diff: Diff): string {
  if (diff.before === diff.after) return '';
  const before = diff.beforeHeader === undefined ? 'before' : `before: ${diff.beforeHeader}`;
  const after = diff.afterHeader === undefined ? 'after' : `after: ${diff.afterHeader}`;
  const patch = patcher.createTwoFilesPatch(before, after, diff.before, diff.after, undefined, undefined, {
    context: 3,
  });
  return patch
    .split('\n')
    .filter((line) => !line.startsWith('====='))
    .join('\n');
}
