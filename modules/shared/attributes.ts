import type { ArgumentSchema } from '../../runner/module/arguments.ts';
import type { Change, FileToSend } from '../../runner/module/contract.ts';
import { ModuleFailure } from '../../runner/module/contract.ts';
import { nothingThere } from '../../runner/module/host-files.ts';
import type { Mapping, Value } from '../../runner/value.ts';
import { fileCommand, isChecked } from './file-command.ts';
import { modeBits, modeText, resultMode } from './file-mode.ts';
import type { FileState, WantedAttributes } from './file-state.ts';
import { quote } from './shell-quote.ts';

/** The arguments that all modules that place files share. */
export const fileArguments = {
  owner: { type: 'str', doc: 'Name or number of the user that is to own it.' },
  group: { type: 'str', doc: 'Name or number of the group that is to own it.' },
  mode: { type: 'raw', doc: 'Permissions: octal ("0644", quoted) or symbolic ("u=rw,g=r,o=r").' },
  attributes: { type: 'str', aliases: ['attr'], doc: 'Letters as of chattr, with an optional +, - or = before them.' },
  setype: { type: 'str', doc: 'The type of its SELinux context; left alone on hosts without SELinux.' },
  seuser: { type: 'str', doc: 'The user of its SELinux context.' },
  serole: { type: 'str', doc: 'The role of its SELinux context.' },
  selevel: { type: 'str', doc: 'The level of its SELinux context.' },
  unsafe_writes: {
    type: 'bool',
    unsupported: 'files are always put in place whole, by a rename',
    doc: 'Write into a file that cannot be replaced.',
  },
} as const satisfies ArgumentSchema;

/** The values of {@link fileArguments}. */
export interface FileAttributeArguments extends WantedAttributes {
  readonly mode?: Value | undefined;
}

/** The permission bits that the `mode` argument asks for, undefined when it asks for none (`preserve` is the caller's). */
export function wantedBits(args: FileAttributeArguments, state: FileState, directory: boolean): number | undefined {
  if (args.mode === undefined || args.mode === null || args.mode === '') return undefined;
  const mode = state.kind === 'absent' ? (directory ? 0o777 : 0o666) & ~state.umask : state.mode;
  return modeBits(args.mode, { mode, directory, umask: state.umask });
}

/** The changes of owner, group, permissions and the rest that a file which exists needs. */
export function attributeChanges(args: FileAttributeArguments, state: FileState): Change[] {
  const changes: Change[] = [];
  const guarded = isChecked(state);
  const add = (what: string, before: string, after: string, command: string): void => {
    const text = (value: string): string => `${what}: ${value}\n`;
    const diff = { before: text(before), after: text(after), beforeHeader: state.path, afterHeader: state.path };
    changes.push({ what, before, after, diff, command, guarded });
  };
  // busybox's chown and chgrp give a file that a link leads to the link's own owner or group where they are told only one of them.
  const give = (program: string, to: string, both: string): string =>
    fileCommand(state, { throughLink: `chown ${quote(both)}`, itself: `${program} -h ${quote(to)}` });
  const { owner, group } = args;
  if (owner !== undefined && differs(owner, state.owner, state.uid)) {
    add('owner', state.owner, owner, give('chown', owner, `${owner}:${state.gid}`));
  }
  if (group !== undefined && differs(group, state.group, state.gid)) {
    add('group', state.group, group, give('chgrp', group, `${owner ?? state.uid}:${group}`));
  }
  const bits = state.kind === 'link' ? undefined : wantedBits(args, state, state.kind === 'directory');
  if (bits !== undefined && (bits !== state.mode || losesSetId(changes, bits))) {
    if (bits !== state.mode) add('mode', resultMode(state.mode), resultMode(bits), chmodCommand(bits, state));
    else changes.push({ what: 'mode', command: chmodCommand(bits, state), guarded, diff: { before: '', after: '' } });
  }
  changes.push(...contextChanges(args, state), ...flagChanges(args, state));
  return changes;
}

/** chown takes away set-id bits, so that they have to be given again. */
function losesSetId(changes: readonly Change[], bits: number): boolean {
  return changes.length > 0 && (bits & 0o6000) !== 0;
}

