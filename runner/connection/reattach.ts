import { randomBytes } from 'node:crypto';
import { encode } from '../python/bytes.ts';
import { type CommandResult, CommandTimeout, type RunRequest, Unreachable } from './connection.ts';
import { commandText, type Frame } from './frame.ts';
import { FrameReader, type Report } from './frame-reader.ts';
import type { LaneJob } from './lane.ts';
import { OutputCollector } from './output.ts';
import { type Claim, type JobText, jobEnds, jobFrame, releaseScript, stopWord } from './reattach-program.ts';
import type { OutputSink } from './shell.ts';

/** What a {@link ReattachedCommand} needs of its connection. */
export interface CommandWay {
  /** Runs a frame as the command's user. Throws {@link Unreachable}. */
  run(job: LaneJob): Promise<unknown>;
  /** Calls `action` again, over a new connection, as long as it throws Unreachable and the time for that is not over. */
  repeat<T>(action: () => Promise<T>): Promise<T>;
  /** Runs a script of no interest to anybody but the host. */
  tidy(script: string): void;
}

/** The shell that followed a command was killed; the command goes on, and another shell can follow it. */
export class FollowerKilled extends Unreachable {
  constructor() {
    super('the shell that followed the command was killed');
    this.name = 'FollowerKilled';
  }
}

/** A command that outlives its connection: it is found again when the connection stands again, and its result is taken once. */
export class ReattachedCommand {
  readonly #request: RunRequest;
  readonly #seconds: number;
  readonly #text: JobText;
  readonly #output: OutputCollector;
  readonly #taken = { stdout: 0, stderr: 0 };
  #frames = 0;
  #firstAt = 0;
  #stands = false;
  #end: Report | undefined;

  /**
   * @param seconds how long each end waits for the other
   * @throws RequestError for what no shell can take
   */
  constructor(request: RunRequest, seconds: number, outputLimit: number) {
    this.#request = request;
    this.#seconds = seconds;
    this.#output = new OutputCollector(outputLimit, request.onOutput);
    const { stdin, timeoutSeconds } = request;
    this.#text = {
      // The number of the process tells whose it is where runs of several controllers meet on one host.
      name: `.kplay-job-${process.pid}-${randomBytes(12).toString('hex')}`,
      mark: randomBytes(18).toString('hex'),
      script: commandText(request),
      stdin: typeof stdin === 'string' ? encode(stdin) : stdin,
      patience: Math.max(1, Math.ceil(seconds)),
      timeoutSeconds,
    };
  }

  /** Runs it. Throws as a connection's run does. */
  async run(way: CommandWay): Promise<CommandResult> {
    await way.repeat(async () => {
      await way.run({ frame: this.#frame(), sink: this.#sink(), farewell: stopWord });
      if (!this.#end) throw new FollowerKilled();
    });
    const end = this.#end!;
    if (end.kind !== 'dead' || end.code !== jobEnds.gone) way.tidy(releaseScript(this.#text.name));
    return this.#result(end);
  }

  #frame(): Frame {
    const now = process.uptime();
    if (this.#frames === 0) this.#firstAt = now;
    this.#frames += 1;
    const secondsSinceFirst = now - this.#firstAt;
    // Who left a job alone that long may have ended it: then nothing would tell it from one that never began.
    const start = !this.#stands && secondsSinceFirst < this.#seconds;
    const claim: Claim = { start, secondsSinceFirst, number: this.#frames, taken: { ...this.#taken } };
    return jobFrame(this.#text, claim);
  }

  #sink(): OutputSink {
    const take = (stream: 'stdout' | 'stderr', bytes: Buffer) => {
      this.#taken[stream] += bytes.length;
      this.#output[stream](bytes);
    };
    const reader = new FrameReader(
      this.#text.mark,
      (bytes) => take('stdout', bytes),
      (report) => {
        if (report.kind === 'ready') this.#stands = true;
        else this.#end = report;
      },
    );
    return { stdout: (bytes) => reader.push(bytes), stderr: (bytes) => take('stderr', bytes) };
  }

  #result(end: Report): CommandResult {
    const { stdout, stderr } = this.#output.result();
    if (end.kind === 'result') return { rc: end.rc, stdout, stderr };
    switch (end.kind === 'dead' ? end.code : jobEnds.gone) {
      case jobEnds.timedOut:
        throw new CommandTimeout(this.#request.timeoutSeconds ?? 0, stdout, stderr);
      case jobEnds.refused:
        return { rc: 255, stdout, stderr };
      case jobEnds.guardKilled:
        return {
          rc: 137,
          stdout,
          stderr: `${stderr}${stderr.endsWith('\n') || stderr === '' ? '' : '\n'}${killed}\n`,
        };
      default:
        throw new Unreachable(
          this.#stands
            ? `the command was running when the connection broke, and is not to be found any more: it was ended after ${this.#seconds} s (ansible_kplay_reattach), or the host was started anew`
            : `the connection broke, and whether the command has run cannot be told after ${this.#seconds} s (ansible_kplay_reattach)`,
        );
    }
  }
}

const killed = 'kplay: the shell that ran this command was killed; what it had started may still run';
