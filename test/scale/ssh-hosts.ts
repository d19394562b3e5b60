import { type ChildProcess, spawn } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { createServer, type Server as TcpServer } from 'node:net';
import ssh2, { type Connection, type ServerChannel } from 'ssh2';
import { delayed } from './delayed-stream.ts';
import { FrameParser } from './frame-parser.ts';

/** What hosts have been asked for. */
export interface Counts {
  connections: number;
  /** Most connections that were being set up at the same time. */
  settingUp: number;
  channels: number;
  /** Commands given to shells: each is one write and one reply. */
  roundTrips: number;
  /** Bytes of commands and of what follows them. */
  bytesIn: number;
}

export interface HostsOptions {
  /** Milliseconds that a question and its answer take together on the way. */
  readonly delay?: number;
  /**
   * How commands are answered: by a real /bin/sh of this machine, or, for thousands of hosts, at once and with nothing, exit
   * code 0 (a stand-in for a host: only what `answer` gives has an output).
   */
  readonly shell: 'real' | 'scripted';
  /** What a scripted host prints for a script. */
  readonly answer?: (script: string) => string | undefined;
  /** Goes before the command line of a real shell: to put it somewhere. */
  readonly prefix?: readonly string[];
}

/**
 * An SSH server that stands for any number of hosts: 127.0.0.0/8 is all this machine, so every address of it is one.
 * Anybody is let in.
 */
export class SshHosts {
  readonly counts: Counts = { connections: 0, settingUp: 0, channels: 0, roundTrips: 0, bytesIn: 0 };
  readonly #options: HostsOptions;
  readonly #tcp: TcpServer;
  readonly #clients = new Set<Connection>();
  readonly #children = new Set<ChildProcess>();
  #settingUp = 0;
  port = 0;

  private constructor(options: HostsOptions) {
    this.#options = options;
    const { privateKey } = generateKeyPairSync('rsa', {
      modulusLength: 2048,
      privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
      publicKeyEncoding: { type: 'pkcs1', format: 'pem' },
    });
    const server = new ssh2.Server({ hostKeys: [privateKey] }, (client) => this.#client(client));
    const oneWay = (options.delay ?? 0) / 2;
    this.#tcp = createServer({ noDelay: true }, (socket) => {
      server.injectSocket((oneWay > 0 ? delayed(socket, oneWay) : socket) as never);
    });
  }

  /** Starts the server on a free port. */
  static async start(options: HostsOptions): Promise<SshHosts> {
    const hosts = new SshHosts(options);
    await new Promise<void>((resolve) => hosts.#tcp.listen({ port: 0, host: '0.0.0.0', backlog: 4096 }, resolve));
    hosts.port = (hosts.#tcp.address() as { port: number }).port;
    return hosts;
  }

  /** An inventory of so many of its hosts, as YAML. */
  inventory(count: number): string {
    const hosts = Array.from({ length: count }, (_, index) => {
      const address = `127.${1 + (index >> 16)}.${(index >> 8) & 255}.${index & 255}`;
      return `    host${String(index).padStart(5, '0')}: {ansible_host: ${address}}\n`;
    });
    const vars = `ansible_port: ${this.port}, ansible_user: anybody, ansible_password: any, ansible_host_key_checking: false`;
    return `all:\n  vars: {${vars}, ansible_ssh_args: -F none -o IdentityAgent=none}\n  hosts:\n${hosts.join('')}`;
  }

  async stop(): Promise<void> {
    for (const client of this.#clients) client.end();
    for (const child of this.#children) child.kill('SIGKILL');
    await new Promise<void>((resolve) => this.#tcp.close(() => resolve()));
  }

  #client(client: Connection): void {
    const { counts } = this;
    this.#clients.add(client);
    counts.connections += 1;
    this.#settingUp += 1;
    counts.settingUp = Math.max(counts.settingUp, this.#settingUp);
    let ready = false;
    const done = (): void => {
      if (!ready) this.#settingUp -= 1;
      ready = true;
    };
    client.on('authentication', (context) => {
      if (context.method === 'none') context.reject(['password']);
      else context.accept();
    });
    client.on('ready', done);
    client.on('error', () => {});
    client.on('close', () => {
      done();
      this.#clients.delete(client);
    });
    client.on('session', (accept) => {
      accept().on('exec', (acceptExec, _reject, info) => {
        counts.channels += 1;
        const channel = acceptExec();
        if (this.#options.shell === 'real') this.#realShell(channel, info.command);
        else this.#scriptedShell(channel, info.command);
      });
    });
  }

  /** Answers as the shell's programs do (runner/connection/shell-program.ts). */
  #scriptedShell(channel: ServerChannel, command: string): void {
    const token = /echo (kplay-\w+)/.exec(command)?.[1];
    channel.write(`${token}\n`);
    let nonce = '';
    const report = (words: string, output = ''): void => {
      channel.write(`${output}\x1e${nonce} ${words}\n`);
      channel.stderr.write(`\x1e${nonce} ${words}\n`);
    };
    const parser = new FrameParser(
      (found) => {
        nonce = found;
        report('ready');
      },
      ({ number, script }) => {
        this.counts.roundTrips += 1;
        report(`${number} 0 -`, this.#options.answer?.(script));
      },
    );
    channel.on('data', (chunk: Buffer) => {
      this.counts.bytesIn += chunk.length;
      parser.push(chunk);
    });
    channel.on('end', () => {
      channel.exit(0);
      channel.end();
    });
  }

  #realShell(channel: ServerChannel, command: string): void {
    const [program, ...args] = [...(this.#options.prefix ?? []), '/bin/sh', '-c', command];
    const child = spawn(program!, args, { stdio: 'pipe' });
    this.#children.add(child);
    const parser = new FrameParser(
      () => {},
      () => {
        this.counts.roundTrips += 1;
      },
    );
    channel.on('data', (chunk: Buffer) => {
      this.counts.bytesIn += chunk.length;
      parser.push(chunk);
      if (!child.stdin.write(chunk)) {
        channel.pause();
        child.stdin.once('drain', () => channel.resume());
      }
    });
    channel.on('end', () => child.stdin.end());
    child.stdin.on('error', () => {});
    child.stdout.on('data', (chunk: Buffer) => channel.write(chunk));
    child.stderr.on('data', (chunk: Buffer) => channel.stderr.write(chunk));
    child.on('close', (code) => {
      this.#children.delete(child);
      channel.exit(code ?? 1);
      channel.end();
    });
  }
}
