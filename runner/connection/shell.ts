import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { becomeCommand, becomeOnTerminal, waitForHello } from './become.ts';
import type { Channel, Transport } from './channel.ts';
import { type Become, Unreachable } from './connection.ts';
import { type Frame, leavesInput } from './frame.ts';
import { FrameReader, type Report } from './frame-reader.ts';
import { bootCommand, helloOf, startProgram, topBeginning } from './shell-program.ts';
import { StartUp } from './start-up.ts';

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
  /** Whether the other user is become on a terminal. */
  readonly terminal?: boolean | undefined;
  /** Seconds for the login to start the shell, and for becoming. */
  readonly timeoutSeconds: number;
}

/** How a frame's command ended. */
export interface FrameEnd {
  /** The exit code; `dead` when the shell that ran it, or was to run it, was killed: nobody knows how far it came. */
  readonly rc: number | 'dead';
  /** The exit code of the shell's keeper, when it is dead and told. */
  readonly keeper?: number | undefined;
  /** Whether processes of the command still run. */
  readonly left: boolean;
}

type Stream = 'stdout' | 'stderr';

interface Running {
  readonly number: number;
  readonly sink: OutputSink;
  /** Results that the keeper has to say the rest of. */
  readonly open: Partial<Record<Stream, number>>;
  readonly ends: Partial<Record<Stream, FrameEnd>>;
  readonly resolve: (end: FrameEnd) => void;
  readonly reject: (error: Error) => void;
}

/** Seconds that the relay gives a command between TERM and KILL, and some for the way. */
const stopSeconds = 6;

/** One long-lived shell of one identity on a host: takes one command after the other. Its states: PROTOCOL.md. */
export class Shell {
  readonly #channel: Channel;
  /** Why the connection was lost, when that ended the shell. */
  readonly #loss: () => Error | undefined;
  readonly #nonce: string;
  readonly #startUp: StartUp;
  #running: Running | undefined;
  /** What {@link run} waits for, while it does. */
  #result: Promise<FrameEnd> | undefined;
  /** Of the last frame written. */
  #number = 0;
  #farewell: string | undefined;
  #usable = true;
  /** What the next command would come to, once the shell has ended. */
  #finished: FrameEnd | Unreachable | undefined;

