import { type ChildProcess, spawn } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { createServer, type Server, type Socket } from 'node:net';
import type { Writable } from 'node:stream';
import ssh2, { type AuthContext, type Connection, type ServerChannel } from 'ssh2';
import type { Random } from '../random.ts';
import { garbled } from './garbled.ts';

const { privateKey } = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
  publicKeyEncoding: { type: 'pkcs1', format: 'pem' },
});

/** What a server does wrong; each conversation has one or none of each kind. */
interface Faults {
  readonly tcp: string | undefined;
  readonly login: string | undefined;
  readonly session: string | undefined;
  readonly output: string | undefined;
}

const tcpFaults = [
  'silent',
  'closes',
  'resets',
  'garbage',
  'old version',
  'many lines',
  'one long line',
  'cuts',
  'garbles',
];
const loginFaults = ['refuses', 'never answers', 'asks for ever', 'empty prompts', 'partial', 'banner', 'closes'];
const sessionFaults = [
  'refuses session',
  'refuses exec',
  'never answers',
  'exits at once',
  'signal',
  'closes',
  'ends streams',
  'floods',
];
const outputFaults = [
  'cut',
  'repeated',
  'dropped',
  'garbled',
  'swapped streams',
  'held back',
  'flood',
  'extra ends',
  'killed',
];

/** An SSH server that answers wrongly, cuts, repeats or floods, as its random numbers have it. Commands run on this machine. */
export class HostileServer {
  /** What it does wrong, for whoever reads of a finding. */
  readonly says: string;
  readonly #random: Random;
  readonly #faults: Faults;
  readonly #tcp: Server;
  readonly #sockets = new Set<Socket>();
  readonly #children = new Set<ChildProcess>();
  readonly #timers = new Set<NodeJS.Timeout>();

  constructor(random: Random) {
    this.#random = random;
    const one = (kinds: readonly string[], share: number): string | undefined =>
      random.chance(share) ? random.pick(kinds) : undefined;
    this.#faults = {
      tcp: one(tcpFaults, 0.25),
      login: one(loginFaults, 0.25),
      session: one(sessionFaults, 0.3),
      output: one(outputFaults, 0.7),
    };
    this.says = Object.entries(this.#faults)
      .flatMap(([kind, fault]) => (fault === undefined ? [] : [`${kind}: ${fault}`]))
      .join(', ');
    const ssh = new ssh2.Server({ hostKeys: [privateKey] }, (client) => this.#client(client));
    this.#tcp = createServer((socket) => {
      this.#sockets.add(socket);
      socket.on('error', () => {}).on('close', () => this.#sockets.delete(socket));
      const handed = this.#disturb(socket);
      if (handed) ssh.injectSocket(handed);
    });
  }

