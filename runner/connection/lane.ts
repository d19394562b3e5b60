import { later } from '../wait.ts';
import { TerminalNeeded } from './become.ts';
import type { Transport } from './channel.ts';
import { Unreachable } from './connection.ts';
import type { Frame } from './frame.ts';
import { type FrameEnd, type OutputSink, Shell, type ShellOptions } from './shell.ts';

/** One command for a lane. */
export interface LaneJob {
  readonly frame: Frame;
  readonly sink: OutputSink;
  /** Raw bytes that follow the frame. */
  readonly body?: (() => AsyncIterable<Buffer>) | undefined;
  readonly timeoutSeconds?: number | undefined;
  /** Written to the job when it is ended by order, so that it can tell this from a connection that breaks. */
  readonly farewell?: string | undefined;
  /** Called with the shell before the frame is written, for back-pressure. */
  readonly onStart?: ((shell: Shell) => void) | undefined;
}

/** What a job came to. */
export interface LaneResult {
  readonly end: FrameEnd;
  readonly timedOut: boolean;
}

/** The commands of one identity on one host, one after the other; starts a shell when there is none to use. */
export class Lane {
  readonly #transport: Transport;
  readonly #options: ShellOptions;
  #shell: Shell | undefined;
  #stopped = false;
  /** Whether its user is become on a terminal; known once it was refused without. */
  #terminal = false;
  /** Shells that processes in the background still print to. */
  readonly #retired: Shell[] = [];
  #last: Promise<unknown> = Promise.resolve();

  constructor(transport: Transport, options: ShellOptions) {
    this.#transport = transport;
    this.#options = options;
  }

  /** Runs a job when its turn comes. Throws Unreachable, BecomeError. */
  run(job: LaneJob): Promise<LaneResult> {
    const result = this.#last.then(() => this.#run(job));
    this.#last = result.catch(() => {});
    return result;
  }

  /** Ends what runs, there too; it and what waits throw Unreachable. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#shell?.stop();
  }

  async #run(job: LaneJob): Promise<LaneResult> {
    this.#check();
    const shell = await this.#usableShell();
    this.#check();
    job.onStart?.(shell);
    let timedOut = false;
    const timer =
      job.timeoutSeconds === undefined
        ? undefined
        : later(job.timeoutSeconds * 1000, () => {
            timedOut = true;
            void shell.stop();
          });
    try {
      const end = await shell.run(job.frame, job.sink, job.body?.(), job.farewell);
      this.#check();
      return { end, timedOut };
    } finally {
      timer?.cancel();
    }
  }

  #check(): void {
    if (this.#stopped) throw new Unreachable('the connection was closed before the command had ended');
  }

  async #usableShell(): Promise<Shell> {
    if (this.#shell?.usable) return this.#shell;
    if (this.#shell) this.#retire(this.#shell);
    this.#shell = await this.#start();
    return this.#shell;
  }

  async #start(): Promise<Shell> {
    try {
      return await Shell.start(this.#transport, { ...this.#options, terminal: this.#terminal });
    } catch (error) {
      if (!(error instanceof TerminalNeeded) || this.#terminal) throw error;
      this.#terminal = true;
      return Shell.start(this.#transport, { ...this.#options, terminal: true });
    }
  }

  /** A server allows ten sessions: the oldest go, and with them what still printed there gets SIGPIPE, as with plain ssh. */
  #retire(shell: Shell): void {
    shell.retire();
    this.#retired.push(shell);
    if (this.#retired.length > retiredLimit) this.#retired.shift()?.destroy();
  }
}

const retiredLimit = 3;
