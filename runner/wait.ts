/** A call that is to come, and can be called off. */
export interface Timer {
  cancel(): void;
}

/** The longest time, in milliseconds, that a timer of Node takes (24.8 days); a longer one would fire at once. */
export const longestTimer = 2 ** 31 - 1;

/** Calls `action` after some milliseconds, however many. */
export function later(milliseconds: number, action: () => void): Timer {
  const due = Date.now() + milliseconds;
  let timer: NodeJS.Timeout;
  const arm = (left: number): void => {
    timer = left > longestTimer ? setTimeout(() => arm(due - Date.now()), longestTimer) : setTimeout(action, left);
  };
  arm(milliseconds);
  return { cancel: () => clearTimeout(timer) };
}

/** Settles after some milliseconds, however many, or as soon as `signal` says that nobody waits any more; never rejects. */
export function wait(milliseconds: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve();
    const done = (): void => {
      timer.cancel();
      signal?.removeEventListener('abort', done);
      resolve();
    };
    const timer = later(milliseconds, done);
    signal?.addEventListener('abort', done);
  });
}
