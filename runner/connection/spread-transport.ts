import type { Channel, Transport } from './channel.ts';
import { Unreachable } from './connection.ts';

/** The host stands by its connection, but starts no further program over it. */
export class SessionRefused extends Unreachable {
  constructor(message: string) {
    super(message);
    this.name = 'SessionRefused';
  }
}

/**
 * A host's connections taken as one: where a server allows few sessions on each (MaxSessions of sshd, one of tinysshd), what it
 * refuses is started over another one. What is lost of them is lost as a whole.
 */
export class SpreadTransport implements Transport {
  readonly #connect: () => Promise<Transport>;
  readonly #transports: Transport[] = [];
  readonly whenLost: Promise<Error>;
  #setLost: (error: Error) => void = () => {};
  #lost: Error | undefined;
  /** Whether the host started what was asked for first. */
  #starts: Promise<boolean> | undefined;

  private constructor(connect: () => Promise<Transport>) {
    this.#connect = connect;
    this.whenLost = new Promise((resolve) => {
      this.#setLost = resolve;
    });
  }

  /** Makes the first connection. Throws as `connect` does. */
  static async start(connect: () => Promise<Transport>): Promise<SpreadTransport> {
    const all = new SpreadTransport(connect);
    await all.#add();
    return all;
  }

  get lost(): Error | undefined {
    return this.#lost ?? this.#transports.find((transport) => transport.lost)?.lost;
  }

  async openChannel(command: string): Promise<Channel> {
    let refusal: SessionRefused | undefined;
    for (const transport of [...this.#transports]) {
      try {
        const opening = transport.openChannel(command);
        this.#starts ??= opening.then(
          () => true,
          () => false,
        );
        return await opening;
      } catch (error) {
        if (!(error instanceof SessionRefused)) throw error;
        refusal = error;
      }
    }
    // A host that starts nothing at all does not over another connection either.
    if (refusal && !(await this.#starts)) throw refusal;
    try {
      return await (await this.#add()).openChannel(command);
    } catch (error) {
      if (!refusal || !(error instanceof Error)) throw error;
      throw new Unreachable(
        `${refusal.message} (MaxSessions of its sshd may allow more), and another connection failed: ${error.message}`,
        { cause: error },
      );
    }
  }

  async close(): Promise<void> {
    this.#lose(new Unreachable('the connection has been closed'));
    await Promise.all(this.#transports.map((transport) => transport.close()));
  }

  async #add(): Promise<Transport> {
    const transport = await this.#connect();
    if (this.#lost) {
      await transport.close();
      throw this.#lost;
    }
    this.#transports.push(transport);
    void transport.whenLost.then((error) => this.#lose(error));
    return transport;
  }

  #lose(error: Error): void {
    this.#lost ??= error;
    this.#setLost(this.#lost);
  }
}
