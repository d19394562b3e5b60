import { type ChildProcess, spawn } from 'node:child_process';
import { type Environment, shellCommand } from '../python/process.ts';
import type { Channel, ChannelEnd, Transport } from './channel.ts';
import { Unreachable } from './connection.ts';

/** This machine: channels are child processes in sessions of their own, so that Ctrl-C at the terminal does not hit them. */
export class LocalTransport implements Transport {
  readonly #children = new Set<ChildProcess>();
  readonly whenLost: Promise<Error>;
  #setLost: (error: Error) => void = () => {};
  #lost: Error | undefined;

  readonly #environment: Environment;

  /** @param environment what commands find in theirs */
  constructor(environment: Environment) {
    this.#environment = { ...environment };
    this.whenLost = new Promise((resolve) => {
      this.#setLost = resolve;
    });
  }

  get lost(): Error | undefined {
    return this.#lost;
  }

  async openChannel(command: string): Promise<Channel> {
    if (this.#lost) throw this.#lost;
    const { file, args, env } = shellCommand(command, this.#environment);
    const child = spawn(file, args, { stdio: 'pipe', detached: true, env });
    this.#children.add(child);
    const ended = new Promise<ChannelEnd>((resolve) => {
      child.once('exit', (code, signal) =>
        resolve(signal ? { signal: signal.replace(/^SIG/, '') } : { code: code ?? 0 }),
      );
      child.once('error', () => resolve({}));
    });
    const closed = new Promise<void>((resolve) => {
      child.once('close', () => resolve());
      child.once('error', () => resolve());
    });
    await new Promise<void>((resolve, reject) => {
      child.once('spawn', resolve);
      child.once('error', (error) => reject(new Unreachable(`no shell can be started here: ${error.message}`)));
    });
    void closed.then(() => this.#children.delete(child));
    const kill = () => {
      try {
        if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, 'SIGKILL');
      } catch {} // Nobody of the group is there any more, or it is another user's.
    };
    const destroy = () => destroyStreams(child);
    const { stdin, stdout, stderr } = child;
    return { transport: this, stdin, stdout, stderr, ended, closed, kill, destroy };
  }

  async close(): Promise<void> {
    this.#lost ??= new Unreachable('the connection has been closed');
    this.#setLost(this.#lost);
    for (const child of this.#children) {
      destroyStreams(child);
      child.unref();
    }
  }
}

/** Lets go of a child; what still runs of it sees the end of its input and nobody reading its output. */
function destroyStreams(child: ChildProcess): void {
  child.stdin?.destroy();
  child.stdout?.destroy();
  child.stderr?.destroy();
}
