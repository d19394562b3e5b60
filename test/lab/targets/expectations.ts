/** How a task ended, as far as the battery cares. */
export type Ending = 'ok' | 'changed' | 'skipped' | 'failed' | 'unreachable' | 'missing';

/** The four runs of the battery, in order. */
export const passes = ['check', 'run', 'again', 'check again'] as const;

/** What a tag says of a task, one ending a pass. */
const byTag: Readonly<Record<string, readonly [Ending, Ending, Ending, Ending]>> = {
  /** Changes nothing, ever. */
  reads: ['ok', 'ok', 'ok', 'ok'],
  /** Does something every time, which check mode leaves out. */
  acts: ['skipped', 'changed', 'changed', 'skipped'],
  /** Says changed every time, in check mode too. */
  always: ['changed', 'changed', 'changed', 'changed'],
  /** Changes nothing, and check mode leaves it out. */
  asks: ['skipped', 'ok', 'ok', 'skipped'],
  /** Is skipped by what it finds. */
  skips: ['skipped', 'skipped', 'skipped', 'skipped'],
  /** Removes what an earlier task makes in every run. */
  again: ['ok', 'changed', 'changed', 'ok'],
  /** Fails on purpose. */
  fails: ['failed', 'failed', 'failed', 'failed'],
  /** Fails on purpose; check mode does not try. */
  tries: ['skipped', 'failed', 'failed', 'skipped'],
  /** Fails on purpose for a reason that only shows while it is done. */
  refused: ['changed', 'failed', 'failed', 'changed'],
};

/** Changes something in the first run. */
const once: readonly [Ending, Ending, Ending, Ending] = ['changed', 'changed', 'ok', 'ok'];

/** What a task with these tags comes to in each pass; without one of the tags above it changes something once. */
export function expected(tags: readonly string[]): readonly [Ending, Ending, Ending, Ending] {
  const tag = tags.find((name) => Object.hasOwn(byTag, name));
  return tag === undefined ? once : byTag[tag]!;
}
