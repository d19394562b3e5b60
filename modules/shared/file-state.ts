import type { Host } from '../../runner/module/contract.ts';
import { ModuleFailure } from '../../runner/module/contract.ts';
import { nothingThere } from '../../runner/module/host-files.ts';
import type { FileKind } from './file-mode.ts';
import { kindOfMode } from './file-mode.ts';
import type { ProbeRecord } from './probe-records.ts';
import { runRecords } from './probe-records.ts';
import { pathWord } from './shell-path.ts';
import { quote } from './shell-quote.ts';

/** A file of the host as a probe found it. */
export interface FileState {
  /** Absolute, `~` and variables expanded, links followed when that was asked for. */
  readonly path: string;
  readonly kind: FileKind | 'absent';
  /** What tells it from another file, and from itself when it is changed: what is replaced must still be this. */
  readonly identity: string;
  /** Permission bits. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly owner: string;
  readonly group: string;
  readonly size: number;
  readonly modified: number;
  /** Where a link points. */
  readonly target: string | undefined;
  /** What a link leads to, when it leads to something and that was asked for. */
  readonly through:
    | { readonly kind: FileKind; readonly mode: number; readonly uid: number; readonly gid: number }
    | undefined;
  readonly checksum: string | undefined;
  readonly content: Buffer | undefined;
  /** Whether the folder that it is in exists. */
  readonly inFolder: boolean;
  /** Whether what should be a folder above it is something else. */
  readonly blocked: boolean;
  readonly umask: number;
  /** Who the task runs as there, when it is absent. */
  readonly me: { readonly uid: number; readonly gid: number; readonly owner: string; readonly group: string };
  /** The SELinux context, when the host has SELinux and it was asked for; empty for what is absent. */
  readonly context: string | undefined;
  /** The letters of chattr, when asked for. */
  readonly flags: string | undefined;
  /** Ids of the names that were asked for; undefined when there is no such name there. */
  readonly wantedUid: number | undefined;
  readonly wantedGid: number | undefined;
  /** Name for a backup made now. */
  readonly backupPath: string;
}

/** What a probe of one file finds out beside its attributes. */
export interface FileProbe {
  /** Follow a link at the path; `existing`: only when it leads to something. */
  readonly follow?: boolean | 'existing' | undefined;
  /** Look also at what a link leads to: its content, and what a file in the link's place takes over from it. */
  readonly throughLink?: boolean | undefined;
  /** Its SHA-1. */
  readonly checksum?: boolean | undefined;
  /** Its content, when it is a file of at most so many bytes. */
  readonly content?: number | undefined;
  /** Leave the content out when the checksum is this one (a word of sh). */
  readonly contentUnless?: string | undefined;
  /** A file name that is added to the path when that is a folder, or ends in a slash. */
  readonly name?: string | undefined;
  readonly attributes?: WantedAttributes | undefined;
  readonly backup?: boolean | undefined;
}

/** Attributes whose present values a probe has to look up. */
export interface WantedAttributes {
  readonly owner?: string | undefined;
  readonly group?: string | undefined;
  readonly attributes?: string | undefined;
  readonly setype?: string | undefined;
  readonly seuser?: string | undefined;
  readonly serole?: string | undefined;
  readonly selevel?: string | undefined;
}

/** What {@link fileProbe} needs; stands once at the top of a probe. */
export const filePrelude = 'kplay_files\n';

const gidOf = 'getent group "$g" 2>/dev/null || grep "^$g:" /etc/group';

/** sh text that prints one file's record. `word` is the path as a word of sh ({@link pathWord}). */
export function fileProbe(word: string, probe: FileProbe = {}): string {
  const { attributes } = probe;
  const reads = probe.checksum || probe.content !== undefined;
  const lines = [`r; p ${word} ${quote(probe.name ?? '')} ${followWord(probe.follow)}; s${reads ? ' r' : " ''"}`];
  if (probe.throughLink) lines.push('[ ! -L "$p" ] || [ ! -e "$p" ] || k through "$(exec stat -L -c "%f %u %g" "$p")"');
  if (reads) lines.push(contentProbe(probe));
  if (attributes?.owner !== undefined) lines.push(`k wanteduid "$(exec id -u ${quote(attributes.owner)} 2>/dev/null)"`);
  if (attributes?.group !== undefined) {
    lines.push(`g=${quote(attributes.group)}; k wantedgid "$({ ${gidOf}; } | head -n 1 | cut -d: -f3)"`);
  }
  if (attributes?.attributes !== undefined) lines.push('k flags "$(lsattr -d "$p" 2>/dev/null | cut -d" " -f1)"');
  if (wantsContext(attributes)) {
    lines.push('[ ! -e /sys/fs/selinux/enforce ] || k context "$(stat -c %C "$p" 2>/dev/null)"');
  }
  if (probe.backup) lines.push('k clock "${BASHPID:-$$}.$(date +%Y-%m-%d@%H:%M:%S)"');
  return `${lines.join('\n')}\n`;
}

