import type { Transport } from './channel.ts';
import { type ConnectionSettings, Unreachable } from './connection.ts';
import type { Beyond } from './ssh/beyond.ts';
import type { Surroundings } from './ssh/target.ts';

/** Chooses between kplay's own SSH and OpenSSH's client, for all hosts of a run. */
export class ClientChoice {
  readonly #warn: (text: string) => void;
  readonly #said = new Set<string>();
  /** What logged in with OpenSSH's client only, by how hosts are logged in to. */
  readonly #beyond = new Map<string, Beyond>();

  /** @param warn told once for each reason why OpenSSH's client is used, and what is to be done by hand while it logs in */
  constructor(warn: (text: string) => void) {
    this.#warn = warn;
  }

  /** Connects and logs in. Throws {@link Unreachable}, KplayError for options that are not supported. */
  async connect(settings: ConnectionSettings, surroundings: Surroundings): Promise<Transport> {
    if (settings.kind === 'openssh' || settings.sshExecutable !== undefined)
      return openSsh(settings, surroundings, this.#warn);
    const way = JSON.stringify([settings.user, settings.privateKeyFile, settings.sshArgs]);
    const known = this.#beyond.get(way) ?? this.#beyond.get(JSON.stringify(settings));
    if (known) return this.#openSsh(known, settings, surroundings);
    // It takes 40 ms to load; a local run does without it.
    const { connectSsh } = await import('./ssh/connect.ts');
    try {
      return await connectSsh(settings, surroundings);
    } catch (error) {
      const { beyondOf } = await import('./ssh/beyond.ts');
      const beyond = beyondOf(error);
      if (!beyond) throw error;
      const transport = await this.#instead(error as Error, beyond, settings, surroundings);
      // What a host offers says nothing of others.
      this.#beyond.set(beyond.kind === 'algorithms' ? JSON.stringify(settings) : way, beyond);
      return transport;
    }
  }

  async #instead(
    error: Error,
    beyond: Beyond,
    settings: ConnectionSettings,
    surroundings: Surroundings,
  ): Promise<Transport> {
    const { findClient } = await import('./openssh/client.ts');
    if (!findClient(undefined, surroundings.environment)) throw withoutClient(error, beyond);
    try {
      const left = beyond.passwordRefused ? { ...settings, password: undefined } : settings;
      return await this.#openSsh(beyond, left, surroundings);
    } catch (second) {
      if (!(second instanceof Unreachable)) throw second;
      throw new Unreachable(`${second.message} (so says OpenSSH's ssh; kplay's own SSH: ${error.message})`, {
        cause: second,
      });
    }
  }

  async #openSsh({ kind, why }: Beyond, settings: ConnectionSettings, surroundings: Surroundings): Promise<Transport> {
    const transport = await openSsh(settings, surroundings, this.#warn);
    if (!this.#said.has(kind)) {
      this.#said.add(kind);
      this.#warn(`${settings.host}: OpenSSH's ssh is used in place of kplay's own SSH, since ${why}`);
    }
    return transport;
  }
}

async function openSsh(
  settings: ConnectionSettings,
  surroundings: Surroundings,
  tell: (text: string) => void,
): Promise<Transport> {
  const { connectOpenSsh } = await import('./openssh/connect.ts');
  return connectOpenSsh(settings, surroundings, tell);
}

function withoutClient(error: Error, { why }: Beyond): Error {
  if (!(error instanceof Unreachable)) return error;
  const use = "OpenSSH's client (Debian: openssh-client) would be used in its place if this machine had it, since";
  return new Unreachable(`${error.message} (${use} ${why})`, { cause: error });
}
