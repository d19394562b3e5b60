import type { Host, ModuleResult } from '../runner/module/contract.ts';
import { commandModule, ModuleFailure } from '../runner/module/contract.ts';
import { putCall, temporaryToken } from '../runner/module/host-files.ts';
import type { Mapping } from '../runner/value.ts';
import type { Checksum } from './get_url/checksum.ts';
import { wantedChecksum } from './get_url/checksum.ts';
import { attributeChanges, attributeResult, checkNames, fileArguments, placementOf } from './shared/attributes.ts';
import type { FileState } from './shared/file-state.ts';
import { filePrelude, fileProbe, parseFileState } from './shared/file-state.ts';
import { placeWarnings } from './shared/forecast.ts';
import type { Download } from './shared/http-download.ts';
import { checksumCommand, downloadArguments, downloadScript, urlFileName } from './shared/http-download.ts';
import { parseRecords, recordPrelude, runRecords } from './shared/probe-records.ts';
import { scratchDirectory } from './shared/scratch.ts';
import { pathWord } from './shared/shell-path.ts';
import { quote } from './shared/shell-quote.ts';
import type { EditArguments } from './shared/text-file.ts';

/** What a download is done with. */
interface Job {
  readonly args: EditArguments & Download;
  /** What stands at the place; the checksums of a link are of what it leads to. */
  readonly state: FileState;
  readonly checksum: Checksum | undefined;
  readonly host: Host;
}

export default commandModule({
  name: 'get_url',
  summary: 'Download a file to the host.',
  notes: [
    'The host needs curl or wget. Headers and passwords go to it over standard input, never on a command line; busybox’s wget cannot take them.',
    'A file that is there is asked for again with If-Modified-Since, unless its checksum is given and right. So that nothing is asked for at all, give a checksum.',
    'The file is downloaded beside its place and renamed, so that there is never half a file; tmp_dest is refused for that. A link at dest is replaced when what it leads to differs.',
    'In check mode the server is asked for the headers alone, and what it does not have is a failure.',
    'When dest is a folder, the name is that of the URL; Content-Disposition is not looked at.',
  ],
  examples: `
- name: Get the CNI plug-ins
  ansible.builtin.get_url:
    url: https://example.com/cni-plugins-linux-amd64-v1.3.0.tgz
    dest: /opt/cni/
    checksum: sha256:754a71ed60a4bd08726c3af705a7d55ee3df03122b12e389fdba4bea35d7dd7e
    mode: "0644"
`,
  returns: {
    dest: 'Where it stands.',
    url: 'Where it came from.',
    status_code: 'The HTTP status.',
    msg: 'How it went, e.g. "OK (1234 bytes)".',
    checksum_src: 'SHA-1 of what was downloaded.',
    checksum_dest: 'SHA-1 of what was there.',
    size: 'Bytes.',
    backup_file: 'The copy that was kept, with backup.',
  },
  inCheckMode: 'run',
  args: {
    ...fileArguments,
    ...downloadArguments,
    url: { type: 'str', required: true, doc: 'Where it is: http, https, ftp, or file.' },
    dest: { type: 'path', required: true, doc: 'Where it is to stand; a folder gets the name of the URL.' },
    checksum: { type: 'str', default: '', doc: 'algorithm:digest, or algorithm:URL of a file of checksums.' },
    force: { type: 'bool', default: false, doc: 'Download anew, whatever the server says of its age.' },
    backup: { type: 'bool', default: false, doc: 'Keep a copy of a file that is replaced.' },
    tmp_dest: {
      type: 'path',
      unsupported: 'the download goes to a hidden file beside dest, so that a rename puts it in place',
      doc: 'Where the download goes first.',
    },
  },
  async run(args, host) {
    const checksum = await wantedChecksum(args.checksum, args, host);
    const state = await probeTarget(args, checksum, host);
    checkNames(args, state, host.checkMode);
    if (state.kind === 'directory') throw new ModuleFailure(`${state.path} is a directory`, { dest: state.path });
    const there = state.checksum !== undefined;
    if (there && !args.force && checksum && state.flags === checksum.digest) {
      return attributesOnly({ args, state, checksum, host });
    }
    const mustHave = args.force || checksum !== undefined;
    // The time of a link tells nothing of what it leads to.
    const newerThan = state.kind === 'file' && !mustHave ? state.modified : undefined;
    const job = { args: { ...args, newerThan, backup: args.backup }, state, checksum, host };
    return host.checkMode ? look(job) : place(job);
  },
});

