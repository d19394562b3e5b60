import { createRequire } from 'node:module';
import type { Diff } from '../module/contract.ts';

type Patcher = typeof import('diff');

let patcher: Patcher | undefined;

/** The text of a diff as `--diff` shows it, in the unified format with Ansible's headers; '' when nothing differs. */
export function formatDiff(diff: Diff): string {
  if (diff.before === diff.after) return '';
  // Loaded when the first diff is shown: most runs show none.
  patcher ??= createRequire(import.meta.url)('diff') as Patcher;
  const before = diff.beforeHeader === undefined ? 'before' : `before: ${diff.beforeHeader}`;
  const after = diff.afterHeader === undefined ? 'after' : `after: ${diff.afterHeader}`;
  const patch = patcher.createTwoFilesPatch(before, after, diff.before, diff.after, undefined, undefined, {
    context: 3,
  });
  return (
    patch
      .split('\n')
      .filter((line) => !line.startsWith('====='))
      // Python's difflib leaves out a count of 1.
      .map((line) => (line.startsWith('@@') ? line.replaceAll(/(?<=\d),1(?= )/g, '') : line))
      .join('\n')
  );
}
