import { createPrivateKey, type KeyObject } from 'node:crypto';
import ssh2, { type ParsedKey } from 'ssh2';
import { isSecurityKey, openSshKeyType, openSshPrivateKey } from './openssh-key.ts';

/** Keys that were read, by passphrase and text: many hosts have the same, and a passphrase costs a tenth of a second each time. */
const parsedKeys = new Map<string, ParsedKey | Error>();

/** Reads a key, private or public, in OpenSSH's, OpenSSL's (PKCS#1, PKCS#8, SEC 1) or PuTTY's form; the error says why it cannot be read. */
export function parseKey(text: string, passphrase: string | undefined): ParsedKey | Error {
  const name = `${passphrase ?? ''}\0${text}`;
  let key = parsedKeys.get(name);
  if (!key) {
    key = parseAnew(text, passphrase);
    parsedKeys.set(name, key);
  }
  return key;
}

/**
 * The private key in a text, or why it cannot be used, with the command that converts it where there is one.
 * @param file the name that the command has for it
 */
export function loadPrivateKey(text: string, passphrase: string | undefined, file: string): ParsedKey | string {
  const parsed = parseKey(text, passphrase);
  if (!(parsed instanceof Error)) return parsed.isPrivateKey() ? parsed : 'it is not a private key';
  const { message } = parsed;
  if (isSecurityKey(openSshKeyType(text) ?? ''))
    return "it is a security key's handle, which OpenSSH's client alone uses, from a file (ansible_ssh_private_key_file)";
  const command = conversion(text, message, file);
  if (command !== undefined) return command;
  if (!/encrypted|passphrase|decrypt|integrity|bad data|malformed openssh/i.test(message)) return message;
  return passphrase === undefined ? 'it has a passphrase and none was given' : 'the passphrase does not fit';
}

const pkcs8 = /-----BEGIN (ENCRYPTED )?PRIVATE KEY-----/;

function parseAnew(text: string, passphrase: string | undefined): ParsedKey | Error {
  try {
    const [form, encrypted] = pkcs8.exec(text) ?? [];
    // The SSH library does not know PKCS#8.
    const readable = form === undefined ? text : fromPkcs8(text, encrypted === undefined ? undefined : passphrase);
    const parsed: unknown = ssh2.utils.parseKey(readable, form === undefined ? passphrase : undefined);
    return Array.isArray(parsed) ? (parsed[0] as ParsedKey) : (parsed as ParsedKey | Error);
  } catch (error) {
    return error as Error;
  }
}

function fromPkcs8(text: string, passphrase: string | undefined): string {
  const key = readPkcs8(text, passphrase);
  switch (key.asymmetricKeyType) {
    case 'rsa':
      return String(key.export({ type: 'pkcs1', format: 'pem' }));
    case 'ec':
      return String(key.export({ type: 'sec1', format: 'pem' }));
    case 'ed25519':
      return openSshPrivateKey(key);
    default:
      throw new Error(`it is of the type ${key.asymmetricKeyType}, which SSH does not have`);
  }
}

function readPkcs8(text: string, passphrase: string | undefined): KeyObject {
  try {
    return createPrivateKey({ key: text, format: 'pem', ...(passphrase === undefined ? {} : { passphrase }) });
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ERR_OSSL_EVP_UNSUPPORTED') throw new Error(oldCipher, { cause: error });
    // A wrong passphrase may also give bytes that are no key.
    if (pkcs8.exec(text)?.[1] !== undefined) throw new Error('encrypted', { cause: error });
    throw new Error(`it cannot be read: ${message}`, { cause: error });
  }
}

const oldCipher = 'its cipher is too old';

/** What to do about a form that neither the SSH library nor Node.js reads. */
function conversion(text: string, message: string, file: string): string | undefined {
  if (message === oldCipher) {
    return `${oldCipher}: \`openssl pkcs8 -topk8 -v2 aes256 -provider legacy -provider default -in ${file} -out NEW\` makes one that can be read`;
  }
  if (/^PuTTY-User-Key-File-/.test(text) && /unsupported|version/i.test(message))
    return `it is PuTTY's: \`puttygen ${file} -O private-openssh -o NEW\` makes one that can be read`;
  if (/^---- BEGIN SSH2 ENCRYPTED PRIVATE KEY/.test(text))
    return `it is of another SSH's form: \`ssh-keygen -i -f ${file} >NEW\` makes one that can be read`;
  if (/invalid initialization vector|unsupported cipher/i.test(message))
    return `its cipher is not known: \`ssh-keygen -p -Z aes256-ctr -f ${file}\` gives it another`;
  return undefined;
}
