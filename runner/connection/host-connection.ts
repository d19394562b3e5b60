import { randomBytes } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import { finished } from 'node:stream/promises';
import { systemPath } from '../python/file-names.ts';
import { wait } from '../wait.ts';
import type { Transport } from './channel.ts';
import {
  type Become,
  type CommandResult,
  CommandTimeout,
  type Connection,
  FileChanged,
  type Placement,
  type RunRequest,
  TransferError,
  Unreachable,
} from './connection.ts';
import { commandFrame, rawFrame } from './frame.ts';
import { changedMeanwhile } from './host-functions.ts';
import { Lane, type LaneJob, type LaneResult } from './lane.ts';
import { OutputCollector } from './output.ts';
import type { OutputSink, Shell } from './shell.ts';
import { SpreadTransport } from './spread-transport.ts';
import { codeHint } from './start-up.ts';
import { printScript, receiveScript } from './transfer.ts';

/** What a {@link HostConnection} needs besides a transport. */
export interface HostConnectionOptions {
  /** Makes the transport. Throws {@link Unreachable}. */
  readonly connect: () => Promise<Transport>;
  readonly shell: string;
  readonly connectTimeoutSeconds: number;
  /** Bytes of output kept per stream of a command. */
  readonly outputLimit: number;
  /** Times to try again when the connection cannot be made. */
  readonly retries: number;
}

/**
 * The connection to one host over any transport: lanes of commands, one per identity. Where it was lost, the next command is run over another
 * one; what was running is not run again.
 */
export class HostConnection implements Connection {
  readonly #options: HostConnectionOptions;
  readonly #lanes = new Map<string, Lane>();
  #transport: Promise<SpreadTransport> | undefined;
  #closed = false;
  #stood = false;

  constructor(options: HostConnectionOptions) {
    this.#options = options;
  }

