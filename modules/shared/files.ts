import { createHash } from 'node:crypto';
import { createReadStream, readFileSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { Diff } from '../../runner/module/contract.ts';
import { ModuleFailure } from '../../runner/module/contract.ts';
import { decode } from '../../runner/python/bytes.ts';
import { systemPath } from '../../runner/python/file-names.ts';

/** Texts longer than this are left out of diffs, as in Ansible. */
export const diffLimit = 104448;

/** The SHA-1 of bytes, which Ansible calls the checksum. */
export function sha1(bytes: Buffer): string {
  return createHash('sha1').update(bytes).digest('hex');
}

export function md5(bytes: Buffer): string {
  return createHash('md5').update(bytes).digest('hex');
}

/** All of a file of this machine. Throws {@link ModuleFailure} that names it, which Node's own error may not do. */
export function localBytes(path: string): Buffer {
  try {
    return readFileSync(systemPath(path));
  } catch (error) {
    throw new ModuleFailure(`could not read ${path} on this machine: ${(error as Error).message}`);
  }
}

/** Size, SHA-1 and mode of a file of this machine, which is streamed. */
export async function localFile(path: string): Promise<{ size: number; checksum: string; mode: number }> {
  const checksum = await localDigest(path, 'sha1');
  const { size, mode } = await stat(systemPath(path));
  return { size, checksum, mode: mode & 0o7777 };
}

/** The digest of a file of this machine in hexadecimal, which is streamed: it may be larger than a Buffer can be. */
export async function localDigest(path: string, algorithm: 'md5' | 'sha1'): Promise<string> {
  const hash = createHash(algorithm);
  for await (const part of createReadStream(systemPath(path))) hash.update(part as Buffer);
  return hash.digest('hex');
}

/** Whether bytes are shown in a diff. */
export function isText(bytes: Buffer): boolean {
  return !bytes.includes(0);
}

/** The diff of two contents; what is binary, too long or unknown is told in one line. */
export function contentDiff(
  before: Buffer | undefined,
  after: Buffer | undefined,
  headers: readonly [string | undefined, string],
): Diff {
  return { before: shown(before), after: shown(after), beforeHeader: headers[0], afterHeader: headers[1] };
}

function shown(bytes: Buffer | undefined): string {
  if (bytes === undefined) return '';
  if (!isText(bytes)) return `(binary, ${bytes.length} bytes, sha1 ${sha1(bytes)})\n`;
  if (bytes.length > diffLimit) return `(${bytes.length} bytes, too long to show, sha1 ${sha1(bytes)})\n`;
  return decode(bytes);
}

/** A diff that shows nothing, for changes that belong to another one. */
export const noDiff: Diff = { before: '', after: '' };
