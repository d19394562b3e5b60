import type { ExecutionContext } from 'ava';
import type { KplayOptions, KplayRun } from './kplay.ts';
import { changes, kplay, recap, trouble } from './kplay.ts';

/** Runs kplay and expects that nothing fails; logs how long it took. */
export async function succeeds(
  t: ExecutionContext,
  args: readonly string[],
  options: KplayOptions = {},
): Promise<KplayRun> {
  const run = await kplay(args, options);
  t.is(run.code, 0, trouble(run));
  t.log(`${args.slice(0, 3).join(' ')}: ${run.duration.toFixed(0)} s`);
  return run;
}

/** Expects that a run changed nothing on any of its hosts. */
export function unchanged(t: ExecutionContext, run: KplayRun): void {
  t.deepEqual(changes(run), []);
  for (const [host, stats] of Object.entries(recap(run)))
    t.like(stats, { changed: 0, failed: 0, unreachable: 0 }, host);
}
