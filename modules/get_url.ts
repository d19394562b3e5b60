import type { Host, ModuleResult } from '../runner/module/contract.ts';
import { commandModule, ModuleFailure } from '../runner/module/contract.ts';
import type { Mapping } from '../runner/value.ts';
import { attributeChanges, attributeResult, checkNames, fileArguments, sentAttributes } from './shared/attributes.ts';
import type { Checksum } from './shared/checksum.ts';
import { wantedChecksum } from './shared/checksum.ts';
import { modeText } from './shared/file-mode.ts';
import type { FileState } from './shared/file-state.ts';
import { filePrelude, fileProbe, parseFileState } from './shared/file-state.ts';
import type { Download } from './shared/http-download.ts';
import { checksumCommand, downloadArguments, downloadScript, urlFileName } from './shared/http-download.ts';
import { parseRecords, recordPrelude, runRecords } from './shared/probe-records.ts';
import { pathWord } from './shared/shell-path.ts';
import { quote } from './shared/shell-quote.ts';
import type { EditArguments } from './shared/text-file.ts';

/** What a download is done with. */
interface Job {
  readonly args: EditArguments & Download;
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
    'The file is downloaded beside its place and renamed, so that there is never half a file; tmp_dest is refused for that.',
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
    const there = state.kind === 'file';
    if (there && !args.force && checksum && state.flags === checksum.digest) {
      return attributesOnly({ args, state, checksum, host });
    }
    const mustHave = args.force || checksum !== undefined;
    const download = { ...args, newerThan: there && !mustHave ? state.modified : undefined };
    if (host.checkMode) return look({ args: download, state, checksum, host });
    return place({ args: { ...download, backup: args.backup }, state, checksum, host });
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
    name: urlFileName(args.url),
    attributes: { ...args, attributes: undefined },
    backup: args.backup,
    follow: true,
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
    const { rc, stderr } = await host.run(changes.map(({ command }) => `{ ${command}; }`).join(' && '));
    if (rc !== 0) throw new ModuleFailure(stderr.trim(), { dest: state.path });
  }
  const diff = changes.flatMap((change) => (change.diff ? [change.diff] : []));
  return { changed: true, msg: 'file already exists but file attributes changed', diff, fields };
}

/** In check mode only the server's headers are asked for. */
async function look({ args, state, checksum, host }: Job): Promise<ModuleResult> {
  const fields: Mapping = { dest: state.path, url: args.url };
  if (state.kind === 'absent' || checksum || args.newerThan === undefined) {
    return { changed: true, msg: 'would be downloaded', fields };
  }
  const { script, stdin } = downloadScript({ ...args, head: true });
  const text = `${recordPrelude}umask 077
d=$(mktemp -d "\${TMPDIR:-/tmp}/kplay-XXXXXXXX") || exit 1; trap 'rm -rf "$d"' EXIT; t=$d/file
${script}
r; k status "$status"; k error "$(cat "$t.err" 2>/dev/null)"`;
  const { status, error } = await answer(host, text, stdin);
  if (status === '304')
    return { changed: false, msg: 'HTTP Error 304: Not Modified', fields: { ...fields, status_code: 304 } };
  if (!/^2/.test(status) && status !== '000') throw requestFailed(args.url, state.path, status, error);
  return { changed: true, msg: 'would be downloaded', fields };
}

async function place(job: Job): Promise<ModuleResult> {
  const { args, state, checksum, host } = job;
  const { script, stdin } = downloadScript(args);
  const text = `${recordPrelude}${filePreludeChecksum}
umask 077
${folderGuard(state)}
t=$(mktemp ${quote(temporaryName(state.path))}) || exit 1
trap 'rm -f "$t" "$t.in" "$t.conf" "$t.url" "$t.err"' EXIT
${script}
r; k status "$status"; k failed "$failed"; k error "$(cat "$t.err" 2>/dev/null)"
[ "$failed" = 0 ] || exit 0
[ "$status" != 304 ] || exit 0
k size "$(($(wc -c < "$t")))"; c "$t"; k checksum "$x"
${checksum ? `y=$(${checksumCommand(checksum.algorithm, '"$t"')}); k digest "$y"; [ "$y" = ${checksum.digest} ] || exit 0` : ''}
[ "$x" != ${quote(state.checksum ?? 'none')} ] || { echo same=1; exit 0; }
${putInPlace(job)}
echo placed=1`;
  const found = await answer(host, text, stdin);
  return outcome(job, found);
}

