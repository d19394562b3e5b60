import type { Channel, Transport } from './channel.ts';
import { ConnectionLost, Unreachable } from './connection.ts';

/** The host stands by its connection, but starts no further program over it. */
export class SessionRefused extends Unreachable {
  constructor(message: string) {
    super(message);
    this.name = 'SessionRefused';
  }
}

/**
 * A host's connections taken as one: where a server allows few sessions on each (MaxSessions of sshd, one of tinysshd), what it
 * refuses is started over another one. One that was lost is lost for what runs over it; what is started next goes over another one.
 * Some servers (tinysshd) close a connection whenever its session has ended.
 */
export class SpreadTransport implements Transport {
  readonly #connect: () => Promise<Transport>;
  /** Those that stand. */
  readonly #transports: Transport[] = [];
  readonly whenLost: Promise<Error>;
  #setLost: (error: Error) => void = () => {};
  /** Set when this is closed. */
  #lost: Error | undefined;
  #adding: Promise<Transport> | undefined;
  /** Why the last connection was lost, until another stands. */
  #loss: Error | undefined;
  /** Whether the host has started anything: one that starts nothing does not over another connection either. */
  #starts: Promise<boolean> = Promise.resolve(false);

  private constructor(connect: () => Promise<Transport>) {
    this.#connect = connect;
    this.whenLost = new Promise((resolve) => {
      this.#setLost = resolve;
    });
  }

  /** Makes the first connection. Throws as `connect` does. */
  static async start(connect: () => Promise<Transport>): Promise<SpreadTransport> {
    const all = new SpreadTransport(connect);
    await all.stand();
    return all;
  }

  get lost(): Error | undefined {
    return this.#lost;
  }

  /** Whether there is a connection. */
  get stands(): boolean {
    return this.#transports.some((transport) => !transport.lost);
  }

  /** Makes a connection where there is none. Throws as `connect` does. */
  async stand(): Promise<void> {
    if (!this.stands) await this.#another();
  }

  async openChannel(command: string): Promise<Channel> {
    const tried = new Set<Transport>();
    let failure: Error | undefined;
    for (;;) {
      const here = this.#transports.find((one) => !tried.has(one));
      if (!here && failure && !(await this.#starts)) throw failure;
      const isOwn = !here && !this.#adding;
      try {
        const transport = here ?? (await this.#another());
        tried.add(transport);
        return await this.#startOver(transport, command);
      } catch (error) {
        if (this.#lost) throw this.#lost;
        const mayElsewhere = error instanceof SessionRefused || error instanceof ConnectionLost;
        // What fails over a connection that was made for it fails over the next one, too.
        if (isOwn || !mayElsewhere) throw afterwards(failure ?? this.#loss, error);
        failure = error;
      }
    }
  }

  async close(): Promise<void> {
    this.#lost ??= new Unreachable('the connection has been closed');
    this.#setLost(this.#lost);
    await Promise.all(this.#transports.map((transport) => transport.close()));
  }

  /** Starts a program over one of the connections. */
  #startOver(transport: Transport, command: string): Promise<Channel> {
    const opening = transport.openChannel(command);
    const begun = opening.then(
      () => true,
      () => false,
    );
    this.#starts = this.#starts.then((starts) => starts || begun);
    return opening;
  }

  /** Another connection, made once for all that wait for one. */
  #another(): Promise<Transport> {
    this.#adding ??= this.#add().finally(() => {
      this.#adding = undefined;
    });
    return this.#adding;
  }

  async #add(): Promise<Transport> {
    const transport = await this.#connect();
    if (this.#lost) {
      await transport.close();
      throw this.#lost;
    }
    this.#loss = undefined;
    this.#transports.push(transport);
    void transport.whenLost.then((error) => this.#forget(transport, error));
    return transport;
  }

  #forget(transport: Transport, error: Error): void {
    this.#transports.splice(this.#transports.indexOf(transport), 1);
    this.#loss = error;
  }
}

/** What is thrown for a failure when another came before it: a refusal, or the loss of a connection. */
function afterwards(before: Error | undefined, error: unknown): unknown {
  if (!before || before === error || !(error instanceof Unreachable)) return error;
  const what =
    before instanceof SessionRefused
      ? ' (MaxSessions of its sshd may allow more), and another connection failed'
      : '; logging in again failed';
  return new Unreachable(`${before.message}${what}: ${error.message}`, { cause: error });
}