  async open(): Promise<void> {
    await (await this.#open()).stand();
  }

  /** Whether the connection has ever been made. */
  get stood(): boolean {
    return this.#stood;
  }

  /** Whether the connection stands; one that is in the making is waited for. */
  async stands(): Promise<boolean> {
    const transport = await this.#transport?.catch(() => undefined);
    return transport?.stands === true;
  }

  /** Runs what is no plain command. Throws {@link Unreachable}, BecomeError. */
  async runJob(job: LaneJob, become?: Become): Promise<LaneResult> {
    return (await this.#lane(become)).run(job);
  }

  async run(request: RunRequest): Promise<CommandResult> {
    const frame = commandFrame(request);
    const lane = await this.#lane(request.become);
    const output = new OutputCollector(this.#options.outputLimit, request.onOutput);
    const { timeoutSeconds } = request;
    const result = await lane.run({ frame, sink: output, timeoutSeconds });
    const { stdout, stderr } = output.result();
    if (result.timedOut) throw new CommandTimeout(timeoutSeconds ?? 0, stdout, stderr);
    if (result.end.rc !== 'dead') return { rc: Number(result.end.rc), stdout, stderr };
    return { rc: deadCode(result), stdout, stderr: `${stderr}${lineBreak(stderr)}${deadSentence(result)}\n` };
  }

  async send(source: string | Buffer, destination: string, placement: Placement, become?: Become): Promise<void> {
    const content = await openSource(source);
    try {
      const lane = await this.#lane(become);
      const output = new OutputCollector(65536);
      const frame = rawFrame(receiveScript(destination, content.size, placement));
      const result = await lane.run({ frame, sink: output, body: content.read });
      if (result.end.rc === changedMeanwhile) throw new FileChanged(`${destination} was changed by somebody else`);
      if (result.end.rc !== 0) throw transferError(`cannot write ${destination}`, output, result);
    } finally {
      await content.close();
    }
  }

  async fetch(source: string, destination: string, become?: Become): Promise<void> {
    const lane = await this.#lane(become);
    const temporary = `${destination}.kplay-${randomBytes(6).toString('hex')}.tmp`;
    const file = createWriteStream(systemPath(temporary), { mode: 0o600, flags: 'wx' });
    let shell: Shell | undefined;
    file.on('drain', () => shell?.resumeOutput()).on('error', () => shell?.resumeOutput());
    const failed = finished(file).catch((error: unknown) => error);
    try {
      const errors = new OutputCollector(65536);
      const sink: OutputSink = {
        stdout: (bytes) => {
          if (file.destroyed || file.write(bytes)) return;
          shell?.pauseOutput();
        },
        stderr: (bytes) => errors.stderr(bytes),
      };
      const onStart = (started: Shell) => {
        shell = started;
      };
      const result = await lane.run({ frame: commandFrame({ script: printScript(source) }), sink, onStart });
      // A file that is ended says no more that it has drained.
      shell?.resumeOutput();
      if (result.end.rc !== 0) throw transferError(`cannot read ${source}`, errors, result);
      file.end();
      const error = await failed;
      if (error) throw new TransferError(`cannot write ${destination} here: ${(error as Error).message}`);
      await rename(systemPath(temporary), systemPath(destination));
    } catch (error) {
      file.destroy();
      shell?.resumeOutput();
      await failed;
      await rm(systemPath(temporary), { force: true });
      throw error;
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#drop();
  }

  async reset(): Promise<void> {
    await this.#drop();
  }

  async #drop(): Promise<void> {
    const transport = this.#transport;
    const lanes = [...this.#lanes.values()];
    this.#transport = undefined;
    this.#lanes.clear();
    const opened = await transport?.catch(() => undefined);
    if (!opened) return;
    await Promise.all(lanes.map((lane) => lane.stop()));
    await opened.close();
  }

  #open(): Promise<SpreadTransport> {
    if (this.#closed) return Promise.reject(new Unreachable('the connection has been closed'));
    if (!this.#transport) {
      const opening = SpreadTransport.start(() => this.#connect());
      this.#transport = opening;
      // What could not be made is tried again by the next call.
      opening.catch(() => {
        if (this.#transport === opening) this.#transport = undefined;
      });
    }
    return this.#transport;
  }

  async #connect(): Promise<Transport> {
    for (let attempt = 0; ; attempt++) {
      try {
        const transport = await this.#options.connect();
        this.#stood = true;
        return transport;
      } catch (error) {
        if (attempt >= this.#options.retries || !(error instanceof Unreachable) || this.#closed) throw error;
        await wait(Math.min(2 ** attempt, 30) * 1000);
      }
    }
  }

  async #lane(become: Become | undefined): Promise<Lane> {
    const opening = this.#open();
    const transport = await opening;
    // What was asked for before a close() or reset() starts nothing behind it.
    if (this.#transport !== opening) throw new Unreachable('the connection was closed before the command had begun');
    const key = become ? JSON.stringify([become.method, become.user, become.password, become.flags, become.exe]) : '';
    let lane = this.#lanes.get(key);
    if (!lane) {
      const { shell, connectTimeoutSeconds } = this.#options;
      lane = new Lane(transport, { shell, become, timeoutSeconds: connectTimeoutSeconds });
      this.#lanes.set(key, lane);
    }
    return lane;
  }
}

function deadSentence({ end }: LaneResult): string {
  const { keeper } = end;
  const how = keeper && keeper < 128 ? `ended with code ${keeper}${codeHint(keeper)}` : 'was killed';
  return `kplay: the shell that ran this command ${how}; whether the command was begun, and how far it came, is not known`;
}

function deadCode({ end }: LaneResult): number {
  return end.keeper ? end.keeper : 137;
}

function lineBreak(text: string): string {
  return text === '' || text.endsWith('\n') ? '' : '\n';
}

function transferError(what: string, output: OutputCollector, result: LaneResult): TransferError {
  const { stdout, stderr } = output.result();
  const words = `${stderr}${stdout}`
    .trim()
    .split('\n')
    .map((line) => line.replace(/^\S*sh: (?:(?:line )?\d+: |eval: )*/, ''))
    .join('; ');
  return new TransferError(`${what}: ${words || failureOf(result)}`);
}

function failureOf(result: LaneResult): string {
  return result.end.rc === 'dead' ? deadSentence(result) : `the host's shell ended with code ${result.end.rc}`;
}

interface Source {
  readonly size: number;
  readonly read: () => AsyncIterable<Buffer>;
  close(): Promise<void>;
}

/** What is sent: its size is fixed at the start, and read() gives exactly that many bytes or throws. */
async function openSource(source: string | Buffer): Promise<Source> {
  if (typeof source !== 'string') {
    return {
      size: source.length,
      read: async function* () {
        if (source.length > 0) yield source;
      },
      close: async () => {},
    };
  }
  try {
    const file = await open(systemPath(source), 'r');
    const { size } = await file.stat();
    return { size, read: () => readFile(file, source, size), close: () => file.close() };
  } catch (error) {
    throw new TransferError(`cannot read ${source}: ${(error as Error).message}`, { cause: error });
  }
}

async function* readFile(file: Awaited<ReturnType<typeof open>>, path: string, size: number): AsyncIterable<Buffer> {
  let at = 0;
  while (at < size) {
    const buffer = Buffer.allocUnsafe(Math.min(256 * 1024, size - at));
    const { bytesRead } = await file.read(buffer, 0, buffer.length, at);
    if (bytesRead === 0) throw new TransferError(`${path} became shorter while it was sent`);
    at += bytesRead;
    yield buffer.subarray(0, bytesRead);
  }
}
