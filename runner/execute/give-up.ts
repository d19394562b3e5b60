/** Milliseconds that what is under way has for ending by itself when the run is interrupted. */
const grace = 1000;

/**
 * Waits for work to end; once the run is interrupted, for a moment more at most, since modules also wait for times and
 * ports that have nothing to do with the connections that are closed then. Throws what the work throws.
 */
export async function orGiveUp(work: Promise<void>, signal: AbortSignal): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  let begin = (): void => {};
  const givenUp = new Promise<void>((resolve) => {
    begin = () => {
      timer = setTimeout(resolve, grace);
    };
  });
  if (signal.aborted) begin();
  else signal.addEventListener('abort', begin);
  try {
    await Promise.race([work, givenUp]);
  } finally {
    signal.removeEventListener('abort', begin);
    clearTimeout(timer);
  }
}
