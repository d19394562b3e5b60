import { createHash } from 'node:crypto';
import { encode, encodeStrictly } from '../../python/bytes.ts';
import { decodeAs, encodeAs } from '../../python/encodings.ts';
import { EvaluationError } from '../../python/evaluation-error.ts';
import type { V } from '../../python/object.ts';
import { str } from '../../python/text.ts';
import { table } from '../../table.ts';
import { unsupported } from '../failure.ts';
import { type Callee, fn } from '../runtime/function.ts';
import { type Arguments, any, flag, more, orNone, rest, text } from '../runtime/parameters.ts';
import { md5Crypt } from './md5-crypt.ts';
import { randomSalt, shaCrypt } from './sha-crypt.ts';

function hashed(algorithm: string): (value: V) => string {
  return (value) =>
    createHash(algorithm)
      .update(encode(str(value)))
      .digest('hex');
}

const algorithms = new Set([
  'md5',
  'sha1',
  'sha224',
  'sha256',
  'sha384',
  'sha512',
  'blake2b512',
  'blake2s256',
  'sha3-256',
  'sha3-512',
]);
const pythonNames: Readonly<Record<string, string>> = table<string>({
  blake2b: 'blake2b512',
  blake2s: 'blake2s256',
  sha3_256: 'sha3-256',
  sha3_512: 'sha3-512',
});

function hash(value: V, type: string): V {
  const name = pythonNames[type] ?? type;
  if (!algorithms.has(name)) throw new EvaluationError(`unsupported hash type ${type}`);
  return hashed(name)(value);
}

function decode(value: V, encoding: string, isUrlSafe: boolean): string {
  const written = isUrlSafe ? str(value).replaceAll('-', '+').replaceAll('_', '/') : str(value);
  const given = written.replace(/[^A-Za-z\d+/=]/g, '');
  const digits = given.replace(/=+$/, '');
  if (digits.length % 4 === 1 || (digits.length % 4 !== 0 && given.length % 4 !== 0)) {
    throw new EvaluationError('Incorrect padding');
  }
  return decodeAs(Buffer.from(given, 'base64'), encoding);
}

const passwordParameters = {
  hashtype: text('sha512'),
  salt: orNone(text()),
  salt_size: orNone(text()),
  rounds: orNone(text()),
  ident: any(null),
};

/** The hash of a password for /etc/shadow. */
function passwordHash(value: V, args: Arguments<typeof passwordParameters>): V {
  const { hashtype: type, salt, salt_size: saltSize, rounds } = args;
  const name = type.replace(/^sha(\d+)_crypt$/, 'sha$1').replace('md5_crypt', 'md5');
  if (name === 'bcrypt' || name === 'blowfish') {
    throw unsupported('password_hash cannot make bcrypt hashes.', 'Use sha512 or sha256.');
  }
  if (name !== 'sha512' && name !== 'sha256' && name !== 'md5') {
    throw new EvaluationError(`passlib does not support '${type}' algorithm`);
  }
  const size = saltSize === null ? (name === 'md5' ? 8 : 16) : Number(saltSize);
  const chosen = salt ?? randomSalt(size);
  if (/[^./A-Za-z\d]/.test(chosen)) throw new EvaluationError('invalid characters in salt');
  if (name === 'md5') return md5Crypt(str(value), chosen);
  return rememberedHash(name, str(value), chosen, rounds === null ? undefined : Number(rounds));
}

const known = new Map<string, string>();

/** Hashes take half a second by design, and the same one is asked for by every host. */
function rememberedHash(name: 'sha256' | 'sha512', password: string, salt: string, rounds: number | undefined): string {
  const key = JSON.stringify([name, password, salt, rounds]);
  let result = known.get(key);
  if (result === undefined) {
    result = shaCrypt(name, password, salt, rounds);
    if (known.size >= 100) known.clear();
    known.set(key, result);
  }
  return result;
}

/** A UUID of version 5. */
function uuid(value: V, namespace: V): V {
  const name = typeof namespace === 'string' ? namespace.replace(/^urn:uuid:/, '').replaceAll(/[{}-]/g, '') : '';
  if (!/^[\da-f]{32}$/i.test(name)) throw new EvaluationError(`Invalid value '${str(namespace)}' for 'namespace'`);
  const prefix = Buffer.from(name, 'hex');
  const bytes = createHash('sha1')
    .update(prefix)
    .update(encodeStrictly(str(value)))
    .digest()
    .subarray(0, 16);
  bytes[6] = (bytes[6]! & 0x0f) | 0x50;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

function vault(): never {
  throw unsupported('Encryption with ansible-vault is not supported in templates.');
}

const base64Parameters = { encoding: text('utf-8'), urlsafe: flag(false) };

/** Hashes and encodings. */
export const cryptoFilters: Readonly<Record<string, Callee>> = {
  b64encode: fn(base64Parameters, (value, { encoding, urlsafe }) => {
    const encoded = encodeAs(str(value), encoding).toString('base64');
    return urlsafe ? encoded.replaceAll('+', '-').replaceAll('/', '_') : encoded;
  }),
  b64decode: fn(base64Parameters, (value, { encoding, urlsafe }) => decode(value, encoding, urlsafe)),
  hash: fn({ hashtype: text('sha1') }, (value, { hashtype }) => hash(value, hashtype)),
  md5: fn({}, hashed('md5')),
  sha1: fn({}, hashed('sha1')),
  checksum: fn({}, hashed('sha1')),
  password_hash: fn(passwordParameters, passwordHash),
  to_uuid: fn({ namespace: any('361E6D51-FAEC-444A-9079-341386DA8E2E') }, (value, { namespace }) =>
    uuid(value, namespace),
  ),
  vault: fn({ args: rest, kwargs: more }, vault),
  unvault: fn({ args: rest, kwargs: more }, vault),
};
