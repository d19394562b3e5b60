import type { Host, ModuleResult } from '../runner/module/contract.ts';
import { commandModule, ModuleFailure } from '../runner/module/contract.ts';
import { temporaryToken } from '../runner/module/host-files.ts';
import type { Mapping } from '../runner/value.ts';
import { attributeResult, fileArguments } from './shared/attributes.ts';
import { modeBits } from './shared/file-mode.ts';
import { probeFile } from './shared/file-state.ts';
import { unlessEarlier } from './shared/forecast.ts';
import { downloadScript, plainDownload } from './shared/http-download.ts';
import type { ProbeRecord } from './shared/probe-records.ts';
import { parseRecords, recordPrelude } from './shared/probe-records.ts';
import { globWord, pathWord } from './shared/shell-path.ts';
import { quote } from './shared/shell-quote.ts';
import type { ArchiveArguments } from './unarchive/archive-script.ts';
import { archiveScript } from './unarchive/archive-script.ts';

interface UnarchiveArguments extends ArchiveArguments {
  readonly src: string;
  readonly remote_src: boolean;
  readonly creates?: string | undefined;
  readonly validate_certs: boolean;
}

export default commandModule({
  name: 'unarchive',
  summary: 'Unpack an archive on the host, when what it holds is not there yet.',
  notes: [
    'tar archives of any compression that the host’s tar knows, and zip archives with unzip.',
    'An archive of this machine is sent for every comparison; give creates, or use remote_src, where that is too much.',
    'With GNU tar the archive is compared with the folder by tar --diff. Zip archives, and all on hosts with another tar, are unpacked into a temporary folder and compared there.',
  ],
  examples: `
- name: Unpack the CNI plug-ins
  ansible.builtin.unarchive:
    src: /opt/downloads/cni-plugins.tgz
    dest: /opt/cni/bin
    remote_src: true
- ansible.builtin.unarchive:
    src: etcd.tar.gz
    dest: /usr/local/bin
    include: [etcd-v3.5.9/etcdctl]
    extra_opts: [--strip-components=1]
`,
  returns: {
    dest: 'The folder.',
    src: 'The archive.',
    handler: 'TarArchive or ZipArchive.',
    files: 'What the archive holds, with list_files.',
    extract_results: 'rc, out and err of the unpacking.',
    state: 'directory',
  },
  inCheckMode: 'run',
  args: {
    ...fileArguments,
    src: {
      type: 'path',
      file: 'files',
      required: true,
      doc: 'The archive, searched for in files/; with remote_src a path of the host or a URL.',
    },
    dest: { type: 'path', required: true, doc: 'The folder, which must be there.' },
    remote_src: { type: 'bool', default: false, doc: 'Whether the archive is on the host, or is downloaded by it.' },
    copy: { type: 'bool', default: true, deprecated: 'use remote_src', doc: 'The opposite of remote_src.' },
    creates: { type: 'path', doc: 'A path; when it is there, nothing is done.' },
    list_files: { type: 'bool', default: false, doc: 'Tell the names that are in the archive.' },
    include: { type: 'list', elements: 'str', default: [], doc: 'Unpack only these.' },
    exclude: { type: 'list', elements: 'str', default: [], doc: 'Leave these out.' },
    keep_newer: { type: 'bool', default: false, doc: 'Keep files that are newer than the archive’s.' },
    extra_opts: {
      type: 'list',
      elements: 'str',
      default: [],
      doc: 'More options for tar or unzip, e.g. --strip-components=1.',
    },
    decrypt: {
      type: 'bool',
      default: true,
      unsupported: 'archives are taken as they are',
      doc: 'Decrypt the archive.',
    },
    io_buffer_size: { type: 'int', default: 65536, unsupported: 'it has no meaning here', doc: 'Size of a buffer.' },
    validate_certs: { type: 'bool', default: true, doc: 'Check the server’s certificate when src is a URL.' },
  },
  async run(given, host) {
    const args = { ...given, remote_src: given.remote_src || !given.copy };
    if (args.include.length > 0 && args.exclude.length > 0) {
      throw new ModuleFailure('parameters are mutually exclusive: include|exclude');
    }
    // Refused before anything is unpacked.
    if (args.mode !== undefined) modeBits(args.mode, { mode: 0, directory: false, umask: 0 });
    const start = await begin(args, host);
    if (start.has('creates')) return { msg: `skipped, since ${args.creates} exists`, skipped: true };
    const folder = start.text('folder')!;
    try {
      const strangers = strangersOf(args, start);
      if (strangers.length > 0 && !host.checkMode) throw new ModuleFailure(strangers[0]!);
      const warnings = strangers.map((words) => unlessEarlier(words, 'make it'));
      const source = await bringSource(args, folder, host);
      const record = await unpack(args, folder, source, host);
      return { ...(await result(args, source, record, host)), warnings };
    } finally {
      await host.run(`rm -rf ${quote(folder)}`);
    }
  },
});

