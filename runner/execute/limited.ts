/** Runs `action` for every element, at most `limit` at the same time, starting in order. Rejects with the first error, once all that runs has ended. */
export async function forEachLimited<T>(
  elements: readonly T[],
  limit: number,
  action: (element: T) => Promise<void>,
): Promise<void> {
  let next = 0;
  let failed = false;
  let failure: unknown;
  const worker = async (): Promise<void> => {
    while (next < elements.length && !failed) {
      const element = elements[next++]!;
      try {
        await action(element);
      } catch (error) {
        if (!failed) failure = error;
        failed = true;
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(limit, elements.length) }, worker));
  if (failed) throw failure;
}
