import type { Worker } from 'node:worker_threads';
import { type Listener, setListener } from '../computing.ts';
import { ExitCode } from '../errors.ts';

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** What the counters that this thread and the watcher share are: signals heard here and there, and those acted upon. */
const [heardHere, heardThere, noticed, state] = [0, 1, 2, 3];
const [listening, unable] = [1, 2];
/** Milliseconds after which a run is watched, whatever it does. */
const watchedAfter = 3000;

/**
 * Runs an action that the first Ctrl-C (or SIGTERM, SIGHUP) aborts in order; the second ends kplay at once. Both are
 * heard while templates are computed too.
 */
export async function withInterrupt<T>(abort: AbortController, action: () => Promise<T>): Promise<T> {
  const interrupt = new Interrupt(abort);
  interrupt.begin();
  setListener(interrupt);
  try {
    return await action();
  } finally {
    setListener(undefined);
    await interrupt.end();
  }
}

/**
 * Counts signals. While the event loop waits for a computation to end, the watcher's thread counts them too; both threads
 * hear each signal from when the watcher listens, so the higher count is right.
 */
class Interrupt implements Listener {
  readonly #abort: AbortController;
  readonly #counters = new Int32Array(new SharedArrayBuffer(16));
  #watcher: Worker | undefined;
  #timer: NodeJS.Timeout | undefined;
  #ended = false;

  constructor(abort: AbortController) {
    this.#abort = abort;
  }

  begin(): void {
    for (const signal of signals) process.on(signal, this.#hear);
    // What came before the watcher listens is heard late, so that runs that take a while have one.
    this.#timer ??= setTimeout(() => this.#watch(), watchedAfter).unref();
  }

  async end(): Promise<void> {
    this.#ended = true;
    clearTimeout(this.#timer);
    for (const signal of signals) process.off(signal, this.#hear);
    await this.#watcher?.terminate();
  }

  /**
   * Has signals heard by the watcher. Where it hears nothing (in a Node without the binding, or because it is only
   * starting while nobody can look), they end kplay as they end any program, until the loop's next turn.
   */
  listen(countsSteps: boolean): void {
    this.#watch();
    const heard = Atomics.load(this.#counters, state);
    if (heard === listening || (countsSteps && heard !== unable)) return;
    if (process.listenerCount('SIGINT', this.#hear) === 0) return;
    for (const signal of signals) process.off(signal, this.#hear);
    setImmediate(() => this.#ended || this.begin());
  }

  #watch(): void {
    this.#watcher ??= startWatcher(this.#counters);
  }

  interrupted(): boolean {
    this.#notice();
    return this.#abort.signal.aborted;
  }

  readonly #hear = (): void => {
    Atomics.add(this.#counters, heardHere, 1);
    this.#notice();
  };

  #notice(): void {
    const count = Math.max(Atomics.load(this.#counters, heardHere), Atomics.load(this.#counters, heardThere));
    if (count === Atomics.load(this.#counters, noticed)) return;
    Atomics.store(this.#counters, noticed, count);
    if (count > 1) process.exit(ExitCode.interrupted);
    process.stderr.write('\nInterrupted: stopping what runs on the hosts. Press Ctrl-C again to leave at once.\n');
    this.#abort.abort();
  }
}

function startWatcher(counters: Int32Array): Worker {
  // Loaded when it is used: most runs end before.
  const { Worker } = process.getBuiltinModule('node:worker_threads');
  const watcher = new Worker(new URL('./signal-watcher.cjs', import.meta.url), {
    workerData: counters,
    // Makes Node's own binding for signals reachable, in that thread only, and does not warn of it.
    execArgv: ['--expose-internals', '--no-warnings'],
    resourceLimits: { maxOldGenerationSizeMb: 8, maxYoungGenerationSizeMb: 2, stackSizeMb: 1 },
  });
  watcher.on('error', () => Atomics.store(counters, state, unable));
  watcher.unref();
  return watcher;
}
