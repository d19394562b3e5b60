import type { Host } from '../../runner/module/contract.ts';
import { ModuleFailure } from '../../runner/module/contract.ts';
import { urlBytes } from '../shared/host-bytes.ts';
import type { Download } from '../shared/http-download.ts';
import { urlFileName } from '../shared/http-download.ts';

/** A checksum that a file must have. */
export interface Checksum {
  readonly algorithm: string;
  /** Lower case hexadecimal digits. */
  readonly digest: string;
}

const algorithms = ['md5', 'sha1', 'sha224', 'sha256', 'sha384', 'sha512'];

/**
 * What `algorithm:digest` or `algorithm:URL` asks for; a file of checksums is downloaded by the host. Undefined for an
 * empty text. Throws {@link ModuleFailure} when it cannot be read or does not name the file.
 */
export async function wantedChecksum(text: string, download: Download, host: Host): Promise<Checksum | undefined> {
  if (text === '') return undefined;
  const at = text.indexOf(':');
  if (at < 0) {
    throw new ModuleFailure('The checksum parameter has to be in format <algorithm>:<checksum>');
  }
  const algorithm = text.slice(0, at).trim().toLowerCase();
  const rest = text.slice(at + 1).trim();
  if (!algorithms.includes(algorithm)) {
    throw new ModuleFailure(`the checksum's algorithm must be one of ${algorithms.join(', ')}, not ${algorithm}`);
  }
  const isUrl = /^(https?|ftp|file):\/\//i.test(rest);
  const digest = isUrl ? await listedDigest(rest, download, host) : rest;
  const clean = digest.replace(/\W+/g, '').toLowerCase();
  if (!/^[0-9a-f]+$/.test(clean)) throw new ModuleFailure('The checksum format is invalid');
  return { algorithm, digest: clean };
}

async function listedDigest(url: string, download: Download, host: Host): Promise<string> {
  const complaint = `the checksums at ${url} could not be downloaded`;
  const list = await urlBytes({ ...download, url, newerThan: undefined }, host, complaint);
  return digestIn(list.toString('utf8'), urlFileName(download.url), url);
}

/** The digest of a file in a list such as sha256sum or `openssl dgst` print, or the only thing in it. */
export function digestIn(list: string, name: string, url: string): string {
  const lines = list.split(/\r?\n/).filter((line) => line.trim() !== '');
  if (lines.length === 1 && /^\S+$/.test(lines[0]!.trim())) return lines[0]!.trim();
  for (const line of lines) {
    const plain = /^(\S+)[ \t]+\*?(?:\.\/)?(.+?)\s*$/.exec(line);
    if (plain?.[2] === name) return plain[1]!;
    const tagged = /^\w+ ?\((?:\.\/)?(.+)\)\s*= ?(\w+)\s*$/.exec(line);
    if (tagged?.[1] === name) return tagged[2]!;
  }
  throw new ModuleFailure(`Unable to find a checksum for file '${name}' in '${url}'`);
}
