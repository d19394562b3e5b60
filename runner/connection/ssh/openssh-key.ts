import { type KeyObject, randomBytes } from 'node:crypto';
import { field, fieldAt } from './wire.ts';

const [begin, end] = ['-----BEGIN OPENSSH PRIVATE KEY-----', '-----END OPENSSH PRIVATE KEY-----'];
const magic = 'openssh-key-v1\0';

/** The type of the key in a file of OpenSSH's (PROTOCOL.key), which is readable without its passphrase; undefined for other files. */
export function openSshKeyType(text: string): string | undefined {
  const [, lines] = text.split(begin);
  const bytes = Buffer.from(lines?.split(end)[0] ?? '', 'base64');
  if (bytes.toString('latin1', 0, magic.length) !== magic) return undefined;
  let at = magic.length;
  // Cipher, key derivation and its options; then how many keys there are.
  for (let skipped = 0; skipped < 3; skipped++) at += 4 + (fieldAt(bytes, at)?.length ?? bytes.length);
  const publicKey = fieldAt(bytes, at + 4);
  return publicKey && fieldAt(publicKey, 0)?.toString('latin1');
}

/** Whether a key of this type is on hardware (FIDO), its file being a handle of it only. */
export function isSecurityKey(type: string): boolean {
  return type.startsWith('sk-');
}

/** An ed25519 private key in the form of OpenSSH's files (PROTOCOL.key), without a passphrase: it has no other that the SSH library reads. */
export function openSshPrivateKey(key: KeyObject): string {
  const { d, x } = key.export({ format: 'jwk' });
  const [secret, point] = [Buffer.from(d ?? '', 'base64url'), Buffer.from(x ?? '', 'base64url')];
  const type = field(Buffer.from('ssh-ed25519'));
  const publicKey = Buffer.concat([type, field(point)]);
  const check = randomBytes(4);
  const inner = [check, check, publicKey, field(Buffer.concat([secret, point])), field(Buffer.alloc(0))];
  const length = inner.reduce((sum, part) => sum + part.length, 0);
  const padding = Buffer.from(Array.from({ length: (8 - (length % 8)) % 8 }, (_, index) => index + 1));
  const none = field(Buffer.from('none'));
  const body = Buffer.concat([
    Buffer.from(magic),
    none,
    none,
    field(Buffer.alloc(0)),
    Buffer.from([0, 0, 0, 1]),
    field(publicKey),
    field(Buffer.concat([...inner, padding])),
  ]);
  const lines = body.toString('base64').match(/.{1,70}/g) ?? [];
  return [begin, ...lines, end, ''].join('\n');
}
