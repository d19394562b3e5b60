import { type ChildProcess, spawn } from 'node:child_process';
import { PassThrough, type Readable } from 'node:stream';
import { decode } from '../../python/bytes.ts';
import type { Environment } from '../../python/process.ts';
import { later, type Timer } from '../../wait.ts';
import type { Channel, ChannelEnd, Transport } from '../channel.ts';
import { ConnectionLost, Unreachable } from '../connection.ts';
import { SessionRefused } from '../spread-transport.ts';
import { printable } from '../ssh/refusal.ts';
import { isShared } from './client.ts';
import type { Master } from './master.ts';
import { lossSentence } from './words.ts';

/** Where the connection of a client is shared, and how. */
export interface SharedConnection {
  readonly client: string;
  /** The socket. */
  readonly path: string;
  readonly host: string;
  /** Options of each channel (ForwardAgent, SendEnv). */
  readonly channelWords: readonly string[];
  readonly environment: Environment;
  /** Whose connection it is; undefined where somebody else made it. */
  readonly master: Master | undefined;
}

/** Milliseconds after which a client that has said nothing counts as let in. */
const silentMilliseconds = 5000;
/** OpenSSH's exit code for errors of its own. */
const failed = 255;

/** A connection of OpenSSH's client: each channel is a client of its own that uses it (ControlMaster). */
export class OpenSshTransport implements Transport {
  readonly whenLost: Promise<Error>;
  readonly #shared: SharedConnection;
  readonly #channels = new Set<ChildProcess>();
  #setLost: (error: Error) => void = () => {};
  #lost: Error | undefined;

  constructor(shared: SharedConnection) {
    this.#shared = shared;
    this.whenLost = new Promise((resolve) => {
      this.#setLost = resolve;
    });
    const { master } = shared;
    void master?.ended.then(() => this.#lose(lossSentence(master.said)));
  }

  get lost(): Error | undefined {
    return this.#lost;
  }

  async openChannel(command: string): Promise<Channel> {
    if (this.#lost) throw this.#lost;
    const { client, path, host, channelWords, environment } = this.#shared;
    // A client that is refused by the one that has the connection would make another.
    const words = ['-F', 'none', '-S', path, '-o', 'ControlMaster=no', '-o', 'ProxyCommand=false', '-T'];
    const quiet = ['-o', 'BatchMode=yes', '-o', 'LogLevel=ERROR', '-o', 'EscapeChar=none'];
    const child = spawn(client, [...words, ...quiet, ...channelWords, '--', host, command], {
      stdio: 'pipe',
      detached: true,
      env: { ...environment },
    });
    this.#channels.add(child);
    const channel = this.#channelOf(child);
    const over = new Promise<void>((resolve) => child.once('close', () => resolve()).once('error', () => resolve()));
    void over.then(() => this.#channels.delete(child));
    await this.#begun(child, channel, over);
    return channel;
  }

  async close(): Promise<void> {
    this.#lost ??= new Unreachable('the connection has been closed');
    this.#setLost(this.#lost);
    for (const child of this.#channels) destroy(child);
    await this.#shared.master?.close();
  }

  /** Waits for the first word of a channel. Throws {@link Unreachable} for a client that is not let in. */
  async #begun(child: ChildProcess, channel: Channel, over: Promise<void>): Promise<void> {
    const looking = new AbortController();
    const first = Promise.race([channel.stdout, channel.stderr].map((stream) => hasData(stream, looking.signal)));
    // Whether a login that says nothing is waited for is not decided here.
    let timer: Timer | undefined;
    const silent = new Promise<void>((resolve) => {
      timer = later(silentMilliseconds, resolve);
    });
    await Promise.race([first, over, silent]);
    timer?.cancel();
    looking.abort();
    if (refusal(peek(channel.stderr)) === '' && child.exitCode !== failed) return;
    await over;
    await channel.ended;
    if (this.#lost) throw this.#lost;
    const said = refusal(peek(channel.stderr));
    if (said !== '') throw new SessionRefused(`${this.#shared.host} refuses another session: ${printable(said)}`);
  }

  #channelOf(child: ChildProcess): Channel {
    const exited = new Promise<number | undefined>((resolve) => {
      child.once('exit', (code) => resolve(code ?? undefined));
      child.once('error', () => resolve(undefined));
    });
    const ended = exited.then(async (code): Promise<ChannelEnd> => {
      if (code !== failed) return { code };
      // It may be a signal on the host, or the whole connection.
      await this.#check();
      return {};
    });
    const { stdin } = child;
    if (!stdin || !child.stdout || !child.stderr) throw new Unreachable('ssh cannot be started here');
    // Node.js throws away what nobody has listened for when a child ends.
    const [stdout, stderr] = [child.stdout.pipe(new PassThrough()), child.stderr.pipe(new PassThrough())];
    const closed = Promise.all([ended, isOver(stdout), isOver(stderr)]).then(() => {});
    const drop = () => {
      destroy(child);
      stdout.destroy();
      stderr.destroy();
    };
    return { transport: this, stdin, stdout, stderr, ended, closed, kill: drop, destroy: drop };
  }

  /** Finds out whether the connection is lost. */
  async #check(): Promise<void> {
    const { client, path, host, environment, master } = this.#shared;
    if (this.#lost || (await isShared(client, path, host, environment))) return;
    if (master) await master.ended;
    else this.#lose('the ssh that had it has ended');
  }

  #lose(reason: string): void {
    if (this.#lost) return;
    this.#lost = new ConnectionLost(`the connection to ${this.#shared.host} was lost: ${reason}`);
    this.#setLost(this.#lost);
  }
}

/**
 * What clients say that are not let in, also in the moment in which the connection ends; the last two when they try a way of their own
 * then, which there is not. OpenSSH 9.2's mux.c names the function that says it.
 */
const refusals = [
  /^(?:muxclient|mux_client_\w+|mm_send_fd): (?:session request failed: )?(.*)/,
  /^Master refused session request: (.*)/,
  /^Control socket connect\(.*?\): (.*)/,
  /^(?:kex_exchange_identification: )?(Connection (?:closed|reset) by .*)/,
];

/** Why a client was not let in by the one that has the connection, in its words; empty where it was. */
function refusal(said: string): string {
  return said
    .split(/\r?\n/)
    .map((line) => refusals.map((pattern) => pattern.exec(line)?.[1]).find((words) => words !== undefined) ?? '')
    .filter((line) => line !== '')
    .join('; ');
}

/**
 * Settles when a stream has something to read; takes nothing out of it. Until `signal` is aborted the stream hands nothing on, its end
 * neither.
 */
function hasData(stream: Readable, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const look = () => {
      if (stream.readableLength > 0) resolve();
    };
    stream.on('readable', look);
    signal.addEventListener('abort', () => stream.off('readable', look), { once: true });
  });
}

/** Settles when nothing more comes out of a stream. */
function isOver(stream: Readable): Promise<void> {
  return new Promise((resolve) => stream.once('close', () => resolve()));
}

/** What a stream has to read, left in it. */
function peek(stream: Readable): string {
  const chunk = stream.read() as Buffer | null;
  if (!chunk) return '';
  stream.unshift(chunk);
  return decode(chunk);
}

function destroy(child: ChildProcess): void {
  child.stdin?.destroy();
  child.stdout?.destroy();
  child.stderr?.destroy();
  if (child.exitCode === null) child.kill();
  child.unref();
}
