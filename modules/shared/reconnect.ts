import { setTimeout as sleep } from 'node:timers/promises';
import type { Host } from '../../runner/module/contract.ts';

/** How a host that went away is waited for. */
export interface ReconnectOptions {
  /** Seconds in all. */
  readonly timeout: number;
  /** Seconds that one try may take. */
  readonly connectTimeout: number;
  /** Seconds between two tries. */
  readonly pause: number;
}

/**
 * Connects anew until `test` says that the host is there; `test` throws or returns false while it is not.
 * Returns why the last try failed when time is up, undefined when the host is there.
 */
export async function waitForHost(
  host: Host,
  test: () => Promise<boolean>,
  options: ReconnectOptions,
): Promise<string | undefined> {
  const end = Date.now() + options.timeout * 1000;
  let reason = 'no answer';
  for (;;) {
    try {
      await limited(host.reset(), options.connectTimeout);
      if (await limited(test(), options.connectTimeout)) return undefined;
      reason = 'it answers, but is not ready';
    } catch (error) {
      reason = error instanceof Error ? error.message : String(error);
    }
    if (Date.now() + options.pause * 1000 >= end) return reason;
    await sleep(options.pause * 1000);
  }
}

/** Gives up waiting for a promise after some seconds; what it comes to later is of no interest. */
async function limited<T>(promise: Promise<T>, seconds: number): Promise<T> {
  const timer = new AbortController();
  promise.catch(() => undefined);
  try {
    return await Promise.race([
      promise,
      sleep(seconds * 1000, undefined, { signal: timer.signal }).then(() => {
        throw new Error(`no answer within ${seconds} s`);
      }),
    ]);
  } finally {
    timer.abort();
  }
}