/** Looks whether there is anything to do, and makes the folder for what is temporary. */
async function begin(args: UnarchiveArguments, host: Host): Promise<ProbeRecord> {
  const guard =
    args.creates === undefined
      ? ''
      : `for f in ${globWord(args.creates)}; do if [ -e "$f" ]; then r; echo creates=1; exit 0; fi; done\n`;
  const names = [
    ...(isName(args.owner) ? [`id -u ${quote(args.owner!)} >/dev/null 2>&1 || echo nouser=1`] : []),
    ...(isName(args.group)
      ? [
          `{ getent group ${quote(args.group!)} || grep ${quote(`^${args.group}:`)} /etc/group; } >/dev/null 2>&1 || echo nogroup=1`,
        ]
      : []),
  ];
  const script = [
    `${recordPrelude}${guard}kplay_scratch ${temporaryToken()} || exit 1; r; k folder "$kplay_d"`,
    ...names,
    'exit 0',
  ].join('\n');
  const { rc, stdout, stderr } = await host.run(script);
  if (rc !== 0) throw new ModuleFailure(stderr.trim());
  return parseRecords(stdout)[0]!;
}

function isName(owner: string | undefined): boolean {
  return owner !== undefined && !/^\d+$/.test(owner);
}

/** Sentences about the owner and group that are asked for and that the host does not know. */
function strangersOf({ owner, group }: UnarchiveArguments, start: ProbeRecord): string[] {
  return [
    ...(start.has('nouser') ? [`chown failed: failed to look up user ${owner}`] : []),
    ...(start.has('nogroup') ? [`chgrp failed: failed to look up group ${group}`] : []),
  ];
}

/** The archive's place on the host as a word of sh; it is sent or downloaded when it has to be. */
async function bringSource(args: UnarchiveArguments, folder: string, host: Host): Promise<string> {
  const archive = `${folder}/archive`;
  if (!args.remote_src) {
    const path = host.controller.findFile(args.src, 'files');
    await host.send({ source: { path }, destination: archive, attributes: { mode: '0600' } });
    return quote(archive);
  }
  if (!args.src.includes('://')) return pathWord(args.src);
  const download = downloadScript(plainDownload(args.src, args.validate_certs));
  const script = `umask 077; d=${quote(folder)}; t=${quote(archive)}
${download.script}
[ "$failed" = 0 ] || { cat "$d/err" >&2; exit 1; }`;
  const { rc, stderr } = await host.run(script, { stdin: download.stdin });
  if (rc !== 0) throw new ModuleFailure(`Failure downloading ${args.src}, ${stderr.trim()}`);
  return quote(archive);
}

async function unpack(
  args: UnarchiveArguments & { readonly list_files: boolean },
  folder: string,
  source: string,
  host: Host,
): Promise<ProbeRecord> {
  const script = `${recordPrelude}r; d=${quote(folder)}; src=${source}; k src "$src"\n${archiveScript(args, { apply: !host.checkMode, listed: args.list_files, compared: host.diffMode })}`;
  const { rc, stdout, stderr } = await host.run(script);
  if (rc !== 0)
    throw new ModuleFailure(stderr.trim() || `unpacking ended with ${rc}`, { src: args.src, dest: args.dest });
  return parseRecords(stdout)[0]!;
}

async function result(
  args: UnarchiveArguments & { readonly list_files: boolean },
  source: string,
  record: ProbeRecord,
  host: Host,
): Promise<ModuleResult> {
  const names = (record.text('files') ?? '').split('\n').filter((name) => name !== '');
  const state = await probeFile(host, args.dest, { follow: true });
  const fields: Mapping = {
    ...attributeResult({}, state),
    src: args.remote_src && !args.src.includes('://') ? (record.text('src') ?? args.src) : args.src,
    dest: record.text('dest')!,
    handler: record.text('handler')!,
  };
  if (args.list_files) fields.files = names;
  if (record.has('rc')) {
    const extracted: Mapping = { rc: Number(record.text('rc')), out: record.text('out')!, err: record.text('err')! };
    fields.extract_results = extracted;
    if (extracted.rc !== 0) {
      const words = record.text('err')!.trim();
      throw new ModuleFailure(`failed to unpack ${args.src} to ${args.dest}: ${words || source}`, fields);
    }
  }
  const different = record.text('different') ?? '';
  const header = { beforeHeader: state.path, afterHeader: args.src };
  const diff = record.has('changed') ? [{ before: '', after: different, ...header }] : [];
  return { changed: record.has('changed'), diff, fields };
}
