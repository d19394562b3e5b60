import { closeSync, openSync, readFileSync, readSync, statSync } from 'node:fs';
import { ModuleFailure } from '../../runner/module/contract.ts';
import { systemPath } from '../../runner/python/file-names.ts';
import { localFile, sha1 } from './files.ts';
import { SharedReads } from './shared-reads.ts';

/** What is to stand in a file: bytes, or a file of this machine that is too large to be held. */
export interface Source {
  readonly bytes: Buffer | { readonly path: string };
  readonly checksum: string;
  readonly size: number;
  /** Permission bits of the file that it comes from. */
  readonly mode: number | undefined;
  /** Where it comes from, for a diff's header; absent for content that stands in the task. */
  readonly name: string | undefined;
}

/** Files larger than this are streamed and never shown. */
const heldLimit = 1024 * 1024;

/** Bytes that were made here. */
export function sourceOfBytes(bytes: Buffer, name?: string, mode?: number): Source {
  return { bytes, checksum: sha1(bytes), size: bytes.length, mode, name };
}

/** Files that hosts were given, read and hashed once for all hosts; 64 MiB of them are kept. */
export const sharedSources = new SharedReads<Source>(64 * heldLimit);

/** A file of this machine. Throws {@link ModuleFailure} for one that is encrypted. */
export async function sourceOfFile(path: string, decrypt = true): Promise<Source> {
  if (decrypt) refuseVault(path);
  return sharedSources.get(
    path,
    ({ size }) => (size <= heldLimit ? Number(size) + 4096 : 4096),
    () => readSource(path),
  );
}

async function readSource(path: string): Promise<Source> {
  const { size, mode } = statSync(systemPath(path));
  if (size <= heldLimit) return sourceOfBytes(readFileSync(systemPath(path)), path, mode & 0o7777);
  const file = await localFile(path);
  return { bytes: { path }, checksum: file.checksum, size: file.size, mode: file.mode, name: path };
}

/** Throws when a file is encrypted with vault, rather than placing what nobody can read. */
export function refuseVault(path: string): void {
  const file = openSync(systemPath(path), 'r');
  try {
    const start = Buffer.alloc(15);
    readSync(file, start, 0, start.length, 0);
    if (start.toString('latin1') === '$ANSIBLE_VAULT;') {
      throw new ModuleFailure(
        `${path} is encrypted with vault, and files are not decrypted on their way to a host; put the text into an encrypted variable and use content`,
      );
    }
  } finally {
    closeSync(file);
  }
}
