import { createHash } from 'node:crypto';
import { decode, encode as textBytes } from '../../python/bytes.ts';
import { cryptDigits } from './sha-crypt.ts';

/** MD5-crypt, `$1$`; weak, but Ansible makes it too when asked. */
export function md5Crypt(password: string, givenSalt: string): string {
  const salt = textBytes(givenSalt.slice(0, 8));
  const key = textBytes(password);
  const sum = (...parts: Buffer[]): Buffer => createHash('md5').update(Buffer.concat(parts)).digest();
  const inner = sum(key, salt, key);
  const parts: Buffer[] = [key, Buffer.from('$1$'), salt];
  for (let left = key.length; left > 0; left -= 16) parts.push(inner.subarray(0, Math.min(16, left)));
  for (let bits = key.length; bits > 0; bits >>= 1) parts.push(bits & 1 ? Buffer.from([0]) : key.subarray(0, 1));
  let current: Buffer = sum(...parts);
  for (let round = 0; round < 1000; round++) {
    const odd = round & 1;
    const pieces = [odd ? key : current];
    if (round % 3) pieces.push(salt);
    if (round % 7) pieces.push(key);
    pieces.push(odd ? current : key);
    current = sum(...pieces);
  }
  return `$1$${decode(salt)}$${encode(current)}`;
}

function encode(digest: Buffer): string {
  const groups = [
    [0, 6, 12],
    [1, 7, 13],
    [2, 8, 14],
    [3, 9, 15],
    [4, 10, 5],
  ] as const;
  const text = groups.map(([a, b, c]) => cryptDigits((digest[a]! << 16) | (digest[b]! << 8) | digest[c]!, 4)).join('');
  return text + cryptDigits(digest[11]!, 2);
}
