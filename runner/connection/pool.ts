import { ClientChoice } from './client-choice.ts';
import { type Connection, type ConnectionSettings, Unreachable } from './connection.ts';
import { type ConnectionOptions, createConnection } from './create.ts';

/** What a pool may be given. */
export interface PoolOptions extends ConnectionOptions {
  /** Told of what the user should know about how hosts are logged in to. */
  readonly warn?: ((text: string) => void) | undefined;
  /** Connections that may be in the making at once (default 50): logging in costs both ends most. */
  readonly parallelSetUp?: number | undefined;
}

/** All connections of a run: one for each distinct set of settings, however many tasks and hosts ask for it. */
export class ConnectionPool {
  readonly #connections = new Map<string, Connection>();
  readonly #options: ConnectionOptions;
  #closed = false;
  #free: number;
  readonly #waiting: (() => void)[] = [];

  constructor(options: PoolOptions = {}) {
    const gate = <T>(action: () => Promise<T>) => this.#gated(action);
    this.#options = { ...options, gate, clients: new ClientChoice(options.warn ?? (() => {})) };
    this.#free = options.parallelSetUp ?? 50;
  }

  /** The connection for these settings; made when first used. Throws {@link Unreachable} once the pool is closed. */
  async connection(settings: ConnectionSettings): Promise<Connection> {
    if (this.#closed) throw new Unreachable('all connections have been closed');
    const key = JSON.stringify(Object.entries(settings).sort(([a], [b]) => (a < b ? -1 : 1)));
    let connection = this.#connections.get(key);
    if (!connection) {
      connection = createConnection(settings, this.#options);
      this.#connections.set(key, connection);
    }
    return connection;
  }

  /** Ends all connections, and what runs through them, for good. One that fails to end keeps none of the others. */
  async closeAll(): Promise<void> {
    this.#closed = true;
    const connections = [...this.#connections.values()];
    await Promise.allSettled(connections.map((connection) => connection.close()));
  }

  async #gated<T>(action: () => Promise<T>): Promise<T> {
    if (this.#free > 0) this.#free -= 1;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    try {
      return await action();
    } finally {
      const next = this.#waiting.shift();
      if (next) next();
      else this.#free += 1;
    }
  }
}
