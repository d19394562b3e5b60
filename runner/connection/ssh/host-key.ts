import {
  addKnownHost,
  fingerprint,
  judgeKey,
  type KeyVerdict,
  keyType,
  knownHostsName,
  knownKeysOf,
  knownTypes,
} from './known-hosts.ts';
import type { Target } from './target.ts';

/** Checks the key of one host against known_hosts. */
export class HostKeyChecker {
  readonly #target: Target;
  readonly #name: string;
  readonly #lines;
  readonly #linesWithoutPort;
  /** Why the key was refused, once it was. */
  refusal: string | undefined;
  /** Whether a certificate of the host might be accepted in place of the key that was refused. */
  certificateWanted = false;
  /** Why whoever showed the key is not to get a password, although the key was accepted. */
  distrust: string | undefined;

  constructor(target: Target) {
    this.#target = target;
    this.#name = knownHostsName(target.host, target.port, target.hostKeyAlias);
    const files = [...target.userKnownHosts, ...target.globalKnownHosts];
    this.#lines = knownKeysOf(files, this.#name);
    // As OpenSSH: a host on another port may be known by its plain name.
    const bare = target.hostKeyAlias === undefined && target.port !== 22;
    this.#linesWithoutPort = bare ? knownKeysOf(files, target.host.toLowerCase()) : [];
  }

  /** The key types to ask the server for first. */
  get preferredTypes(): string[] {
    const types = knownTypes(this.#lines);
    return types.length > 0 ? types : knownTypes(this.#linesWithoutPort);
  }

  /**
   * Whether the key is accepted; when not, {@link refusal} says why. Where host keys are not checked a changed one is
   * accepted, but {@link distrust} is set, as with OpenSSH; a revoked one never is.
   * @param address the host's address, where the socket leads to the host itself
   */
  accept(key: Buffer, address?: string): boolean {
    if (this.#target.trustLoopback && address !== undefined && isLoopback(address)) return true;
    const verdict = judgeKey(this.#lines, key);
    if (verdict.state === 'known') return true;
    if (verdict.state === 'unknown') return this.#acceptUnknown(verdict, key);
    if (verdict.state === 'revoked' || this.#target.keyPolicy !== 'any') return this.#refuse(verdict, key);
    this.distrust = this.#sentence(verdict, key);
    return true;
  }

  #acceptUnknown(verdict: KeyVerdict, key: Buffer): boolean {
    const bare = judgeKey(this.#linesWithoutPort, key);
    if (bare.state === 'known') return true;
    if (bare.state === 'revoked') return this.#refuse(bare, key);
    if (this.#target.keyPolicy === 'any') return true;
    // The host's certificate says more than a key that nobody knows.
    const certified = verdict.state === 'unknown' && verdict.authority !== undefined;
    return this.#target.keyPolicy === 'accept-new' && !certified ? this.#add(key) : this.#refuse(verdict, key);
  }

  #add(key: Buffer): boolean {
    const file = this.#target.userKnownHosts[0];
    try {
      if (file !== undefined && file !== '/dev/null') addKnownHost(file, this.#name, key, this.#target.hashKnownHosts);
      return true;
    } catch (error) {
      this.refusal = `its new host key cannot be added to ${file}: ${(error as Error).message}`;
      return false;
    }
  }

  #refuse(verdict: KeyVerdict, key: Buffer): boolean {
    this.certificateWanted = verdict.state === 'unknown' && verdict.authority !== undefined;
    this.refusal = this.#sentence(verdict, key);
    return false;
  }

  #sentence(verdict: KeyVerdict, key: Buffer): string {
    const name = this.#name;
    const shown = `${keyType(key)} ${fingerprint(key)}`;
    if (verdict.state === 'changed') {
      const { file, line, type, key: known } = verdict.known;
      return (
        `THE HOST KEY HAS CHANGED. ${name} shows ${shown}, but ${file}:${line} knows ${type} ${fingerprint(known)}. ` +
        'Someone may be listening in, or the host was installed anew. If you know that it was, remove the old key with ' +
        `\`ssh-keygen -f '${file}' -R '${name}'\` and accept the new one.`
      );
    }
    if (verdict.state === 'revoked') {
      return `its host key ${shown} is marked as revoked in ${verdict.known.file}:${verdict.known.line}.`;
    }
    const authority =
      verdict.state === 'unknown' && verdict.authority
        ? ` (the @cert-authority line ${verdict.authority.file}:${verdict.authority.line} needs OpenSSH's client: kplay's own SSH does not know host certificates)`
        : '';
    return (
      `its host key ${shown} is not known${authority}. If the fingerprint is the host's, accept it by logging in once with ` +
      `\`${this.#loginCommand()}\`, or for all new hosts with ssh_args "-o StrictHostKeyChecking=accept-new".`
    );
  }

  #loginCommand(): string {
    const { host, port, user } = this.#target;
    return `ssh ${port === 22 ? '' : `-p ${port} `}${user}@${host}`;
  }
}

function isLoopback(address: string): boolean {
  return address === '::1' || /^(::ffff:)?127\./.test(address);
}
