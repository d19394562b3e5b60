/** Actions of this test file that may run at the same time: as many processes as there are tests would keep each other from running. */
const limit = 4;

let running = 0;
const waiting: (() => void)[] = [];

/** Does something now, or when fewer of the same file's do. */
export async function fewAtOnce<T>(action: () => Promise<T>): Promise<T> {
  if (running < limit) running++;
  else await new Promise<void>((resolve) => waiting.push(resolve));
  try {
    return await action();
  } finally {
    const next = waiting.shift();
    if (next) next();
    else running--;
  }
}