  /** Listens on a free port of 127.0.0.1, which it returns. */
  async listen(): Promise<number> {
    await new Promise<void>((resolve) => this.#tcp.listen(0, '127.0.0.1', resolve));
    return (this.#tcp.address() as { port: number }).port;
  }

  /** Ends all that it holds and runs. */
  async stop(): Promise<void> {
    for (const timer of this.#timers) clearTimeout(timer);
    for (const child of this.#children) child.kill('SIGKILL');
    for (const socket of this.#sockets) socket.destroy();
    await new Promise<void>((resolve) => this.#tcp.close(() => resolve()));
  }

  /** Returns the socket to speak SSH on, if any. */
  #disturb(socket: Socket): Socket | undefined {
    const random = this.#random;
    switch (this.#faults.tcp) {
      case undefined:
        return socket;
      case 'silent':
        return undefined;
      case 'closes':
        socket.end();
        return undefined;
      case 'resets':
        socket.resetAndDestroy();
        return undefined;
      case 'garbage':
        socket.write(random.bytes(3000));
        return undefined;
      case 'old version':
        socket.end('SSH-1.5-old\r\n');
        return undefined;
      case 'many lines':
        this.#repeat(() => socket.write('notice\r\n'.repeat(2000)));
        return undefined;
      case 'one long line':
        this.#repeat(() => socket.write('x'.repeat(60_000)));
        return undefined;
      default:
        garbled(socket, this.#faults.tcp === 'cuts' ? 'cut' : 'garbled', random, 200 + random.below(6000));
        return socket;
    }
  }

  #client(client: Connection): void {
    client.on('error', () => {});
    let asked = 0;
    client.on('authentication', (context) => {
      asked += 1;
      this.#login(client, context, asked);
    });
    client.on('session', (accept, reject) => {
      if (this.#faults.session === 'refuses session') return reject();
      accept().on('exec', (acceptExec, rejectExec, { command }) =>
        this.#exec(client, { acceptExec, rejectExec }, command),
      );
    });
    client.on('request', (_accept, reject) => reject?.());
  }

  #login(client: Connection, context: AuthContext, asked: number): void {
    switch (this.#faults.login) {
      case 'refuses':
        return context.reject();
      case 'never answers':
        return;
      case 'closes':
        client.end();
        return;
      case 'partial':
        return asked < 30 ? context.reject(['password', 'keyboard-interactive'], true) : context.reject();
      case 'asks for ever':
      case 'empty prompts': {
        if (context.method !== 'keyboard-interactive') return context.reject(['keyboard-interactive']);
        const prompts = this.#faults.login === 'empty prompts' ? [] : [{ prompt: 'Again: ', echo: false }];
        const again = (): void => context.prompt(prompts, 'title', 'text', again);
        return again();
      }
      case 'banner':
        return context.reject(['password'], asked < 3);
      default:
        if (context.method === 'none') return context.reject(['password']);
        return context.accept();
    }
  }

  #exec(
    client: Connection,
    { acceptExec, rejectExec }: { readonly acceptExec: () => ServerChannel; readonly rejectExec: () => void },
    command: string,
  ): void {
    const { session } = this.#faults;
    if (session === 'refuses exec') return rejectExec();
    if (session === 'never answers') return;
    const channel = acceptExec();
    channel.on('error', () => {});
    switch (session) {
      case 'exits at once':
        channel.exit(this.#random.below(256));
        channel.end();
        return;
      case 'signal':
        channel.exit('SEGV', true, 'core');
        channel.end();
        return;
      case 'closes':
        client.end();
        return;
      case 'ends streams':
        channel.end();
        return;
      case 'floods':
        this.#repeat(() => channel.writable && channel.write('flood\n'.repeat(5000)));
        return;
      default:
        this.#shell(channel, command);
    }
  }

  /** A real shell, whose answers are disturbed. */
  #shell(channel: ServerChannel, command: string): void {
    const child = spawn('/bin/sh', ['-c', command], { stdio: 'pipe', detached: true });
    this.#children.add(child);
    child.stdin.on('error', () => {});
    channel.on('data', (chunk: Buffer) => child.stdin.write(chunk));
    channel.on('end', () => child.stdin.end());
    channel.on('close', () => child.stdin.end());
    const random = this.#random;
    let left = 1 + random.below(6);
    const answer = (stream: 'stdout' | 'stderr') => (chunk: Buffer) => {
      left -= 1;
      const own = stream === 'stdout' ? channel : channel.stderr;
      const other = stream === 'stdout' ? channel.stderr : channel;
      const write = (bytes: Buffer, out: Writable = own): void => {
        // A fault may have ended the channel before.
        if (channel.writable && out.writable) out.write(bytes);
      };
      switch (left > 0 ? undefined : this.#faults.output) {
        case 'cut':
          write(chunk.subarray(0, random.below(chunk.length + 1)));
          channel.end();
          return;
        case 'repeated':
          write(chunk);
          return write(chunk);
        case 'dropped':
          return;
        case 'garbled': {
          const copy = Buffer.from(chunk);
          copy[random.below(copy.length)] = random.below(256);
          return write(copy);
        }
        case 'swapped streams':
          return write(chunk, other);
        case 'held back':
          return write(chunk.subarray(0, 1));
        case 'flood':
          return this.#repeat(() => write(Buffer.concat([chunk, Buffer.alloc(20_000, 0x1e)])));
        case 'extra ends':
          return write(Buffer.concat(Array.from({ length: 50 }, () => chunk)));
        case 'killed':
          child.kill('SIGKILL');
          return;
        default:
          write(chunk);
      }
    };
    child.stdout.on('data', answer('stdout'));
    child.stderr.on('data', answer('stderr'));
    child.on('close', (code) => {
      this.#children.delete(child);
      channel.exit(code ?? 1);
      channel.end();
    });
  }

  /** Does something again and again, a bounded number of times. */
  #repeat(action: () => unknown): void {
    let count = 0;
    const timer = setInterval(() => {
      if (++count <= 400) action();
      else clearInterval(timer);
    }, 5);
    this.#timers.add(timer);
  }
}
