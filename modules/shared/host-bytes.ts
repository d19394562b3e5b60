import type { Host } from '../../runner/module/contract.ts';
import { ModuleFailure } from '../../runner/module/contract.ts';
import type { Download } from './http-download.ts';
import { downloadScript } from './http-download.ts';
import { parseRecords, recordPrelude } from './probe-records.ts';
import { scratchDirectory } from './scratch.ts';

/** Keys and lists of checksums are far smaller; what is larger is something else. */
const limit = 8 * 1024 * 1024;

const printAll = `[ "$(($(exec wc -c <"$t")))" -le ${limit} ] || { echo 'it is larger than ${limit / 1024 / 1024} MiB' >&2; exit 1; }
r; b content <"$t"`;

/**
 * The bytes of a small file of the host; `word` is its path as a word of sh. Throws {@link ModuleFailure}: `complaint`, and
 * the host's words.
 */
export function fileBytes(word: string, host: Host, complaint: string): Promise<Buffer> {
  return printedBytes(
    complaint,
    `t=${word}; [ -d "$t" ] || : <"$t" || exit 1; [ -f "$t" ] || { echo "$t: not a file" >&2; exit 1; }`,
    '',
    host,
  );
}

/** What is at a URL, downloaded by the host. Throws {@link ModuleFailure}: `complaint`, and the words of the program that tried. */
export function urlBytes(download: Download, host: Host, complaint: string): Promise<Buffer> {
  const { script, stdin } = downloadScript(download);
  const failed = '[ "$failed" = 0 ] || { cat "$d/err" >&2; exit 1; }';
  return printedBytes(complaint, `${scratchDirectory()}\nt=$d/file; : >"$t"\n${script}\n${failed}`, stdin, host);
}

async function printedBytes(complaint: string, script: string, stdin: string, host: Host): Promise<Buffer> {
  const options = stdin === '' ? {} : { stdin };
  const { rc, stdout, stderr } = await host.run(`${recordPrelude}${script}\n${printAll}`, options);
  if (rc !== 0) throw new ModuleFailure(`${complaint}: ${stderr.trim() || `rc ${rc}`}`, { rc });
  return parseRecords(stdout)[0]?.bytes('content') ?? Buffer.alloc(0);
}
