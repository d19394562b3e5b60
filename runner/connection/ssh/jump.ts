import type { Duplex } from 'node:stream';
import type { Client } from 'ssh2';
import { KplayError } from '../../errors.ts';
import { type ConnectionSettings, Unreachable } from '../connection.ts';
import type { Connected } from './connect.ts';
import { channelRefusal } from './refusal.ts';
import { resolveTarget, type Surroundings, type Target } from './target.ts';

/** A way through other hosts: a stream to the target, and what to call when it is no longer needed. */
export interface Jump {
  readonly stream: Duplex;
  release(): void;
}

type Connect = (
  target: Target,
  settings: ConnectionSettings,
  surroundings: Surroundings,
  depth: number,
) => Promise<Connected>;

interface Shared {
  readonly connected: Promise<Connected>;
  users: number;
}

/** Connections to jump hosts, shared by all hosts behind them. */
const shared = new Map<string, Shared>();

/** Opens a stream to `target` through its jump hosts. Throws {@link Unreachable}. */
export async function openJump(
  target: Target,
  settings: ConnectionSettings,
  surroundings: Surroundings,
  depth: number,
  connect: Connect,
): Promise<Jump> {
  if (depth > 8)
    throw new KplayError({ code: 'options', message: `ssh option ProxyJump of ${target.name} leads in a circle` });
  const key = JSON.stringify([target.jumps, target.configFile, settings, surroundings.home]);
  const way = shared.get(key) ?? share(key, () => connectHop(target, settings, surroundings, depth, connect));
  way.users += 1;
  let released = false;
  const release = () => {
    if (released) return;
    released = true;
    way.users -= 1;
    if (way.users > 0) return;
    if (shared.get(key) === way) shared.delete(key);
    void way.connected.then(close, () => {});
  };
  try {
    const { client } = await way.connected;
    return { stream: await forward(client, target), release };
  } catch (error) {
    release();
    throw new Unreachable(`through ${target.jumps.join(',')}: ${(error as Error).message}`, { cause: error });
  }
}

function share(key: string, open: () => Promise<Connected>): Shared {
  const way: Shared = { connected: open(), users: 0 };
  const forget = () => {
    if (shared.get(key) === way) shared.delete(key);
  };
  way.connected.then(({ client }) => client.once('close', forget), forget);
  shared.set(key, way);
  return way;
}

function close({ client, release }: Connected): void {
  client.end();
  release();
}

/** Connects to the last jump host, through those before it. */
function connectHop(
  target: Target,
  settings: ConnectionSettings,
  surroundings: Surroundings,
  depth: number,
  connect: Connect,
): Promise<Connected> {
  const before = target.jumps.slice(0, -1);
  const { user, host, port } = parseHop(target.jumps.at(-1)!);
  const hopSettings: ConnectionSettings = {
    kind: 'ssh',
    host,
    user,
    port,
    privateKeyPassphrase: settings.privateKeyPassphrase,
    // As with OpenSSH, options of the command line are for the target only, but for -F.
    sshArgs: target.configFile === undefined ? undefined : `-F ${JSON.stringify(target.configFile)}`,
    connectTimeoutSeconds: settings.connectTimeoutSeconds,
    hostKeyChecking: settings.hostKeyChecking,
  };
  const hop = resolveTarget(hopSettings, surroundings);
  return connect(before.length > 0 ? { ...hop, jumps: before } : hop, hopSettings, surroundings, depth + 1);
}

function parseHop(text: string): { user: string | undefined; host: string; port: number | undefined } {
  const match = /^(?:ssh:\/\/)?(?:(.*)@)?(?:\[([^\]]+)\]|([^:]+))(?::(\d+))?$/.exec(text);
  if (!match)
    throw new KplayError({ code: 'options', message: `ssh option ProxyJump: "${text}" is not [user@]host[:port]` });
  return { user: match[1], host: match[2] ?? match[3]!, port: match[4] === undefined ? undefined : Number(match[4]) };
}

function notForwarded(target: Target, error: Error & { reason?: unknown }): string {
  const help = error.reason === 1 ? ' (AllowTcpForwarding of its sshd may be off)' : '';
  return `${target.jumps.at(-1)} does not forward to ${target.host} port ${target.port}: ${channelRefusal(error)}${help}`;
}

function forward(client: Client, target: Target): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    client.forwardOut('127.0.0.1', 0, target.host, target.port, (error, stream) => {
      if (error) reject(new Unreachable(notForwarded(target, error), { cause: error }));
      else resolve(stream);
    });
  });
}
