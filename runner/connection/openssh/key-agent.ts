import { createPrivateKey, sign } from 'node:crypto';
import { createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import type { ParsedKey } from 'ssh2';
import { Unreachable } from '../connection.ts';
import { loadPrivateKey } from '../ssh/private-key.ts';
import type { Surroundings } from '../ssh/target.ts';
import { field, fieldAt } from '../ssh/wire.ts';

/** Numbers of the agents' protocol (draft-miller-ssh-agent). */
const message = { failure: 5, listRequest: 11, list: 12, signRequest: 13, signature: 14 } as const;
const flags = { sha256: 2, sha512: 4 } as const;

/** An agent that holds one private key, which so stands in no file; only for the connection whose folder it is in. */
export class KeyAgent {
  readonly path: string;
  readonly #server: Server;
  readonly #key: ParsedKey;

  private constructor(path: string, server: Server, key: ParsedKey) {
    this.path = path;
    this.#server = server;
    this.#key = key;
    server.on('connection', (socket) => this.#serve(socket));
  }

  /** Listens in a folder of mode 0700. Throws {@link Unreachable} for a key that cannot be read. */
  static async start(
    folder: string,
    text: string,
    passphrase: string | undefined,
    { onSecret }: Surroundings,
  ): Promise<KeyAgent> {
    onSecret?.(text);
    const key = loadPrivateKey(text, passphrase, 'FILE');
    if (typeof key === 'string') throw new Unreachable(`key of ansible_ssh_private_key: ${key}`);
    const path = join(folder, 'agent');
    const server = createServer();
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(path, resolve);
    });
    return new KeyAgent(path, server, key);
  }

  close(): void {
    this.#server.close();
  }

  #serve(socket: Socket): void {
    let bytes = Buffer.alloc(0);
    socket.on('error', () => {});
    socket.on('data', (chunk) => {
      bytes = Buffer.concat([bytes, chunk]);
      while (bytes.length >= 4 && bytes.length >= 4 + bytes.readUInt32BE(0)) {
        const end = 4 + bytes.readUInt32BE(0);
        socket.write(field(this.#answer(bytes.subarray(4, end))));
        bytes = bytes.subarray(end);
      }
    });
  }

  #answer(request: Buffer): Buffer {
    const blob = this.#key.getPublicSSH();
    if (request[0] === message.listRequest)
      return Buffer.concat([Buffer.from([message.list, 0, 0, 0, 1]), field(blob), field(Buffer.from('kplay'))]);
    if (request[0] !== message.signRequest) return Buffer.from([message.failure]);
    const wanted = fieldAt(request, 1);
    const data = wanted && fieldAt(request, 5 + wanted.length);
    if (!data || !wanted.equals(blob)) return Buffer.from([message.failure]);
    const signature = signatureOf(this.#key, data, request.readUInt32BE(9 + wanted.length + data.length));
    return Buffer.concat([Buffer.from([message.signature]), field(signature)]);
  }
}

function signatureOf(key: ParsedKey, data: Buffer, asked: number): Buffer {
  const [format, hash] = algorithmOf(key.type, asked);
  const privateKey = createPrivateKey(key.getPrivatePEM());
  const made = sign(hash, data, { key: privateKey, dsaEncoding: 'ieee-p1363' });
  if (!format.startsWith('ecdsa-')) return Buffer.concat([field(Buffer.from(format)), field(made)]);
  const half = made.length / 2;
  const numbers = Buffer.concat([number(made.subarray(0, half)), number(made.subarray(half))]);
  return Buffer.concat([field(Buffer.from(format)), field(numbers)]);
}

function algorithmOf(type: string, asked: number): [format: string, hash: string | undefined] {
  if (type === 'ssh-ed25519') return [type, undefined];
  if (type === 'ecdsa-sha2-nistp256') return [type, 'sha256'];
  if (type === 'ecdsa-sha2-nistp384') return [type, 'sha384'];
  if (type === 'ecdsa-sha2-nistp521') return [type, 'sha512'];
  if ((asked & flags.sha512) !== 0) return ['rsa-sha2-512', 'sha512'];
  return (asked & flags.sha256) !== 0 ? ['rsa-sha2-256', 'sha256'] : ['ssh-rsa', 'sha1'];
}

/** A number as SSH writes it: no needless zeros, and none that looks negative. */
function number(bytes: Buffer): Buffer {
  let start = 0;
  while (start < bytes.length - 1 && bytes[start] === 0) start += 1;
  const digits = bytes.subarray(start);
  return field((digits[0] ?? 0) < 0x80 ? digits : Buffer.concat([Buffer.from([0]), digits]));
}
