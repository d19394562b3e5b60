import type { ClientChannel } from 'ssh2';
import type { Channel, ChannelEnd, Transport } from '../channel.ts';
import { ConnectionLost, Unreachable } from '../connection.ts';
import { SessionRefused } from '../spread-transport.ts';
import type { Connected } from './connect.ts';
import { channelRefusal } from './refusal.ts';
import type { Target } from './target.ts';

/** A logged-in SSH connection. */
export class SshTransport implements Transport {
  readonly whenLost: Promise<Error>;
  readonly #connected: Connected;
  readonly #target: Target;
  #setLost: (error: Error) => void = () => {};
  #lost: Error | undefined;

  /** @param target whose connection it is, for messages; what is connected is released once the connection is over */
  constructor(connected: Connected, target: Target) {
    const { client } = connected;
    this.#connected = connected;
    this.#target = target;
    this.whenLost = new Promise((resolve) => {
      this.#setLost = resolve;
    });
    client.on('error', (error) => this.#lose(lossReason(error, target)));
    client.on('end', () => this.#lose('the host closed it'));
    client.on('close', () => this.#lose('it was closed'));
  }

  get lost(): Error | undefined {
    return this.#lost;
  }

  openChannel(command: string): Promise<Channel> {
    if (this.#lost) return Promise.reject(this.#lost);
    return new Promise((resolve, reject) => {
      void this.whenLost.then(reject);
      this.#connected.client.exec(command, (error, stream) => {
        if (error)
          reject(
            this.#lost ?? new SessionRefused(`${this.#target.name} refuses another session: ${channelRefusal(error)}`),
          );
        else resolve(channelOf(this, stream));
      });
    });
  }

  async close(): Promise<void> {
    this.#lost ??= new Unreachable('the connection has been closed');
    this.#finish(this.#lost);
    this.#connected.client.end();
    // A host that does not answer does not keep us.
    setTimeout(() => this.#connected.socket.destroy(), 1000).unref();
  }

  #lose(reason: string): void {
    if (this.#lost) return;
    this.#lost = new ConnectionLost(`the connection to ${this.#target.name} was lost: ${reason}`);
    this.#finish(this.#lost);
    this.#connected.socket.destroy();
  }

  #finish(error: Error): void {
    this.#setLost(error);
    this.#connected.release();
  }
}

function lossReason(error: Error & { code?: unknown; level?: unknown }, target: Target): string {
  if (error.level === 'client-timeout') return silence(target);
  if (error.code === 'ECONNRESET') return 'the host reset it';
  return error.message;
}

function silence({ aliveIntervalSeconds: interval, aliveCountMax: count }: Target): string {
  return (
    `it has not answered for ${interval * (count + 1)} s ` +
    `(a silent host is waited for as the ssh options ServerAliveInterval and ServerAliveCountMax say: ${interval} s, ${count} questions)`
  );
}

function channelOf(transport: Transport, stream: ClientChannel): Channel {
  const ended = new Promise<ChannelEnd>((resolve) => {
    stream.once('exit', (code: number | null, signal?: string) => {
      resolve(typeof code === 'number' ? { code } : { signal: signal?.replace(/^SIG/, '') });
    });
    stream.once('close', () => resolve({}));
  });
  const closed = new Promise<void>((resolve) => stream.once('close', () => resolve()));
  const kill = () => stream.signal('KILL');
  const destroy = () => stream.close();
  return { transport, stdin: stream, stdout: stream, stderr: stream.stderr, ended, closed, kill, destroy };
}
