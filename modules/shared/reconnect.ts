import type { Host } from '../../runner/module/contract.ts';
import { later, wait } from '../../runner/wait.ts';

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
    await wait(options.pause * 1000);
  }
}

/** Gives up waiting for a promise after some seconds; what it comes to later is of no interest. */
function limited<T>(promise: Promise<T>, seconds: number): Promise<T> {
  promise.catch(() => undefined);
  return new Promise((resolve, reject) => {
    const timer = later(seconds * 1000, () => reject(new Error(`no answer within ${seconds} s`)));
    promise.then(resolve, reject).finally(() => timer.cancel());
  });
}
