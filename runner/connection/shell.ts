import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { decode } from '../python/bytes.ts';
import { becomeCommand, waitForHello } from './become.ts';
import type { Channel, Transport } from './channel.ts';
import { type Become, Unreachable } from './connection.ts';
import type { Frame } from './frame.ts';
import { type FrameEnd, FrameReader } from './frame-reader.ts';
import { bootCommand, helloOf, keeperProgram, topProgram } from './shell-program.ts';

/** Who gets a command's output as it arrives. */
export interface OutputSink {
  stdout(bytes: Buffer): void;
  stderr(bytes: Buffer): void;
}

/** What a shell is started with. */
export interface ShellOptions {
  /** The program that runs scripts, e.g. /bin/sh. */
  readonly shell: string;
  readonly become?: Become | undefined;
  /** Seconds in which becoming must be done. */
  readonly timeoutSeconds: number;
}

type Stream = 'stdout' | 'stderr';

interface Running {
  readonly sink: OutputSink;
  readonly ends: Partial<Record<Stream, FrameEnd>>;
  readonly resolve: (end: FrameEnd) => void;
  readonly reject: (error: Error) => void;
}

const silent: OutputSink = { stdout: () => {}, stderr: () => {} };

/** Seconds that the relay gives a command between TERM and KILL, and some for the way. */
const stopSeconds = 6;

/** One long-lived shell of one identity on a host: takes one command after the other. */
export class Shell {
  readonly #channel: Channel;
  readonly #transport: Transport;
  readonly #nonce: string;
  #running: Running | undefined;
  /** What {@link run} waits for, while it does. */
  #result: Promise<FrameEnd> | undefined;
  /** Ends seen per stream: the first is the keeper's "ready". */
  readonly #ready: Record<Stream, boolean> = { stdout: false, stderr: false };
  #noise = '';
  #usable = true;
  #finished: FrameEnd | 'closed' | undefined;

  private constructor(channel: Channel, transport: Transport, nonce: string) {
    this.#channel = channel;
    this.#transport = transport;
    this.#nonce = nonce;
  }

  /**
   * Starts a shell. Nothing is waited for but the channel, and, with become, the other user's hello. Throws
   * {@link Unreachable} or BecomeError.
   */
  static async start(transport: Transport, options: ShellOptions): Promise<Shell> {
    const token = randomBytes(9).toString('hex');
    const nonce = randomBytes(18).toString('hex');
    const boot = bootCommand(options.shell, token);
    const { become } = options;
    const channel = await transport.openChannel(become ? becomeCommand(become, boot, token) : boot);
    channel.stdin.on('error', () => {}); // Writing to what has ended; its end is told by `ended`.
    if (become) {
      const dialog = { become, token, hello: helloOf(token), timeoutSeconds: options.timeoutSeconds };
      await waitForHello(channel, dialog).catch((error: unknown) => {
        channel.destroy();
        throw transport.lost ?? error;
      });
    }
    const shell = new Shell(channel, transport, nonce);
    shell.#listen();
    channel.stdin.write(`${topProgram(nonce)}\n${keeperProgram(nonce, options.shell)}\n`);
    return shell;
  }

  /** Whether another command may be given to it. */
  get usable(): boolean {
    return this.#usable && this.#transport.lost === undefined;
  }

