/** Which tasks a run is for: `--tags` (empty means all) and `--skip-tags`. */
export interface TagSelection {
  readonly only: readonly string[];
  readonly skip: readonly string[];
}

/** Whether a task with these tags runs, by Ansible's rules for always, never, tagged, untagged and all. */
export function isSelected(tags: readonly string[], selection: TagSelection): boolean {
  const own = tags.length > 0 ? tags : untagged;
  const tagged = tags.length > 0;
  return isAskedFor(own, tagged, selection.only) && !isSkipped(own, tagged, selection.skip);
}

const untagged: readonly string[] = ['untagged'];
const all: readonly string[] = ['all'];

function isAskedFor(tags: readonly string[], tagged: boolean, only: readonly string[]): boolean {
  const asked = only.length > 0 ? only : all;
  if (tags.includes('always')) return true;
  if (asked.includes('all') && !tags.includes('never')) return true;
  if (asked.some((tag) => tags.includes(tag))) return true;
  return asked.includes('tagged') && tagged && !tags.includes('never');
}

function isSkipped(tags: readonly string[], tagged: boolean, skip: readonly string[]): boolean {
  if (skip.includes('all')) return !tags.includes('always') || skip.includes('always');
  return skip.some((tag) => tags.includes(tag)) || (skip.includes('tagged') && tagged);
}
