import { createHash, createHmac, randomBytes } from 'node:crypto';
import { appendFileSync, readFileSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { makeDirectories } from '../../directories.ts';
import { matchesPatternList } from './pattern.ts';

/** A line of a known_hosts file. */
export interface KnownKey {
  readonly file: string;
  readonly line: number;
  readonly marker: 'cert-authority' | 'revoked' | undefined;
  readonly hosts: string;
  readonly type: string;
  readonly key: Buffer;
}

/** What the files say of a host's key. */
export type KeyVerdict =
  | { readonly state: 'known' }
  | { readonly state: 'unknown'; readonly authority: KnownKey | undefined }
  | { readonly state: 'changed'; readonly known: KnownKey }
  | { readonly state: 'revoked'; readonly known: KnownKey };

/** The lines of a known_hosts file, those of plain names by name, so that a host need not look through those of all others. */
class KnownHostsFile {
  readonly #byName = new Map<string, KnownKey[]>();
  /** Lines with patterns or hashed names. */
  readonly #others: KnownKey[] = [];
  #lines = 0;

  constructor(text: string, file: string) {
    for (const line of text.split(/\r?\n/)) this.add(line, file);
  }

  /** Takes in the next line. */
  add(text: string, file: string): void {
    this.#lines += 1;
    for (const key of parseLine(text, file, this.#lines)) this.#add(key);
  }

  about(name: string): KnownKey[] {
    const own = this.#byName.get(name.toLowerCase()) ?? [];
    const others = this.#others.filter(({ hosts }) => matchesHosts(hosts, name));
    return others.length === 0 ? own : [...own, ...others].sort((a, b) => a.line - b.line);
  }

  #add(key: KnownKey): void {
    if (/[|*?!]/.test(key.hosts)) {
      this.#others.push(key);
      return;
    }
    for (const name of new Set(key.hosts.toLowerCase().split(','))) {
      const keys = this.#byName.get(name);
      if (keys) keys.push(key);
      else this.#byName.set(name, [key]);
    }
  }
}

const filesRead = new Map<string, { readonly stamp: string; readonly known: KnownHostsFile }>();

/** The lines of known_hosts files that are about a host; files that are not there, and lines that are not understood, add nothing. */
export function knownKeysOf(files: readonly string[], name: string): KnownKey[] {
  return files.flatMap((file) => readKnownHosts(file)?.about(name) ?? []);
}

/** Reads a file again only when it has changed since. */
function readKnownHosts(file: string): KnownHostsFile | undefined {
  try {
    const stamp = stampOf(file);
    const read = filesRead.get(file);
    if (read?.stamp === stamp) return read.known;
    const known = new KnownHostsFile(readFileSync(file, 'utf8'), file);
    filesRead.set(file, { stamp, known });
    return known;
  } catch {
    return undefined;
  }
}

function stampOf(file: string): string {
  const { mtimeMs, size, ino } = statSync(file);
  return `${mtimeMs} ${size} ${ino}`;
}

function parseLine(text: string, file: string, line: number): KnownKey[] {
  const words = text.trim().split(/\s+/);
  if (words[0] === '' || words[0]!.startsWith('#')) return [];
  const marker = words[0]!.startsWith('@') ? words.shift()!.slice(1) : undefined;
  const [hosts, type, key] = words;
  if (hosts === undefined || type === undefined || key === undefined) return [];
  if (marker !== undefined && marker !== 'revoked' && marker !== 'cert-authority') return [];
  const bytes = Buffer.from(key, 'base64');
  return holdsType(bytes, type) ? [{ file, line, marker, hosts, type, key: bytes }] : [];
}

/** Whether a public key is of the type that its line names; another one is no key, as for OpenSSH. */
function holdsType(key: Buffer, type: string): boolean {
  return key.length > 4 + type.length && key.readUInt32BE(0) === type.length && keyType(key) === type;
}

/** The name that a host has in known_hosts: with its port unless that is 22. */
export function knownHostsName(host: string, port: number, alias: string | undefined): string {
  if (alias !== undefined) return alias;
  return port === 22 ? host.toLowerCase() : `[${host.toLowerCase()}]:${port}`;
}

function matchesHosts(hosts: string, name: string): boolean {
  if (!hosts.startsWith('|1|')) return matchesPatternList(name, hosts.split(','));
  const [, , salt, hash] = hosts.split('|');
  if (salt === undefined || hash === undefined) return false;
  return createHmac('sha1', Buffer.from(salt, 'base64')).update(name).digest('base64') === hash;
}

/** The types of the keys that are known of a host, for asking the server for one of them. */
export function knownTypes(lines: readonly KnownKey[]): string[] {
  return [...new Set(lines.filter(({ marker }) => marker === undefined).map(({ type }) => type))];
}

/** Judges the key that a host showed. `lines` are those about it; a key of another type alone does not make it changed. */
export function judgeKey(lines: readonly KnownKey[], key: Buffer): KeyVerdict {
  const revoked = lines.find((line) => line.marker === 'revoked' && line.key.equals(key));
  if (revoked) return { state: 'revoked', known: revoked };
  const plain = lines.filter(({ marker }) => marker === undefined);
  if (plain.some((line) => line.key.equals(key))) return { state: 'known' };
  const type = keyType(key);
  const changed = plain.find((line) => line.type === type) ?? plain[0];
  if (changed) return { state: 'changed', known: changed };
  return { state: 'unknown', authority: lines.find(({ marker }) => marker === 'cert-authority') };
}

/** The type that a public key names in its own bytes: `ssh-ed25519`. */
export function keyType(key: Buffer): string {
  return key.subarray(4, 4 + key.readUInt32BE(0)).toString('latin1');
}

/** OpenSSH's fingerprint: `SHA256:…`. */
export function fingerprint(key: Buffer): string {
  return `SHA256:${createHash('sha256').update(key).digest('base64').replace(/=+$/, '')}`;
}

/** Adds a host's key to a file, making the file (and ~/.ssh) when it is not there. */
export function addKnownHost(file: string, name: string, key: Buffer, hashed: boolean): void {
  makeDirectories(dirname(file), 0o700);
  const known = readKnownHosts(file);
  const line = `${hashed ? hashName(name) : name} ${keyType(key)} ${key.toString('base64')}`;
  appendFileSync(file, `${line}\n`, { mode: 0o600 });
  if (!known) return;
  // As if it had been read again, which for each of many new hosts would take long.
  known.add(line, file);
  filesRead.set(file, { stamp: stampOf(file), known });
}

function hashName(name: string): string {
  const salt = randomBytes(20);
  return `|1|${salt.toString('base64')}|${createHmac('sha1', salt).update(name).digest('base64')}`;
}
