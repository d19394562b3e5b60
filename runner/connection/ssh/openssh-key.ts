import { type KeyObject, randomBytes } from 'node:crypto';
import { field } from './wire.ts';

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
    Buffer.from('openssh-key-v1\0'),
    none,
    none,
    field(Buffer.alloc(0)),
    Buffer.from([0, 0, 0, 1]),
    field(publicKey),
    field(Buffer.concat([...inner, padding])),
  ]);
  const lines = body.toString('base64').match(/.{1,70}/g) ?? [];
  return ['-----BEGIN OPENSSH PRIVATE KEY-----', ...lines, '-----END OPENSSH PRIVATE KEY-----', ''].join('\n');
}