  /** Writes a frame, and after it the bytes of `body`, and waits for the result. Throws {@link Unreachable}. */
  async run(frame: Frame, sink: OutputSink, body?: AsyncIterable<Buffer>): Promise<FrameEnd> {
    if (this.#finished) return this.#lostResult();
    const result = new Promise<FrameEnd>((resolve, reject) => {
      this.#running = { sink, ends: {}, resolve, reject };
    });
    this.#result = result;
    this.#channel.stdin.write(Buffer.concat([Buffer.from(`${this.#nonce} ${frame.words}\n`), frame.text]));
    if (body) await Promise.race([this.#writeBody(body), result]).catch((error: unknown) => this.#bodyFailed(error));
    const end = await result.finally(() => {
      this.#result = undefined;
    });
    if (end.rc === 'dead' || end.left || (frame.raw && Number(end.rc) >= 128)) this.retire();
    return end;
  }

  /** Holds the host's output back, for a receiver that cannot keep up. */
  pauseOutput(): void {
    this.#channel.stdout.pause();
  }

  resumeOutput(): void {
    this.#channel.stdout.resume();
  }

  /**
   * Ends what runs in it, on the host, and lets {@link run} return. The shell is of no use afterwards. When nothing runs
   * nothing is waited for: the processes there end by themselves once their input has ended.
   */
  async stop(): Promise<void> {
    this.retire();
    if (!this.#result) return;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(() => {
        this.destroy();
        resolve();
      }, stopSeconds * 1000);
    });
    await Promise.race([this.#result.catch(() => {}), late]);
    clearTimeout(timer);
  }

  /** Gives it no more commands. What still runs in the background there goes on; its output is thrown away. */
  retire(): void {
    this.#usable = false;
    this.#channel.stdin.end();
  }

  /** Drops it without waiting. */
  destroy(): void {
    this.#channel.destroy();
    this.#closed();
  }

  async #writeBody(body: AsyncIterable<Buffer>): Promise<never> {
    const { stdin } = this.#channel;
    for await (const chunk of body) {
      if (!this.#running || !stdin.writable) break;
      if (stdin.write(chunk)) continue;
      // Nobody reads any more: why, the receiver's result tells.
      const drained = once(stdin, 'drain').catch(() => {});
      await Promise.race([drained, this.#channel.closed]);
    }
    return new Promise(() => {});
  }

  /** The source of the bytes failed: the host waits for the rest, which it is told will not come. */
  #bodyFailed(error: unknown): void {
    this.retire();
    const running = this.#running;
    this.#running = undefined;
    running?.reject(error instanceof Error ? error : new Error(String(error)));
  }

  #listen(): void {
    for (const stream of ['stdout', 'stderr'] as const) {
      const reader = new FrameReader(
        this.#nonce,
        (bytes) => this.#data(stream, bytes),
        (end) => this.#end(stream, end),
      );
      this.#channel[stream].on('data', (chunk: Buffer) => reader.push(chunk));
    }
    void this.#channel.closed.then(() => this.#closed());
  }

  #data(stream: Stream, bytes: Buffer): void {
    if (!this.#ready[stream]) {
      this.#noise = (this.#noise + decode(bytes)).slice(-4096);
      return;
    }
    const running = this.#running;
    if (running && !running.ends[stream]) running.sink[stream](bytes);
    else this.#usable = false; // Something in the background still prints: the next command gets a fresh shell.
  }

  #end(stream: Stream, end: FrameEnd): void {
    if (!this.#ready[stream] && end.rc !== 'dead') {
      this.#ready[stream] = true;
      return;
    }
    if (end.rc === 'dead') this.#finished ??= end;
    const running = this.#running;
    if (!running) {
      this.#usable = false;
      return;
    }
    running.ends[stream] ??= end;
    const { stdout, stderr } = running.ends;
    if (!stdout || !stderr) return;
    this.#running = undefined;
    if (!this.#ready.stdout) running.reject(this.#notStarted());
    else running.resolve(stdout);
  }

  #closed(): void {
    this.#usable = false;
    this.#finished ??= 'closed';
    const running = this.#running;
    this.#running = undefined;
    if (running) this.#lostResult().then(running.resolve, running.reject);
  }

  async #lostResult(): Promise<FrameEnd> {
    // The news that the whole connection is gone may come a moment after the channel's end.
    if (!this.#transport.lost) await new Promise((resolve) => setTimeout(resolve, 20));
    if (this.#transport.lost) throw this.#transport.lost;
    if (!this.#ready.stdout) throw this.#notStarted();
    return { rc: 'dead', left: false };
  }

  #notStarted(): Unreachable {
    const said = this.#noise.trim().split('\n').slice(-5).join('; ');
    return new Unreachable(`the shell on the host did not start: ${said || 'it ended at once'}`);
  }
}

export { silent };
