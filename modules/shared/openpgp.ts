import { createHash } from 'node:crypto';
import { ModuleFailure } from '../../runner/module/contract.ts';

/** A primary public key with its subkeys, user ids and signatures, as it stands in a keyring. */
export interface PublicKey {
  /** Fingerprint in capital hexadecimal digits. */
  readonly fingerprint: string;
  /** Fingerprints of its subkeys. */
  readonly subkeys: readonly string[];
  /** All its packets, binary. */
  readonly bytes: Buffer;
}

/** The binary form of keys that may be in ASCII armor; several blocks are joined. */
function dearmor(data: Buffer): Buffer {
  if (!isArmored(data)) return data;
  const text = data.toString('latin1');
  const blocks = [
    ...text.matchAll(/-----BEGIN PGP PUBLIC KEY BLOCK-----\r?\n([\s\S]*?)-----END PGP PUBLIC KEY BLOCK-----/g),
  ];
  if (blocks.length === 0) throw new ModuleFailure('this is no public key, but another kind of OpenPGP message');
  return Buffer.concat(blocks.map(([, block]) => armorBody(block!)));
}

/** Keys in ASCII armor, as rpm and apt's .asc files want them. */
export function armored(data: Buffer): string {
  if (isArmored(data)) return data.toString('latin1');
  const body = data.toString('base64').replace(/.{64}/g, '$&\n');
  return `-----BEGIN PGP PUBLIC KEY BLOCK-----\n\n${body}\n-----END PGP PUBLIC KEY BLOCK-----\n`;
}

/** Whether keys are in ASCII armor. */
export function isArmored(data: Buffer): boolean {
  return data.toString('latin1').includes('-----BEGIN PGP');
}

/** A block is headers, an empty line, base64, and a checksum that begins with `=`. */
function armorBody(block: string): Buffer {
  const lines = block.split(/\r?\n/);
  const empty = lines.findIndex((line) => line.trim() === '');
  const body = lines.slice(empty + 1).filter((line) => !line.startsWith('='));
  return Buffer.from(body.join(''), 'base64');
}

const publicKeyTag = 6;
const publicSubkeyTag = 14;

/** The public keys in a keyring or key file. Throws {@link ModuleFailure} when it is none. */
export function parseKeys(data: Buffer): PublicKey[] {
  const binary = dearmor(data);
  const keys: { fingerprint: string; subkeys: string[]; start: number; end: number }[] = [];
  let offset = 0;
  while (offset < binary.length) {
    const packet = readPacket(binary, offset);
    if (packet.tag === publicKeyTag) {
      keys.push({ fingerprint: fingerprint(packet.body), subkeys: [], start: offset, end: packet.end });
    }
    const key = keys.at(-1);
    if (!key) throw new ModuleFailure('this is no OpenPGP public key');
    if (packet.tag === publicSubkeyTag) key.subkeys.push(fingerprint(packet.body));
    key.end = packet.end;
    offset = packet.end;
  }
  return keys.map((key) => ({
    fingerprint: key.fingerprint,
    subkeys: key.subkeys,
    bytes: binary.subarray(key.start, key.end),
  }));
}

/** Whether a key, or one of its subkeys, is meant by an id: its fingerprint or the last digits of it. */
export function hasId(key: PublicKey, id: string): boolean {
  const wanted = id.replace(/^0x/i, '').replace(/\s/g, '').toUpperCase();
  return [key.fingerprint, ...key.subkeys].some((print) => print.endsWith(wanted));
}

interface Packet {
  readonly tag: number;
  readonly body: Buffer;
  readonly end: number;
}

function readPacket(data: Buffer, offset: number): Packet {
  const header = data[offset]!;
  if ((header & 0x80) === 0) throw new ModuleFailure('this is no OpenPGP public key');
  const [tag, start, length] =
    (header & 0x40) === 0 ? oldHeader(data, offset, header) : newHeader(data, offset, header);
  const end = start + length;
  if (end > data.length) throw new ModuleFailure('the OpenPGP key is cut off');
  return { tag, body: data.subarray(start, end), end };
}

function oldHeader(data: Buffer, offset: number, header: number): [number, number, number] {
  const tag = (header >> 2) & 15;
  const size = header & 3;
  if (size === 3) throw new ModuleFailure('an OpenPGP packet of unknown length is not supported');
  const bytes = 1 << size;
  checkLength(data, offset + 1 + bytes);
  return [tag, offset + 1 + bytes, data.readUIntBE(offset + 1, bytes)];
}

function newHeader(data: Buffer, offset: number, header: number): [number, number, number] {
  const tag = header & 63;
  checkLength(data, offset + 2);
  const first = data[offset + 1]!;
  if (first < 192) return [tag, offset + 2, first];
  if (first < 224) {
    checkLength(data, offset + 3);
    return [tag, offset + 3, ((first - 192) << 8) + data[offset + 2]! + 192];
  }
  if (first !== 255) throw new ModuleFailure('a partial OpenPGP packet is not supported');
  checkLength(data, offset + 6);
  return [tag, offset + 6, data.readUInt32BE(offset + 2)];
}

function checkLength(data: Buffer, end: number): void {
  if (end > data.length) throw new ModuleFailure('the OpenPGP key is cut off');
}

function fingerprint(body: Buffer): string {
  const version = body[0];
  if (version === 4) {
    const length = Buffer.from([0x99, body.length >> 8, body.length & 255]);
    return createHash('sha1').update(length).update(body).digest('hex').toUpperCase();
  }
  if (version === 5 || version === 6) {
    const length = Buffer.alloc(5);
    length[0] = version === 5 ? 0x9a : 0x9b;
    length.writeUInt32BE(body.length, 1);
    return createHash('sha256').update(length).update(body).digest('hex').toUpperCase();
  }
  throw new ModuleFailure(`OpenPGP keys of version ${version} are not supported`);
}