  private constructor(channel: Channel, loss: () => Error | undefined, token: string, timeoutSeconds: number) {
    this.#channel = channel;
    this.#loss = loss;
    this.#nonce = randomBytes(18).toString('hex');
    const ours = [helloOf(token), this.#nonce.slice(0, 12), topBeginning];
    this.#startUp = new StartUp(ours, timeoutSeconds, (error) => this.#late(error));
  }

  /**
   * Starts a shell. Nothing is waited for but the channel, and, with become, the other user's hello. Throws
   * {@link Unreachable} or BecomeError; TerminalNeeded when it may do with `terminal`.
   */
  static async start(transport: Transport, options: ShellOptions): Promise<Shell> {
    const token = randomBytes(9).toString('hex');
    const { become, shell: program, terminal = false, timeoutSeconds } = options;
    const onTerminal = become && terminal ? becomeOnTerminal(become, program, token) : undefined;
    const channel = await transport.openChannel(
      onTerminal?.command ?? (become ? becomeCommand(become, program, token) : bootCommand(program, token)),
    );
    channel.stdin.on('error', () => {}); // Writing to what has ended; its end is told by `ended`.
    if (onTerminal) channel.stdin.write(`\n${onTerminal.line}\n`);
    const loss = lossBelow(channel);
    if (become) {
      const dialog = { become, token, hello: helloOf(token), terminal, timeoutSeconds };
      await waitForHello(channel, dialog).catch((error: unknown) => {
        channel.kill();
        channel.destroy();
        throw loss() ?? error;
      });
    }
    const shell = new Shell(channel, loss, token, timeoutSeconds);
    shell.#listen();
    channel.stdin.write(startProgram(shell.#nonce, program));
    return shell;
  }

  /** Whether another command may be given to it. */
  get usable(): boolean {
    return this.#usable && this.#channel.transport.lost === undefined;
  }

  /**
   * Writes a frame, and after it the bytes of `body`, and waits for the result; {@link stop} writes `farewell` to what runs. Throws
   * {@link Unreachable}. A shell that has ended is given nothing more.
   */
  async run(frame: Frame, sink: OutputSink, body?: AsyncIterable<Buffer>, farewell?: string): Promise<FrameEnd> {
    if (this.#finished) {
      await this.#lostResult();
      throw new Unreachable('the shell on the host ended before the command was given to it');
    }
    const number = ++this.#number;
    const result = new Promise<FrameEnd>((resolve, reject) => {
      this.#running = { number, sink, open: {}, ends: {}, resolve, reject };
    });
    this.#result = result;
    this.#farewell = farewell;
    const head = `${this.#nonce} ${String(number).padStart(6, '0')} ${frame.words}\n`;
    this.#channel.stdin.write(Buffer.concat([Buffer.from(head), frame.text]));
    if (body) await Promise.race([this.#writeBody(body), result]).catch((error: unknown) => this.#bodyFailed(error));
    const end = await result.finally(() => {
      this.#result = undefined;
    });
    if (end.rc === 'dead' || end.left || leavesInput(frame, end.rc)) this.retire();
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
    if (this.#result && this.#farewell !== undefined) this.#channel.stdin.write(this.#farewell);
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
    this.#closed(undefined);
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
        (report) => this.#report(stream, report),
      );
      this.#channel[stream].on('data', (chunk: Buffer) => reader.push(chunk));
    }
    const { closed, ended } = this.#channel;
    void ended.then(() => {
      this.#usable = false;
    });
    void closed.then(async () => this.#closed((await ended).code));
  }

  #data(stream: Stream, bytes: Buffer): void {
    if (!this.#startUp.ready(stream)) return this.#startUp.say(stream, bytes);
    const running = this.#running;
    if (running && !running.ends[stream]) running.sink[stream](bytes);
    else this.#usable = false; // Something in the background still prints: the next command gets a fresh shell.
  }

  #report(stream: Stream, report: Report): void {
    const running = this.#running;
    switch (report.kind) {
      case 'ready':
        return this.#startUp.setReady(stream);
      case 'dead':
        return this.#dead(stream, report.code);
      case 'result':
        if (report.number !== running?.number || running.ends[stream]) return this.retire();
        if (report.rest) running.open[stream] = report.rc;
        else this.#end(stream, { rc: report.rc, left: false });
        return;
      case 'rest': {
        const rc = running?.open[stream];
        if (rc === undefined) return this.retire();
        this.#end(stream, { rc, left: report.left });
      }
    }
  }

  /** The keeper has ended. A result that was told before still holds. */
  #dead(stream: Stream, code: number): void {
    this.#finished ??= this.#startUp.hasStarted
      ? { rc: 'dead', keeper: code, left: false }
      : this.#startUp.failed(code);
    this.#startUp.over();
    this.retire();
    const rc = this.#running?.open[stream];
    this.#end(stream, rc === undefined ? { rc: 'dead', keeper: code, left: false } : { rc, left: false });
  }

  #end(stream: Stream, end: FrameEnd): void {
    const running = this.#running;
    if (!running) return;
    running.ends[stream] ??= end;
    const { stdout, stderr } = running.ends;
    if (!stdout || !stderr) return;
    this.#running = undefined;
    if (this.#finished instanceof Unreachable) running.reject(this.#finished);
    else running.resolve(stderr.rc === 'dead' ? stderr : stdout);
  }

  #late(error: Unreachable): void {
    this.#finished ??= error;
    this.#channel.kill();
    this.destroy();
  }

  /** @param code how the program at the other end ended */
  #closed(code: number | undefined): void {
    this.#usable = false;
    this.#finished ??= this.#startUp.hasStarted ? { rc: 'dead', left: false } : this.#startUp.failed(code);
    this.#startUp.over();
    const running = this.#running;
    this.#running = undefined;
    if (running) this.#lostResult().then(running.resolve, running.reject);
  }

  async #lostResult(): Promise<FrameEnd> {
    const { transport } = this.#channel;
    // The news that the whole connection is gone may come a moment after the channel's end.
    if (!transport.lost) await new Promise((resolve) => setTimeout(resolve, 20));
    if (!this.#finished || this.#finished instanceof Unreachable) throw this.#loss() ?? this.#finished;
    if (transport.lost) throw transport.lost;
    return this.#finished;
  }
}

/**
 * Tells, whenever it is asked, why the connection below a program was lost, if that has ended the program: not when the program's own
 * end was told, after which some servers close the connection.
 */
function lossBelow(channel: Channel): () => Error | undefined {
  let told = false;
  void channel.ended.then(({ code, signal }) => {
    told = code !== undefined || signal !== undefined;
  });
  return () => (told ? undefined : channel.transport.lost);
}