/** Looks at the place, and at its checksum by the algorithm that is asked for (told as `flags`). */
async function probeTarget(
  args: EditArguments & Download & { readonly dest: string },
  checksum: Checksum | undefined,
  host: Host,
): Promise<FileState> {
  const probe = {
    checksum: true,
    throughLink: true,
    name: urlFileName(args.url),
    attributes: { ...args, attributes: undefined },
    backup: args.backup,
  };
  const digest = checksum && `if [ -f "$p" ]; then k flags "$(${checksumCommand(checksum.algorithm, '"$p"')})"; fi`;
  const [record] = await runRecords(host, `${filePrelude}${fileProbe(pathWord(args.dest), probe)}${digest ?? ''}`);
  return parseFileState(record!);
}

async function attributesOnly({ args, state, host }: Job): Promise<ModuleResult> {
  const changes = attributeChanges(args, state);
  const fields = { ...attributeResult(args, state), dest: state.path, url: args.url };
  if (changes.length === 0) return { changed: false, msg: 'file already exists', fields };
  if (!host.checkMode) {
    const { rc, stderr } = await host.run(changes.map(({ command }) => `( ${command} )`).join(' && '));
    if (rc !== 0) throw new ModuleFailure(stderr.trim(), { dest: state.path });
  }
  const diff = changes.flatMap((change) => (change.diff ? [change.diff] : []));
  return { changed: true, msg: 'file already exists but file attributes changed', diff, fields };
}

/** A host that cannot ask yet: an earlier task may be about to install what asks. */
const needsProgram =
  'command -v curl >/dev/null 2>&1 || command -v wget >/dev/null 2>&1 || { r; k status none; exit 0; }';

/** In check mode only the server's headers are asked for. */
async function look(job: Job): Promise<ModuleResult> {
  const { args, state, host } = job;
  const { script, stdin } = downloadScript({ ...args, head: true });
  const text = `${recordPrelude}${needsProgram}\n${scratchDirectory()}; t=$d/file\n${script}\n${report}`;
  const found = await answer(host, text, stdin);
  const fields: Mapping = { dest: state.path, url: args.url };
  const warnings = placeWarnings(args, state, host);
  if (found.status === 'none') {
    const words = `${args.url} was not asked for: neither curl nor wget is installed on the host`;
    return { changed: true, msg: 'would be downloaded', fields, warnings: [words, ...warnings] };
  }
  if (found.status === '304')
    return { changed: false, msg: 'HTTP Error 304: Not Modified', fields: { ...fields, status_code: 304 } };
  if (found.failed !== '0') throw requestFailed(job, found);
  return { changed: true, msg: 'would be downloaded', fields: { ...fields, elapsed: found.elapsed }, warnings };
}

/** Downloads into a file that nobody else can open, beside its place; what the disk does not take shows before it is put there. */
async function place(job: Job): Promise<ModuleResult> {
  const { args, state, checksum, host } = job;
  const { script, stdin } = downloadScript({ ...args, toDescriptor: true });
  const { attributes, backup } = placementOf(args, state);
  const text = `${recordPrelude}${filePrelude}${folderGuard(state)}
${scratchDirectory()}
( kplay_new ${quote(state.path)} ${temporaryToken()} || exit 1
t=/proc/self/fd/9
${script}
${report}
[ "$failed" = 0 ] || exit 0
[ "$status" != 304 ] || exit 0
k size "$(($(wc -c < "$t")))"; c "$t"; k checksum "$x"
${checksum ? `y=$(${checksumCommand(checksum.algorithm, '"$t"')}); k digest "$y"; [ "$y" = ${checksum.digest} ] || exit 0` : ''}
[ "$x" != ${quote(state.checksum ?? 'none')} ] || { echo same=1; exit 0; }
x=$({ exec dd if=/dev/null conv=fsync >&9; } 2>&1) || { printf '%s\\n' "$x" >&2; exit 1; }
${putCall({ ...attributes, backup })} )`;
  return outcome(job, await answer(host, text, stdin));
}

