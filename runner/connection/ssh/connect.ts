import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Algorithms, Client } from 'ssh2';
import { later, longestTimer, type Timer } from '../../wait.ts';
import type { Transport } from '../channel.ts';
import { type ConnectionSettings, Unreachable } from '../connection.ts';
import type { Authenticator } from './authentication.ts';
import { markBeyond } from './beyond.ts';
import { withHint } from './hints.ts';
import { HostKeyChecker } from './host-key.ts';
import { type Jump, openJump } from './jump.ts';
import { algorithmMismatch } from './mismatch.ts';
import { printable } from './refusal.ts';
import { ServerBeginning } from './server-offer.ts';
import { openProxyCommand, openSocket } from './socket.ts';
import { resolveTarget, type Surroundings, type Target } from './target.ts';
import { SshTransport } from './transport.ts';

/** Connects and logs in. Throws {@link Unreachable} with the reason, KplayError for options that are not supported. */
export async function connectSsh(settings: ConnectionSettings, surroundings: Surroundings): Promise<Transport> {
  const target = resolveTarget(settings, surroundings);
  return new SshTransport(await connectTarget(target, settings, surroundings, 0), target);
}

/** A logged-in client, and what it stands on. */
export interface Connected {
  readonly client: Client;
  /** What the client speaks through. */
  readonly socket: Duplex;
  /** To be called when it is no longer needed. */
  readonly release: () => void;
}

/** Connects to one target, through the hosts before it. */
async function connectTarget(
  target: Target,
  settings: ConnectionSettings,
  surroundings: Surroundings,
  depth: number,
): Promise<Connected> {
  const where = target.name === target.host ? target.name : `${target.name} (${target.host})`;
  const abort = new AbortController();
  const limit = (): Timer =>
    later(target.connectTimeoutSeconds * 1000, () =>
      abort.abort(new Unreachable(`${where}: no connection within ${target.connectTimeoutSeconds} s`)),
    );
  let timer = limit();
  let jump: Jump | undefined;
  try {
    if (target.jumps.length > 0) {
      jump = await openJump(target, settings, surroundings, depth, connectTarget);
      timer.cancel();
      timer = limit();
    }
    return { ...(await login(target, where, jump, abort.signal)), release: () => jump?.release() };
  } catch (error) {
    jump?.release();
    throw error;
  } finally {
    timer.cancel();
  }
}

async function login(
  target: Target,
  where: string,
  jump: Jump | undefined,
  signal: AbortSignal,
): Promise<Omit<Connected, 'release'>> {
  let proxyWords: string | undefined;
  let proxyEnds: () => void;
  const proxyEnded = new Promise<void>((resolve) => {
    proxyEnds = resolve;
  });
  const way = openWay(target, jump, signal, (words) => {
    proxyWords ??= words;
    proxyEnds();
  });
  const prepared = prepare(target).catch((error: unknown) => {
    way.then((opened) => opened.destroy()).catch(() => {});
    throw error;
  });
  const [{ Client, checker, algorithms, authenticator }, socket] = await Promise.all([prepared, way]);
  const client = new Client();
  const beginning = new ServerBeginning();
  try {
    await new Promise<void>((resolve, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
      if (signal.aborted) reject(signal.reason as Error);
      // A ProxyCommand that closes the connection has words of its own, which come when it has ended.
      const whenSaid = (fail: () => void) => {
        if (target.proxyCommand !== undefined && socket.destroyed) void proxyEnded.then(fail);
        else fail();
      };
      const failClosed = () =>
        reject(new Unreachable(`${where}: ${closedSentence(target, proxyWords)}${lastWords(beginning)}`));
      // What an error means may have to be asked of an agent, while the connection is closed already.
      let explained = false;
      if (socket.destroyed) whenSaid(failClosed);
      client.once('ready', resolve);
      client.on('error', (error: LoginError) => {
        // An agent that fails to sign is one key less, not the end.
        if (error.level === 'agent') return;
        explained = true;
        whenSaid(() => {
          const said = explain(error, { checker, authenticator, target, proxyWords, beginning, algorithms });
          const unreachable = new Unreachable(`${where}: ${said}${lastWords(beginning)}`, { cause: error });
          void note(unreachable, error, { checker, authenticator, beginning }).then(reject, reject);
        });
      });
      client.on('close', () => {
        setTimeout(() => {
          if (!explained) whenSaid(failClosed);
        }, 50);
      });
      client.connect({
        sock: socket as never,
        username: target.user,
        algorithms,
        readyTimeout: 0,
        keepaliveInterval: Math.min(target.aliveIntervalSeconds * 1000, longestTimer),
        keepaliveCountMax: target.aliveCountMax,
        hostVerifier: (key: Buffer) => {
          const accepted = checker.accept(key, jump ? undefined : (socket as Partial<Socket>).remoteAddress);
          if (checker.distrust !== undefined) authenticator.withholdPasswords(checker.distrust);
          return accepted;
        },
        authHandler: (offered, accepted, next) => next(authenticator.next(offered, accepted) as never),
      });
      const listen = (chunk: Buffer) => {
        if (!beginning.add(chunk)) socket.off('data', listen);
      };
      socket.on('data', listen);
    });
    return { client, socket };
  } catch (error) {
    client.destroy();
    socket.destroy();
    throw error;
  } finally {
    client.removeAllListeners('error');
    client.removeAllListeners('close');
    client.on('error', () => {});
  }
}