function chmodCommand(bits: number, state: FileState): string {
  // Five digits, since GNU chmod keeps a directory's set-id bits when it is given four.
  const chmod = `chmod ${state.kind === 'directory' ? '0' : ''}${modeText(bits)}`;
  return fileCommand(state, { throughLink: chmod, itself: chmod });
}

function differs(wanted: string, name: string, id: number): boolean {
  return wanted !== name && wanted !== String(id);
}

function contextChanges(args: FileAttributeArguments, state: FileState): Change[] {
  // A file that is not there yet has none: all that is asked for is set.
  if (state.context === undefined || (state.context !== '' && !state.context.includes(':'))) return [];
  const [user, role, type, ...level] = state.context.split(':');
  const now: Record<string, string | undefined> = {
    seuser: user,
    serole: role,
    setype: type,
    selevel: level.join(':'),
  };
  const letters: Record<string, string> = { seuser: '-u', serole: '-r', setype: '-t', selevel: '-l' };
  const wanted = { seuser: args.seuser, serole: args.serole, setype: args.setype, selevel: args.selevel };
  const parts = Object.entries(wanted).filter(([name, value]) => value !== undefined && value !== now[name]);
  if (parts.some(([, value]) => value === '_default')) {
    throw new ModuleFailure('_default SELinux contexts are not supported; name the type, or run restorecon');
  }
  if (parts.length === 0) return [];
  const after = Object.entries(wanted).map(([name, value]) => value ?? now[name] ?? '');
  const options = parts.map(([name, value]) => `${letters[name]} ${quote(value!)}`).join(' ');
  const command = fileCommand(state, { throughLink: `chcon ${options}`, itself: `chcon -h ${options}` });
  return [{ what: 'secontext', before: state.context, after: after.join(':'), command, guarded: isChecked(state) }];
}

function flagChanges(args: FileAttributeArguments, state: FileState): Change[] {
  if (args.attributes === undefined) return [];
  const operator = /^[-+=]/.exec(args.attributes)?.[0] ?? '=';
  const wanted = new Set(args.attributes.replace(/^[-+=]/, ''));
  const current = new Set((state.flags ?? '').replaceAll('-', ''));
  const same =
    operator === '-'
      ? ![...wanted].some((letter) => current.has(letter))
      : [...wanted].every((letter) => current.has(letter)) && (operator === '+' || wanted.size === current.size);
  if (same) return [];
  const letters = [...wanted].join('');
  return [
    {
      what: 'attributes',
      before: [...current].join(''),
      after: args.attributes,
      command: fileCommand(state, {
        itself: `chattr ${operator}${letters}`,
        // What becomes immutable could not be taken out of that directory again.
        fixed: [...current, ...wanted].some((letter) => letter === 'i' || letter === 'a'),
      }),
      guarded: isChecked(state),
    },
  ];
}

/** The attributes that a file which is sent gets: what the arguments ask for, else what the file has that it replaces. */
function sentAttributes(
  args: FileAttributeArguments,
  state: FileState,
): { mode?: string; owner?: string; group?: string } {
  const bits = wantedBits(args, state, false);
  return {
    ...(bits === undefined ? {} : { mode: modeText(bits) }),
    ...(args.owner === undefined ? {} : { owner: args.owner }),
    ...(args.group === undefined ? {} : { group: args.group }),
  };
}

/**
 * How a file is sent to the place of another one: with the attributes that are asked for and the other has not, and only if the
 * other still is what it was; a copy of it is kept when `backup` is asked for.
 */
export function placementOf(
  args: FileAttributeArguments & { readonly backup?: boolean | undefined },
  state: FileState,
): Pick<FileToSend, 'attributes' | 'replaces' | 'backup'> {
  const { identity: replaces } = state;
  if (state.kind === 'file') {
    const { mode, owner, group } = sentAttributes(args, state);
    const attributes = {
      mode,
      owner: owner !== undefined && differs(owner, state.owner, state.uid) ? owner : undefined,
      group: group !== undefined && differs(group, state.group, state.gid) ? group : undefined,
    };
    return { attributes, replaces, backup: args.backup ? state.backupPath.split('/').at(-1) : undefined };
  }
  const { through } = state;
  const wanted = sentAttributes(args, { ...state, kind: 'absent', mode: 0 });
  if (!through) return { attributes: wanted, replaces };
  const given = { mode: modeText(through.mode), owner: String(through.uid), group: String(through.gid) };
  return { attributes: { ...given, ...wanted }, replaces };
}

