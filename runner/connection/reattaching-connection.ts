import { wait } from '../wait.ts';
import {
  type Become,
  type CommandResult,
  type Connection,
  ConnectionLost,
  type Placement,
  type RunRequest,
  Unreachable,
} from './connection.ts';
import { commandFrame } from './frame.ts';
import type { HostConnection } from './host-connection.ts';

const silent = { stdout: () => {}, stderr: () => {} };

/** Seconds after which a connection that was made anew counts as one that holds: its loss is waited for anew. */
const settledSeconds = 10;
/** Seconds between two tries to connect. */
const pauseSeconds = 1;
/** Seconds that the end of the connection waits for what was to be tidied up. */
const tidySeconds = 2;

/**
 * A host's connection that, for calls with `reattachSeconds`, is made anew when it breaks: commands that run are found
 * again, what only reads and files are asked for and sent again. Other calls go straight through.
 */
export class ReattachingConnection implements Connection {
  readonly #host: HostConnection;
  readonly #outputLimit: number;
  readonly #tidying = new Set<Promise<unknown>>();
  #reopening: Promise<void> | undefined;
  #closed = false;

  /** @param outputLimit bytes of output kept per stream of a command */
  constructor(host: HostConnection, outputLimit: number) {
    this.#host = host;
    this.#outputLimit = outputLimit;
  }

  open(): Promise<void> {
    return this.#host.open();
  }

  async run(request: RunRequest): Promise<CommandResult> {
    const { reattachSeconds: seconds, become } = request;
    if (seconds === undefined) return this.#host.run(request);
    if (request.repeatable) return this.#repeat(seconds, () => this.#host.run(request));
    const { ReattachedCommand } = await import('./reattach.ts');
    return new ReattachedCommand(request, seconds, this.#outputLimit).run({
      run: (job) => this.#host.runJob(job, become),
      repeat: (action) => this.#repeat(seconds, action),
      tidy: (script) => this.#tidy(script, become),
    });
  }

  send(
    source: string | Buffer,
    destination: string,
    placement: Placement,
    become?: Become,
    reattachSeconds?: number,
  ): Promise<void> {
    return this.#repeat(reattachSeconds, () => this.#host.send(source, destination, placement, become));
  }

  fetch(source: string, destination: string, become?: Become, reattachSeconds?: number): Promise<void> {
    return this.#repeat(reattachSeconds, () => this.#host.fetch(source, destination, become));
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#tidied();
    await this.#host.close();
  }

  async reset(): Promise<void> {
    await this.#tidied();
    await this.#host.reset();
  }

  /** Calls `action` again after each loss of the connection, as long as the connection can be made anew within `seconds` of it. */
  async #repeat<T>(seconds: number | undefined, action: () => Promise<T>): Promise<T> {
    if (seconds === undefined) return action();
    let until = 0;
    for (;;) {
      const started = process.uptime();
      try {
        return await action();
      } catch (error) {
        if (!(error instanceof Unreachable) || !(await this.#mayCome(error))) throw error;
        const now = process.uptime();
        if (until === 0 || now - started > settledSeconds) until = now + seconds;
        await this.#reconnect(error, until, seconds);
      }
    }
  }

  /** Whether what failed may come to its end over a new connection or with a new shell. */
  async #mayCome(error: Unreachable): Promise<boolean> {
    if (this.#closed || !this.#host.stood) return false;
    return error instanceof ConnectionLost || error.name === 'FollowerKilled' || !(await this.#host.stands());
  }

  async #reconnect(loss: Unreachable, until: number, seconds: number): Promise<void> {
    for (;;) {
      try {
        if (process.uptime() >= until) throw loss;
        return await this.#reopen();
      } catch (error) {
        if (!(error instanceof Unreachable) || this.#closed) throw error;
        if (process.uptime() + pauseSeconds < until) await wait(pauseSeconds * 1000);
        else {
          const last = error === loss ? '' : `: ${error.message}`;
          throw new Unreachable(
            `${loss.message}; it did not come back within ${seconds} s (ansible_kplay_reattach)${last}`,
            { cause: error },
          );
        }
      }
    }
  }

  /** Makes the connection anew when it is lost: once, for all that wait for it. */
  #reopen(): Promise<void> {
    this.#reopening ??= this.#host.open().finally(() => {
      this.#reopening = undefined;
    });
    return this.#reopening;
  }

  #tidy(script: string, become: Become | undefined): void {
    const forget = () => {
      this.#tidying.delete(done);
    };
    const done: Promise<void> = this.#host
      .runJob({ frame: commandFrame({ script }), sink: silent }, become)
      .then(forget, forget);
    this.#tidying.add(done);
  }

  async #tidied(): Promise<void> {
    if (this.#tidying.size === 0) return;
    const over = new AbortController();
    await Promise.race([Promise.all(this.#tidying), wait(tidySeconds * 1000, over.signal)]);
    over.abort();
  }
}
