/** Milliseconds on a clock that is never set. `performance` has them too, but takes as long to load as ten tasks to run. */
export function milliseconds(): number {
  const [seconds, nanoseconds] = process.hrtime();
  return seconds * 1000 + nanoseconds / 1e6;
}