let library: Promise<typeof import('./library.ts')> | undefined;

/** What a login needs beside the way. The library is loaded while the hosts answer: not before their sockets are on their way. */
async function prepare(target: Target) {
  library ??= new Promise((resolve) => setImmediate(resolve)).then(() => import('./library.ts'));
  const { Authenticator, algorithmsFor, Client } = await library;
  const checker = new HostKeyChecker(target);
  const algorithms = algorithmsFor(target, checker.preferredTypes);
  return { Client, checker, algorithms, authenticator: await Authenticator.create(target) };
}

async function openWay(
  target: Target,
  jump: Jump | undefined,
  signal: AbortSignal,
  onFailure: (words: string) => void,
): Promise<Duplex> {
  if (jump) return jump.stream;
  if (target.proxyCommand !== undefined) return openProxyCommand(target.proxyCommand, onFailure);
  return openSocket(target, signal);
}

/** What is known of a login when it fails. */
interface Login {
  readonly checker: HostKeyChecker;
  readonly authenticator: Authenticator;
  readonly target: Target;
  readonly proxyWords: string | undefined;
  readonly beginning: ServerBeginning;
  readonly algorithms: Algorithms;
}

type LoginError = NodeJS.ErrnoException & { level?: string };

/** What a write comes to when the other side has closed the connection. */
const closedCodes: ReadonlySet<string | undefined> = new Set(['EPIPE', 'ECONNRESET']);

function explain(error: LoginError, login: Login): string {
  const { checker, authenticator, target, proxyWords, beginning, algorithms } = login;
  if (proxyWords !== undefined) return closedSentence(target, proxyWords);
  if (checker.refusal !== undefined) return checker.refusal;
  if (error.level === 'client-authentication') return `${target.user}@${target.host}: ${authenticator.failure()}`;
  if (closedCodes.has(error.code)) return closedSentence(target, proxyWords);
  const mismatch = algorithmMismatch(error.message, beginning.offer, algorithms);
  if (mismatch) return mismatch.sentence;
  return withHint(printable(error.message));
}

/** Marks an error where OpenSSH's client may do what failed. */
async function note(
  unreachable: Unreachable,
  error: LoginError,
  { checker, authenticator, beginning }: Pick<Login, 'checker' | 'authenticator' | 'beginning'>,
): Promise<Unreachable> {
  if (checker.certificateWanted)
    return markBeyond(unreachable, {
      kind: 'host certificate',
      why: 'it does not know certificates of hosts (@cert-authority)',
    });
  if (checker.refusal !== undefined) return unreachable;
  // OpenSSH tries GSSAPI before the keys of an agent, of which a server takes a few only.
  if (error.level === 'client-authentication' || /Too many authentication failures/.test(error.message)) {
    const left = await authenticator.beyond();
    if (left.length === 0) return unreachable;
    const kind = left.every((what) => what.startsWith('the ')) ? 'keys' : 'method';
    const { passwordRefused } = authenticator;
    return markBeyond(unreachable, { kind, why: `it cannot log in with ${left.join(', ')}`, passwordRefused });
  }
  const mismatch = algorithmMismatch(error.message, beginning.offer, {});
  return mismatch ? markBeyond(unreachable, { kind: 'algorithms', why: mismatch.why }) : unreachable;
}

/** What a server that is none, or that hangs up before it says its version, had to say (MaxStartups, penalties). */
function lastWords({ greeting }: ServerBeginning): string {
  const said = printable(greeting);
  return said === '' ? '' : `; it said: ${withHint(said)}`;
}

function closedSentence(target: Target, proxyWords: string | undefined): string {
  if (target.proxyCommand === undefined) return 'the host closed the connection before the login was done';
  return `the ProxyCommand closed the connection: ${proxyWords ?? 'it gave no reason'}`;
}