/** A record of how the download went. */
const report = `r; k status "$status"; k failed "$failed"; k error "$(cat "$d/err" 2>/dev/null)"; k answer "$(grep '^ *HTTP/' "$d/headers" 2>/dev/null | tail -n 1)"`;

function folderGuard(state: FileState): string {
  const folder = state.path.slice(0, state.path.lastIndexOf('/')) || '/';
  return `[ -d ${quote(folder)} ] || { echo ${quote(`Destination ${folder} does not exist`)} >&2; exit 1; }`;
}

/** What the host said of a download. */
interface Answer {
  readonly status: string;
  readonly failed: string;
  readonly error: string;
  /** The status line, "HTTP/1.1 404 Not Found". */
  readonly line: string;
  readonly size: number;
  readonly checksum: string | undefined;
  readonly digest: string | undefined;
  readonly same: boolean;
  readonly elapsed: number;
}

async function answer(host: Host, script: string, stdin: string): Promise<Answer> {
  const start = Date.now();
  const { rc, stdout, stderr } = await host.run(script, { stdin });
  if (rc !== 0) throw new ModuleFailure(stderr.trim() || `the download ended with ${rc}`, { rc });
  const [record] = parseRecords(stdout);
  return {
    status: record?.text('status') ?? '000',
    failed: record?.text('failed') ?? '',
    error: record?.text('error') ?? '',
    line: record?.text('answer') ?? '',
    size: Number(record?.text('size')),
    checksum: record?.text('checksum'),
    digest: record?.text('digest'),
    same: record?.has('same') ?? false,
    elapsed: Math.floor((Date.now() - start) / 1000),
  };
}

/** As Ansible says it: the server's words in `response`, and in the message only where there was no answer. */
function requestFailed({ args, state }: Job, { status, error, line, elapsed }: Answer): ModuleFailure {
  const words = error.trim().split('\n').at(-1) ?? '';
  const answered = /^[1-5]\d\d$/.test(status);
  const reason = line.trim().split(' ').slice(2).join(' ') || words;
  // A server that answers may still break off.
  const refused = answered && Number(status) >= 400;
  const fields = {
    url: args.url,
    dest: state.path,
    status_code: answered ? Number(status) : -1,
    response: refused ? `HTTP Error ${status}: ${reason}` : words,
    elapsed,
  };
  return new ModuleFailure(refused ? 'Request failed' : `Request failed: ${words}`, fields);
}

async function outcome(job: Job, found: Answer): Promise<ModuleResult> {
  const { args, state, checksum } = job;
  if (found.status === '304') return attributesOnly(job);
  if (found.failed !== '0') throw requestFailed(job, found);
  const fields: Mapping = {
    ...attributeResult(args, state.kind === 'link' ? { ...state, ...state.through, kind: 'file' } : state, {
      size: found.size,
      kind: 'file',
    }),
    dest: state.path,
    url: args.url,
    status_code: Number(found.status) || null,
    checksum_src: found.checksum ?? null,
    checksum_dest: state.checksum ?? null,
    elapsed: found.elapsed,
  };
  if (checksum && found.digest !== checksum.digest) {
    const msg = `The checksum for ${state.path} did not match ${checksum.digest}; it was ${found.digest}.`;
    throw new ModuleFailure(msg, fields);
  }
  const msg = `OK (${found.size} bytes)`;
  if (found.same) {
    const attributes = await attributesOnly(job);
    return { ...attributes, msg, fields };
  }
  if (args.backup && state.kind === 'file') fields.backup_file = state.backupPath;
  const before = state.checksum === undefined ? '' : `sha1: ${state.checksum}\n`;
  const header = { beforeHeader: state.path, afterHeader: args.url };
  return { changed: true, msg, diff: [{ before, after: `sha1: ${found.checksum}\n`, ...header }], fields };
}
