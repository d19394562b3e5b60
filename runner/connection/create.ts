import { processEnvironment } from '../python/process.ts';
import type { Transport } from './channel.ts';
import { ClientChoice } from './client-choice.ts';
import type { Connection, ConnectionSettings } from './connection.ts';
import { HostConnection } from './host-connection.ts';
import { LocalTransport } from './local-transport.ts';
import { ReattachingConnection } from './reattaching-connection.ts';

/** What a connection may be given beside its settings. */
export interface ConnectionOptions {
  /** Bytes kept of each of a command's output streams (default 64 MiB); what comes after is cut, with a line that says so. */
  readonly outputLimit?: number | undefined;
  /** The environment that the agent is looked up in, and that local commands get; the process's own by default. */
  readonly environment?: Readonly<Record<string, string | undefined>> | undefined;
  /** The home folder that ~/.ssh is looked up in; the user's by default. */
  readonly home?: string | undefined;
  /** Told of every private key that is read, so that whoever prints something can mask it. */
  readonly onSecret?: ((text: string) => void) | undefined;
  /** Chooses which SSH is used, for all hosts of a pool; by default one that warns nobody. */
  readonly clients?: ClientChoice | undefined;
  /** Goes around the making of the connection; a pool's limit on how many are made at once. */
  readonly gate?: (<T>(action: () => Promise<T>) => Promise<T>) | undefined;
}

const defaultOutputLimit = 64 * 1024 * 1024;

/**
 * Makes the connection of one host; nothing is contacted before the first call. Its calls throw {@link Unreachable} when
 * the host cannot be talked to, BecomeError when another user cannot be become, and KplayError for settings that are
 * not understood (an unknown option of `sshArgs` or of ~/.ssh/config).
 */
export function createConnection(settings: ConnectionSettings, options: ConnectionOptions = {}): Connection {
  const { gate } = options;
  const clients = options.clients ?? new ClientChoice(() => {});
  const connect = () => makeTransport(settings, options, clients);
  const outputLimit = options.outputLimit ?? defaultOutputLimit;
  const host = new HostConnection({
    connect: gate ? () => gate(connect) : connect,
    shell: settings.shell ?? '/bin/sh',
    connectTimeoutSeconds: settings.connectTimeoutSeconds,
    outputLimit,
    retries: settings.retries ?? 0,
  });
  return new ReattachingConnection(host, outputLimit);
}

async function makeTransport(
  settings: ConnectionSettings,
  options: ConnectionOptions,
  clients: ClientChoice,
): Promise<Transport> {
  if (settings.kind === 'local') return new LocalTransport(options.environment ?? processEnvironment());
  return clients.connect(settings, {
    environment: options.environment ?? process.env,
    home: options.home,
    onSecret: options.onSecret,
  });
}
