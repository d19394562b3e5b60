import { createHash, hash, randomInt } from 'node:crypto';
import { countSteps } from '../../computing.ts';
import { encode as textBytes } from '../../python/bytes.ts';

const alphabet = './0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** Random characters for the salt of a password hash. */
export function randomSalt(size: number): string {
  return Array.from({ length: size }, () => alphabet[randomInt(64)]).join('');
}

/** The lowest six bits of a number first, as crypt writes it. */
export function cryptDigits(value: number, count: number): string {
  let text = '';
  let rest = value;
  for (let index = 0; index < count; index++) {
    text += alphabet[rest & 63];
    rest >>>= 6;
  }
  return text;
}

const none = Buffer.alloc(0);
const sizes = { sha256: 32, sha512: 64 } as const;
const ids = { sha256: '5', sha512: '6' } as const;
/** passlib's and Ansible's rounds when none are given; the crypt functions' own 5000 is not written. */
const ansibleRounds = { sha256: 535_000, sha512: 656_000 } as const;

/** SHA-crypt as in Drepper's specification. */
export function shaCrypt(algorithm: 'sha256' | 'sha512', password: string, givenSalt: string, rounds?: number): string {
  const salt = givenSalt.slice(0, 16);
  const count = Math.min(Math.max(rounds ?? ansibleRounds[algorithm], 1000), 999_999_999);
  const digest = mix(algorithm, textBytes(password), textBytes(salt), count);
  const prefix = count === 5000 ? '' : `rounds=${count}$`;
  return `$${ids[algorithm]}$${prefix}${salt}$${encode(algorithm, digest)}`;
}

function mix(algorithm: 'sha256' | 'sha512', password: Buffer, salt: Buffer, rounds: number): Buffer {
  const sum = (...parts: Buffer[]): Buffer => {
    const hash = createHash(algorithm);
    for (const part of parts) hash.update(part);
    return hash.digest();
  };
  const b = sum(password, salt, password);
  const parts = [password, salt, repeated(b, password.length)];
  for (let bits = password.length; bits > 0; bits >>= 1) parts.push(bits & 1 ? b : password);
  const current = sum(...parts);
  const dp = sum(...Array.from({ length: password.length }, () => password));
  const p = repeated(dp, password.length);
  const ds = sum(...Array.from({ length: 16 + current[0]! }, () => salt));
  const s = repeated(ds, salt.length);
  return repeatedly(algorithm, rounds, current, p, s);
}

/**
 * The rounds, each the hash of the one before between the password and the salt. Which of them it is made of repeats
 * after 42 rounds, so the eight texts that there are stay in place, and only the last hash is put into its gap: this
 * takes a sixth of the time that putting them together anew takes.
 */
function repeatedly(algorithm: 'sha256' | 'sha512', rounds: number, first: Buffer, p: Buffer, s: Buffer): Buffer {
  const size = sizes[algorithm];
  const gap = Buffer.alloc(size);
  const texts = Array.from({ length: 8 }, (_, kind) => {
    const [odd, salted, keyed] = [kind & 1, kind & 2, kind & 4];
    return Buffer.concat([odd ? p : gap, salted ? s : none, keyed ? p : none, odd ? gap : p]);
  });
  let current = first.toString('latin1');
  for (let round = 0; round < rounds; round++) {
    const odd = round & 1;
    const text = texts[odd | (round % 3 ? 2 : 0) | (round % 7 ? 4 : 0)]!;
    text.write(current, odd ? text.length - size : 0, size, 'latin1');
    current = hash(algorithm, text, 'binary');
    countSteps();
  }
  return Buffer.from(current, 'latin1');
}

function repeated(digest: Buffer, length: number): Buffer {
  const result = Buffer.alloc(length);
  for (let index = 0; index < length; index += digest.length) {
    digest.copy(result, index, 0, Math.min(digest.length, length - index));
  }
  return result;
}

function encode(algorithm: 'sha256' | 'sha512', digest: Buffer): string {
  const third = algorithm === 'sha256' ? 10 : 21;
  let text = '';
  let [a, b, c] = [0, third, third * 2];
  for (let index = 0; index < third; index++) {
    text += cryptDigits((digest[a]! << 16) | (digest[b]! << 8) | digest[c]!, 4);
    [a, b, c] = algorithm === 'sha256' ? [c + 1, a + 1, b + 1] : [b + 1, c + 1, a + 1];
  }
  return algorithm === 'sha256'
    ? text + cryptDigits((digest[31]! << 8) | digest[30]!, 3)
    : text + cryptDigits(digest[63]!, 2);
}
