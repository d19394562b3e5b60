import { spawn } from 'node:child_process';
import { connect } from 'node:net';
import { Duplex } from 'node:stream';
import { StreamDecoder } from '../../python/bytes.ts';
import { Unreachable } from '../connection.ts';
import type { Target } from './target.ts';
import { writeTogether } from './together.ts';

/** Opens a TCP connection, without Nagle's delay. Throws {@link Unreachable}. */
export function openSocket(target: Target, signal: AbortSignal): Promise<Duplex> {
  const { host, port, family, bindAddress } = target;
  return new Promise((resolve, reject) => {
    const socket = connect({
      host,
      port,
      family,
      noDelay: true,
      ...(bindAddress ? { localAddress: bindAddress } : {}),
    });
    const abort = () => socket.destroy(signal.reason as Error);
    signal.addEventListener('abort', abort, { once: true });
    socket.once('connect', () => {
      signal.removeEventListener('abort', abort);
      socket.removeListener('error', fail);
      // Until the SSH library listens an error only destroys it.
      socket.on('error', () => {});
      writeTogether(socket);
      resolve(socket);
    });
    const fail = (error: Error) =>
      reject(error === signal.reason ? error : new Unreachable(sentence(error, host, port), { cause: error }));
    socket.once('error', fail);
  });
}

const reasons: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'Connection refused',
  ETIMEDOUT: 'Connection timed out',
  EHOSTUNREACH: 'No route to host',
  ENETUNREACH: 'Network is unreachable',
  ECONNRESET: 'Connection reset by peer',
};

function sentence(
  error: NodeJS.ErrnoException & { errors?: NodeJS.ErrnoException[] },
  host: string,
  port: number,
): string {
  const code = error.code ?? error.errors?.[0]?.code ?? '';
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') {
    return `Could not resolve hostname ${host}: ${code === 'ENOTFOUND' ? 'Name or service not known' : 'Temporary failure in name resolution'}`;
  }
  return `connect to host ${host} port ${port}: ${reasons[code] ?? error.message}`;
}

/** Starts a ProxyCommand and speaks through its standard input and output. */
export function openProxyCommand(command: string, onFailure: (words: string) => void): Duplex {
  const child = spawn('/bin/sh', ['-c', `exec ${command}`], { stdio: ['pipe', 'pipe', 'pipe'], detached: true });
  const decoder = new StreamDecoder();
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => {
    said = (said + decoder.write(chunk)).slice(-2000);
  });
  child.once('error', (error) => onFailure(error.message));
  const ended = (code: number | null) =>
    onFailure(`it ended with code ${code}${said.trim() ? `: ${said.trim()}` : ''}`);
  child.once('close', ended);
  // What it has started may keep its standard error open for long; what has arrived meanwhile is read first.
  child.once('exit', (code) => setTimeout(() => setImmediate(ended, code), 2000).unref());
  const duplex = Duplex.from({ readable: child.stdout, writable: child.stdin }) as Duplex;
  duplex.once('close', () => child.kill());
  return duplex;
}
