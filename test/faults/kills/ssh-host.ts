import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { freePort, listening, makeKey } from '../../connection/sshd.ts';
import { startThrowaway, type Throwaway } from '../throwaway.ts';
import { descendants, type Process } from './processes.ts';

/** A host that can lose its power: a real sshd and its users' processes; one directory outlives it. */
export class SshHost {
  /** What outlives the host; its user's home is in there. */
  readonly directory: string;
  readonly #port: number;
  #host: Throwaway;

  private constructor(directory: string, port: number, host: Throwaway) {
    this.directory = directory;
    this.#port = port;
    this.#host = host;
  }

  /** Makes the keys in `directory` and starts the host. */
  static async start(directory: string): Promise<SshHost> {
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
    ];
    writeFileSync(path.join(directory, 'sshd_config'), `${config.join('\n')}\n`);
    const hostKey = readFileSync(path.join(directory, 'host_key.pub'), 'utf8').split(' ').slice(0, 2).join(' ');
    writeFileSync(path.join(directory, 'known_hosts'), `[127.0.0.1]:${port} ${hostKey}\n`);
    writeFileSync(
      path.join(directory, 'inventory'),
      `h ansible_host=127.0.0.1 ansible_port=${port} ansible_user=root ansible_ssh_private_key_file=${directory}/user_key ` +
        `ansible_ssh_common_args='-F none -o UserKnownHostsFile=${directory}/known_hosts'\n`,
    );
    const host = new SshHost(directory, port, boot(directory));
    await listening(port);
    return host;
  }

  /** Kills everything on the host at once, and starts it again. */
  async loseThePower(): Promise<void> {
    await this.stop();
    this.#host = boot(this.directory);
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
function boot(directory: string): Throwaway {
  const command = ['bash', '-c', `/usr/sbin/sshd -D -f ${directory}/sshd_config & wait`];
  return startThrowaway(command, { keep: directory, network: true });
}