/** Changes that a file needs once it was sent: what the transfer itself does not set. */
export function changesAfterSending(args: FileAttributeArguments, state: FileState): Change[] {
  const { setype, seuser, serole, selevel, attributes } = args;
  // It is another file by now, of which nothing is known but that it is one.
  const sent = { ...state, kind: 'file', identity: nothingThere } as const;
  return attributeChanges({ setype, seuser, serole, selevel, attributes }, sent);
}

/** How a file is after the changes, as result fields: owner, group, uid, gid, mode, size and state. */
export function attributeResult(
  args: FileAttributeArguments,
  state: FileState,
  after: { readonly size?: number | undefined; readonly kind?: FileState['kind'] | undefined } = {},
): Mapping {
  const kind = after.kind ?? state.kind;
  const bits = wantedBits(args, state, kind === 'directory');
  const usual = state.kind === 'absent' ? (kind === 'directory' ? 0o777 : 0o666) & ~state.umask : state.mode;
  return {
    owner: nameOf(args.owner, state.owner),
    group: nameOf(args.group, state.group),
    uid: state.wantedUid ?? numberOr(args.owner, state.uid),
    gid: state.wantedGid ?? numberOr(args.group, state.gid),
    mode: resultMode(bits ?? usual),
    size: after.size ?? state.size,
    state: shownKind(kind),
  };
}

/** The kind of a file as results tell it: to Ansible devices, pipes and sockets are files. */
export function shownKind(kind: FileState['kind']): string {
  return kind === 'absent' || kind === 'directory' || kind === 'link' ? kind : 'file';
}

function nameOf(wanted: string | undefined, current: string): string {
  return wanted === undefined || /^\d+$/.test(wanted) ? current : wanted;
}

function numberOr(wanted: string | undefined, current: number): number {
  return wanted !== undefined && /^\d+$/.test(wanted) ? Number(wanted) : current;
}

/**
 * Throws {@link ModuleFailure} when an owner or group is asked for that the host does not know, with what the file is like. In check
 * mode only for a file that is there: an earlier task may make the user of one that is not.
 */
export function checkNames(args: FileAttributeArguments, state: FileState, checkMode: boolean): void {
  if (checkMode && state.kind === 'absent') return;
  const [message] = unknownNames(args, state);
  if (message === undefined) return;
  const like =
    state.kind === 'absent' ? {} : attributeResult({}, { ...state, wantedUid: undefined, wantedGid: undefined });
  throw new ModuleFailure(message, { path: state.path, ...like });
}

/** As {@link checkNames}; in check mode the failure says, as a warning, that an earlier task may be about to make the user. */
export function checkNamesAndWarn(args: FileAttributeArguments, state: FileState, checkMode: boolean): void {
  try {
    checkNames(args, state, checkMode);
  } catch (error) {
    const name = checkMode && error instanceof ModuleFailure && /failed to look up (user|group) .*/.exec(error.message);
    if (!name) throw error;
    const warning = `${name[0]}. Create ${name[1]} up to this point in real play`;
    throw new ModuleFailure(error.message, { ...error.result, warnings: [warning] });
  }
}

/** Sentences about an owner and a group that are asked for and that the host does not know. */
export function unknownNames(args: FileAttributeArguments, state: FileState): string[] {
  const unknown = (name: string | undefined, id: number | undefined): boolean =>
    name !== undefined && !/^\d+$/.test(name) && id === undefined;
  return [
    ...(unknown(args.owner, state.wantedUid) ? [`chown failed: failed to look up user ${args.owner}`] : []),
    ...(unknown(args.group, state.wantedGid) ? [`chgrp failed: failed to look up group ${args.group}`] : []),
  ];
}
