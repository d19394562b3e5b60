import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { freePort, listening, makeKey } from '../../connection/sshd.ts';
import { startThrowaway, type Throwaway } from '../throwaway.ts';
import { descendants, type Process } from './processes.ts';

/** What differs from a host that root logs in to with a key. */
export interface HostOptions {
  /** sh text that root runs on the host before sshd starts. */
  readonly before?: string;
  /** More lines for sshd's configuration. */
  readonly sshd?: readonly string[];
  /** A file in the host's directory that sshd writes its log to. */
  readonly log?: string;
}

/** A host that can lose its power: a real sshd and its users' processes; one directory outlives it. */
export class SshHost {
  /** What outlives the host; its user's home is in there. */
  readonly directory: string;
  readonly #port: number;
  readonly #options: HostOptions;
  #host: Throwaway;

  private constructor(directory: string, port: number, options: HostOptions) {
    this.directory = directory;
    this.#port = port;
    this.#options = options;
    this.#host = boot(directory, options);
  }

  /** Makes the keys in `directory` and starts the host. */
  static async start(directory: string, options: HostOptions = {}): Promise<SshHost> {
    const port = await freePort();
    chmodSync(directory, 0o755);
    for (const name of ['home', 'files']) mkdirSync(path.join(directory, name));
    makeKey(path.join(directory, 'host_key'));
    makeKey(path.join(directory, 'user_key'));
    writeFileSync(path.join(directory, 'authorized_keys'), readFileSync(path.join(directory, 'user_key.pub')));
    const config = [
      `Port ${port}`,
      'ListenAddress 127.0.0.1',
      `HostKey ${directory}/host_key`,
      `AuthorizedKeysFile ${directory}/authorized_keys`,
      'PidFile none',
      'StrictModes no',
      'UsePAM no',
      'PermitRootLogin yes',
      `SetEnv HOME=${directory}/home`,
      ...(options.sshd ?? []),
    ];
    writeFileSync(path.join(directory, 'sshd_config'), `${config.join('\n')}\n`);
    const hostKey = readFileSync(path.join(directory, 'host_key.pub'), 'utf8').split(' ').slice(0, 2).join(' ');
    writeFileSync(path.join(directory, 'known_hosts'), `[127.0.0.1]:${port} ${hostKey}\n`);
    const host = new SshHost(directory, port, options);
    writeFileSync(path.join(directory, 'inventory.yml'), JSON.stringify({ all: { hosts: { h: host.variables } } }));
    await listening(port);
    return host;
  }

  /** Variables of an inventory by which root logs in. */
  get variables(): Readonly<Record<string, string | number>> {
    return {
      ansible_host: '127.0.0.1',
      ansible_port: this.#port,
      ansible_user: 'root',
      ansible_ssh_private_key_file: path.join(this.directory, 'user_key'),
      ansible_ssh_common_args: `-F none -o UserKnownHostsFile=${this.directory}/known_hosts`,
    };
  }

  /** Where one of the host's own files is to be seen on this machine. */
  path(file: string): string {
    const init = descendants(this.#host.process.pid!).find(({ command }) => command.startsWith('bash -c'));
    return path.join('/proc', String(init?.pid), 'root', file);
  }

  /** Kills everything on the host at once, and starts it again. */
  async loseThePower(): Promise<void> {
    await this.stop();
    this.#host = boot(this.directory, this.#options);
    await listening(this.#port);
  }

  async stop(): Promise<void> {
    this.#host.kill();
    await this.#host.ended;
  }

  /** What runs there, but for init and the sshd that listens. */
  processes(): Process[] {
    const { pid } = this.#host.process;
    const all = descendants(pid!);
    const own = all.filter(({ command }) => /^bash -c .*sshd|^sshd: .* \[listener\]|\bsshd -D\b/.test(command));
    return all.filter((process) => !own.includes(process));
  }
}

/** bash as the first process waits for whatever becomes its child. */
function boot(directory: string, { before = ':', log }: HostOptions): Throwaway {
  const to = log === undefined ? '' : `-E ${log} `;
  // Command lines can be seen by all.
  writeFileSync(path.join(directory, 'before.sh'), before, { mode: 0o600 });
  const script = `sh ${directory}/before.sh </dev/null; /usr/sbin/sshd -D ${to}-f ${directory}/sshd_config & wait`;
  return startThrowaway(['bash', '-c', script], { keep: directory, network: true });
}
