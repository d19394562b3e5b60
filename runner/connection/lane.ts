import type { Transport } from './channel.ts';
import type { Frame } from './frame.ts';
import type { FrameEnd } from './frame-reader.ts';
import { type OutputSink, Shell, type ShellOptions } from './shell.ts';

/** One command for a lane. */
export interface LaneJob {
  readonly frame: Frame;
  readonly sink: OutputSink;
  /** Raw bytes that follow the frame. */
  readonly body?: (() => AsyncIterable<Buffer>) | undefined;
  readonly timeoutSeconds?: number | undefined;
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

  /** Ends what runs, there too. */
  async stop(): Promise<void> {
    await this.#shell?.stop();
  }

  async #run(job: LaneJob): Promise<LaneResult> {
    if (this.#transport.lost) throw this.#transport.lost;
    const shell = await this.#usableShell();
    job.onStart?.(shell);
    let timedOut = false;
    const timer =
      job.timeoutSeconds === undefined
        ? undefined
        : setTimeout(() => {
            timedOut = true;
            void shell.stop();
          }, job.timeoutSeconds * 1000);
    try {
      const end = await shell.run(job.frame, job.sink, job.body?.());
      return { end, timedOut };
    } finally {
      clearTimeout(timer);
    }
  }

  async #usableShell(): Promise<Shell> {
    if (this.#shell?.usable) return this.#shell;
    this.#shell?.retire();
    this.#shell = await Shell.start(this.#transport, this.#options);
    return this.#shell;
  }
}