function followWord(follow: FileProbe['follow']): string {
  if (!follow) return "''";
  return follow === 'existing' ? 'existing' : 'follow';
}

function wantsContext(wanted: WantedAttributes | undefined): boolean {
  return [wanted?.setype, wanted?.seuser, wanted?.serole, wanted?.selevel].some((part) => part !== undefined);
}

/** The largest number that every sh knows. */
const largestNumber = 2 ** 31 - 1;

function contentProbe(probe: FileProbe): string {
  const read: string[] = [];
  if (probe.checksum) read.push('c "${o:-$p}"; k checksum "$x"');
  if (probe.content !== undefined) {
    const unless = probe.contentUnless === undefined ? '' : `[ "$x" = ${probe.contentUnless} ] || `;
    // mksh reckons with 32 bits.
    const small = probe.content > largestNumber ? '' : `[ "$z" -gt ${probe.content} ] || `;
    read.push(`${unless}${small}b content < "\${o:-$p}"`);
  }
  return `if [ -f "$p" ] && { [ ! -L "$p" ] || [ "${probe.follow || probe.throughLink ? 'x' : ''}" ]; }; then
if [ -r "$p" ]; then ${read.join('; ')}; else echo unreadable=1; fi
fi`;
}

/**
 * A record of {@link fileProbe}. Throws {@link ModuleFailure} when the host does not let the task's user look, and for an empty path,
 * that of a variable without a value, say.
 */
export function parseFileState(record: ProbeRecord): FileState {
  if (!record.text('path')) throw new ModuleFailure('the path is empty');
  return parseFileStateOrNone(record);
}

/** The same for who wants nothing to be there: at an empty path nothing is. */
export function parseFileStateOrNone(record: ProbeRecord): FileState {
  const path = record.text('path') ?? '';
  if (record.has('denied')) throw new ModuleFailure(`permission denied on the way to ${path}`, { path });
  if (record.has('unreadable')) throw new ModuleFailure(`could not read ${path}: permission denied`, { path });
  const stat = record.text('stat')?.split(' ');
  const me = parseId(record.text('me') ?? '');
  const bits = Number.parseInt(stat?.[0] ?? '0', 16);
  return {
    path,
    kind: stat ? kindOfMode(bits) : 'absent',
    identity: record.text('identity') ?? nothingThere,
    mode: bits & 0o7777,
    uid: Number(stat?.[1] ?? me.uid),
    gid: Number(stat?.[2] ?? me.gid),
    owner: record.text('owner') ?? me.owner,
    group: record.text('group') ?? me.group,
    size: Number(stat?.[3] ?? 0),
    modified: Number(stat?.[4] ?? 0),
    target: record.text('target'),
    through: parseThrough(record.text('through')),
    checksum: record.text('checksum') || undefined,
    content: record.bytes('content'),
    inFolder: stat !== undefined || record.has('infolder'),
    blocked: record.has('blocked'),
    umask: Number.parseInt(record.text('umask') ?? '022', 8),
    me,
    context: record.text('context'),
    flags: record.text('flags') || undefined,
    wantedUid: idOf(record.text('wanteduid')),
    wantedGid: idOf(record.text('wantedgid')),
    backupPath: `${path}.${record.text('clock') ?? 'backup'}~`,
  };
}

function parseThrough(text: string | undefined): FileState['through'] {
  if (text === undefined) return undefined;
  const [bits, uid, gid] = text.split(' ');
  const mode = Number.parseInt(bits!, 16);
  return { kind: kindOfMode(mode), mode: mode & 0o7777, uid: Number(uid), gid: Number(gid) };
}

/** What `id` prints: `uid=0(root) gid=0(root) groups=…`; without a name in brackets where there is none. */
function parseId(text: string): FileState['me'] {
  const [, uid = '0', owner = uid, gid = '0', group = gid] =
    /^uid=(\d+)(?:\((.*?)\))? gid=(\d+)(?:\((.*?)\))?/.exec(text) ?? [];
  return { uid: Number(uid), gid: Number(gid), owner, group };
}

function idOf(text: string | undefined): number | undefined {
  return text && /^\d+$/.test(text) ? Number(text) : undefined;
}

/** Looks at one file. One round trip. */
export async function probeFile(host: Host, path: string, probe: FileProbe = {}): Promise<FileState> {
  const [record] = await runRecords(host, filePrelude + fileProbe(pathWord(path), probe));
  return parseFileState(record!);
}
