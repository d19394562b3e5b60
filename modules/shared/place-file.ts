import type { Change, Diff, Host, Plan } from '../../runner/module/contract.ts';
import { ModuleFailure } from '../../runner/module/contract.ts';
import type { Mapping, Value } from '../../runner/value.ts';
import type { FileAttributeArguments } from './attributes.ts';
import {
  attributeChanges,
  attributeResult,
  changesAfterSending,
  checkNamesAndWarn,
  placementOf,
} from './attributes.ts';
import { modeText } from './file-mode.ts';
import type { FileProbe, FileState } from './file-state.ts';
import { contentDiff, diffLimit, md5 } from './files.ts';
import { placeWarnings } from './forecast.ts';
import { makeFolder } from './make-folder.ts';
import type { Source } from './source.ts';

/** The arguments of copy and template that say how a file is put in place. */
export interface PlaceArguments extends FileAttributeArguments {
  readonly dest: string;
  readonly backup?: boolean | undefined;
  readonly force?: boolean | undefined;
  readonly follow?: boolean | undefined;
  readonly validate?: string | undefined;
  readonly directory_mode?: Value | undefined;
}

/** What a probe has to look at before `source` is put at a place. `checksum` is a word of sh. */
export function placeProbe(args: PlaceArguments, host: Host, checksum: string): FileProbe {
  return {
    follow: args.follow && 'existing',
    checksum: true,
    ...(host.diffMode ? { content: diffLimit, contentUnless: checksum } : {}),
    attributes: args,
    backup: args.backup,
  };
}

/** The plan that puts `source` at its place with its attributes. Throws {@link ModuleFailure} where that cannot be. */
export function placeFile(given: PlaceArguments, state: FileState, source: Source, host: Host): Plan {
  const args = withPreservedMode(given, source);
  if (state.kind === 'directory' || state.through?.kind === 'directory') {
    throw new ModuleFailure(`${state.path} is a directory, and a file cannot take its place`, { dest: state.path });
  }
  const same = state.kind === 'file' && state.checksum === source.checksum;
  const kept = args.force === false && state.kind !== 'absent';
  // Where content is still to come, an earlier task may be about to make the user, too.
  if (same || kept || !host.checkMode) checkNamesAndWarn(args, state, host.checkMode);
  if (same || kept) {
    const result = { ...attributeResult(args, state), ...sourceResult(state, kept ? undefined : source) };
    return { changes: kept && !same ? [] : attributeChanges(args, state), result };
  }
  const backup = args.backup === true && state.kind === 'file';
  const changes = [
    ...folderChanges(args, state, host),
    sendChange(args, state, source, host),
    ...changesAfterSending(args, state),
  ];
  const result = {
    ...attributeResult(args, asNewFile(state), { size: source.size, kind: 'file' }),
    ...sourceResult(state, source),
    ...(backup ? { backup_file: state.backupPath } : {}),
  };
  return { changes, result, warnings: placeWarnings(args, state, host, { makesFolder: args.dest.endsWith('/') }) };
}

/** A link that is replaced leaves nothing of itself to the file. */
function asNewFile(state: FileState): FileState {
  return state.kind === 'file' ? state : { ...state, kind: 'absent', mode: 0 };
}

function withPreservedMode<A extends PlaceArguments>(args: A, source: Source): A {
  if (args.mode !== 'preserve') return args;
  return { ...args, mode: source.mode === undefined ? undefined : modeText(source.mode) };
}

function sendChange(args: PlaceArguments, state: FileState, source: Source, host: Host): Change {
  return {
    what: `content of ${state.path}`,
    diff: host.diffMode ? placeDiff(state, source) : undefined,
    send: {
      source: source.bytes,
      destination: state.path,
      ...placementOf(args, state),
      validate: args.validate,
    },
  };
}

function placeDiff(state: FileState, source: Source): Diff {
  const headers = [state.kind === 'file' ? state.path : undefined, source.name ?? state.path] as const;
  const after = Buffer.isBuffer(source.bytes) ? source.bytes : undefined;
  if (after === undefined || (state.kind === 'file' && state.content === undefined)) {
    const before = state.kind === 'file' ? summary(state.size, state.checksum) : '';
    return { before, after: summary(source.size, source.checksum), beforeHeader: headers[0], afterHeader: headers[1] };
  }
  return contentDiff(state.content, after, headers);
}

function summary(size: number, checksum: string | undefined): string {
  return `(${size} bytes, sha1 ${checksum})\n`;
}

function sourceResult(state: FileState, source: Source | undefined): Mapping {
  if (!source) return { dest: state.path, src: null, checksum: state.checksum ?? null };
  const { bytes, checksum } = source;
  return {
    dest: state.path,
    src: source.name ?? null,
    checksum,
    ...(Buffer.isBuffer(bytes) ? { md5sum: md5(bytes) } : {}),
  };
}

/** A folder is made for a destination that ends in a slash; any other must be there, but in check mode, which warns, an earlier task may make it. */
function folderChanges(args: PlaceArguments, state: FileState, host: Host): Change[] {
  if (state.inFolder) return [];
  const folder = state.path.slice(0, state.path.lastIndexOf('/')) || '/';
  if (args.dest.endsWith('/')) return [makeFolder(folder, args)];
  if (host.checkMode) return [];
  throw new ModuleFailure(`Destination directory ${folder} does not exist`, { dest: state.path });
}