const filePreludeChecksum = filePrelude.split('\n').find((line) => line.startsWith('c() '))!;

function folderGuard(state: FileState): string {
  const folder = state.path.slice(0, state.path.lastIndexOf('/')) || '/';
  return `[ -d ${quote(folder)} ] || { echo ${quote(`Destination ${folder} does not exist`)} >&2; exit 1; }`;
}

function temporaryName(path: string): string {
  const at = path.lastIndexOf('/') + 1;
  return `${path.slice(0, at)}.${path.slice(at).slice(0, 100)}.kplay-XXXXXXXX`;
}

/** The steps from a checked download to the file at its place. */
function putInPlace({ args, state }: Job): string {
  const { mode, owner, group } = sentAttributes(args, state);
  const there = state.kind === 'file';
  const who = owner ?? (there ? String(state.uid) : undefined);
  const which = group ?? (there ? String(state.gid) : undefined);
  const usual = modeText(there ? state.mode : 0o666 & ~state.umask);
  const steps = [
    ...(args.backup && there ? [`cp -p ${quote(state.path)} ${quote(state.backupPath)}`] : []),
    ...(who === undefined ? [] : [`chown ${quote(who)} "$t"`]),
    ...(which === undefined ? [] : [`chgrp ${quote(which)} "$t"`]),
    `chmod ${mode ?? usual} "$t"`,
    `mv -f "$t" ${quote(state.path)}`,
  ];
  return steps.map((step) => `${step} || exit 1`).join('\n');
}

type Answer = Readonly<Record<string, string>> & { readonly status: string; readonly error: string };

async function answer(host: Host, script: string, stdin: string): Promise<Answer> {
  const { rc, stdout, stderr } = await host.run(script, { stdin });
  if (rc !== 0) throw new ModuleFailure(stderr.trim() || `the download ended with ${rc}`, { rc });
  const [record] = parseRecords(stdout);
  const names = ['status', 'failed', 'error', 'size', 'checksum', 'digest', 'same', 'placed'];
  const fields = Object.fromEntries(names.map((name) => [name, record?.text(name) ?? '']));
  return fields as Answer;
}

function requestFailed(url: string, dest: string, status: string, error: string): ModuleFailure {
  const words = error.trim().split('\n').at(-1) ?? '';
  const fields = { url, dest, status_code: status === '000' ? -1 : Number(status), response: words };
  return new ModuleFailure(`Request failed: ${words || `HTTP status ${status}`}`, fields);
}

async function outcome(job: Job, found: Answer): Promise<ModuleResult> {
  const { args, state, checksum } = job;
  if (found.status === '304') return attributesOnly(job);
  if (found.failed !== '0') throw requestFailed(args.url, state.path, found.status, found.error);
  const size = Number(found.size);
  const fields: Mapping = {
    ...attributeResult(args, state, { size, kind: 'file' }),
    dest: state.path,
    url: args.url,
    status_code: Number(found.status) || null,
    checksum_src: found.checksum ?? null,
    checksum_dest: state.checksum ?? null,
  };
  if (checksum && found.digest !== checksum.digest) {
    const msg = `The checksum for ${state.path} did not match ${checksum.digest}; it was ${found.digest}.`;
    throw new ModuleFailure(msg, fields);
  }
  const msg = `OK (${size} bytes)`;
  if (found.same !== '') {
    const attributes = await attributesOnly(job);
    return { ...attributes, msg, fields };
  }
  if (args.backup && state.kind === 'file') fields.backup_file = state.backupPath;
  const before = state.checksum === undefined ? '' : `sha1: ${state.checksum}\n`;
  const header = { beforeHeader: state.path, afterHeader: args.url };
  return { changed: true, msg, diff: [{ before, after: `sha1: ${found.checksum}\n`, ...header }], fields };
}
