import type { Change, Host, Plan } from '../../runner/module/contract.ts';
import { ModuleFailure } from '../../runner/module/contract.ts';
import { placeCommand } from '../../runner/module/host-files.ts';
import {
  attributeChanges,
  attributeResult,
  changesAfterSending,
  checkNames,
  placementOf,
} from '../shared/attributes.ts';
import { modeText } from '../shared/file-mode.ts';
import type { FileState } from '../shared/file-state.ts';
import { filePrelude, fileProbe, parseFileState } from '../shared/file-state.ts';
import { contentDiff, diffLimit } from '../shared/files.ts';
import { placeWarnings } from '../shared/forecast.ts';
import { makeFolder } from '../shared/make-folder.ts';
import type { PlaceArguments } from '../shared/place-file.ts';
import { placeProbe } from '../shared/place-file.ts';
import { runRecords } from '../shared/probe-records.ts';
import { pathWord } from '../shared/shell-path.ts';
import { quote } from '../shared/shell-quote.ts';

/** A file or folder of the host, and the place on it that it is copied to. */
export interface RemotePair {
  readonly source: FileState;
  readonly target: FileState;
  /** For folders: whether the target holds all that the source does. */
  readonly sameTree: boolean;
}

export interface RemoteArguments extends PlaceArguments {
  readonly src: string;
}

/** Looks at source and target, both on the host, in one round trip. */
export async function probeRemote(args: RemoteArguments, host: Host): Promise<RemotePair> {
  const name = args.src.replace(/\/+$/, '').split('/').at(-1) ?? '';
  const content = host.diffMode ? { content: diffLimit } : {};
  const script = [
    filePrelude,
    fileProbe(pathWord(args.src), { follow: true, checksum: true, ...content }),
    'src=$p; sum=; [ ! -f "$src" ] || { c "$src"; sum=$x; }',
    // A folder whose name ends in a slash gives what it holds, any other itself.
    args.src.endsWith('/') ? `if [ -d "$src" ]; then name=; else name=${quote(name)}; fi` : `name=${quote(name)}`,
    fileProbe(pathWord(args.dest), { ...placeProbe(args, host, '"$sum"'), name: undefined }).replace(
      /^(r; p .*?) '' /,
      '$1 "$name" ',
    ),
    compareTrees,
  ];
  const [source, target, trees] = await runRecords(host, script.join('\n'));
  return {
    source: parseFileState(source!),
    target: parseFileState(target!),
    sameTree: trees?.has('same') ?? false,
  };
}

/** Every entry of the source is in the target, with the same content. */
const compareTrees = `r
if [ -d "$src" ] && [ -d "$p" ]; then
  export p
  x=$(cd "$src" && find . ! -type d -exec sh -c 'for f; do
    if [ -L "$f" ]; then [ "$(readlink "$f")" = "$(readlink "$p/$f")" ] || { echo x; exit; }
    else cmp -s "$f" "$p/$f" || { echo x; exit; }; fi; done' sh {} + ; find . -type d -exec sh -c 'for f; do
    [ -d "$p/$f" ] || { echo x; exit; }; done' sh {} +)
  [ "$x" ] || echo same=1
fi`;

/** The plan of a copy on the host itself. */
export function planRemote(args: RemoteArguments, pair: RemotePair, host: Host): Plan {
  const { source, target } = pair;
  if (source.kind === 'absent') throw new ModuleFailure(`Source ${source.path} not found`, { src: source.path });
  const kept = args.mode === 'preserve' ? { ...args, mode: modeText(source.mode) } : args;
  checkNames(kept, target, host.checkMode);
  if (source.kind === 'directory') return copyFolder(args, pair);
  if (target.kind === 'directory') throw new ModuleFailure(`${target.path} is a directory`, { dest: target.path });
  return copyFile(kept, source, target, host);
}

function copyFile(args: RemoteArguments, source: FileState, target: FileState, host: Host): Plan {
  const fields = { dest: target.path, src: source.path, checksum: source.checksum ?? null };
  const same = target.kind === 'file' && target.checksum === source.checksum;
  if (same || (args.force === false && target.kind !== 'absent')) {
    const changes = same ? attributeChanges(args, target) : [];
    return { changes, result: { ...attributeResult(args, target), ...fields } };
  }
  const folder = target.path.slice(0, target.path.lastIndexOf('/')) || '/';
  if (!target.inFolder && !args.dest.endsWith('/') && !host.checkMode) {
    throw new ModuleFailure(`Destination directory ${folder} does not exist`, { dest: target.path });
  }
  const backup = args.backup === true && target.kind === 'file';
  const replaced: FileState = target.kind === 'file' ? target : { ...target, kind: 'absent' };
  const changes: Change[] = [
    ...(target.inFolder || !args.dest.endsWith('/') ? [] : [makeFolder(folder, args)]),
    {
      what: `content of ${target.path}`,
      diff: host.diffMode ? contentDiff(target.content, source.content, [target.path, source.path]) : undefined,
      command: replaceCommand(args, source, target),
      guarded: true,
    },
    ...changesAfterSending(args, replaced),
  ];
  const result = { ...attributeResult(args, replaced, { size: source.size, kind: 'file' }), ...fields };
  const warnings = placeWarnings(args, target, host, { makesFolder: args.dest.endsWith('/') });
  return { changes, result: backup ? { ...result, backup_file: target.backupPath } : result, warnings };
}

/** sh text that puts a copy in place; it takes the source's mode, as Ansible's does. */
function replaceCommand(args: RemoteArguments, source: FileState, target: FileState): string {
  const { attributes, replaces, backup } = placementOf(args, target);
  const mode = attributes.mode ?? modeText(source.mode);
  const copy = placeCommand(target.path, `cat <${quote(source.path)}`, { ...attributes, mode, replaces, backup });
  if (args.validate === undefined) return copy;
  if (!args.validate.includes('%s')) throw new ModuleFailure(`validate must contain %s: ${args.validate}`);
  return `( ${args.validate.replaceAll('%s', quote(source.path))} ) && ${copy}`;
}

function copyFolder(args: RemoteArguments, { source, target, sameTree }: RemotePair): Plan {
  const fields = { dest: target.path, src: source.path, state: 'directory' };
  if (target.kind !== 'absent' && target.kind !== 'directory') {
    throw new ModuleFailure(`${target.path} is not a directory`, { dest: target.path });
  }
  if (sameTree) return { changes: [], result: fields };
  const root = quote(target.path);
  const inside = quote(`${source.path}/.`);
  const keep = args.force === false ? ' -n' : '';
  const commands = [`cp -R${keep} -P ${inside} ${root}`];
  if (args.mode === 'preserve') commands[0] = preservingCopy(keep, source, target);
  else if (args.mode !== undefined) commands.push(`find ${root} -type f -exec chmod ${modeWord(args)} {} +`);
  if (args.owner !== undefined) commands.push(`chown -R -h ${quote(args.owner)} ${root}`);
  if (args.group !== undefined) commands.push(`chgrp -R -h ${quote(args.group)} ${root}`);
  const change: Change = {
    what: `directory ${target.path}`,
    diff: { before: '', after: `as ${source.path}\n`, beforeHeader: target.path, afterHeader: target.path },
    command: commands.join(' &&\n'),
  };
  return { changes: [...(target.kind === 'absent' ? [makeFolder(target.path, args)] : []), change], result: fields };
}

/** sh text that copies a folder with the modes of all that is in it; a cp that is not coreutils' leaves them to chmod. */
function preservingCopy(keep: string, source: FileState, target: FileState): string {
  const [from, to] = [quote(`${source.path}/.`), quote(target.path)];
  const each = 'for f; do chmod "$(stat -c %a "$f")" "$to/$f" || exit; done';
  return `{ cp -R${keep} -P --preserve=mode ${from} ${to} 2>/dev/null || { cp -R${keep} -P ${from} ${to} &&
( cd ${from} && to=${to} && export to && find . ! -type l -exec sh -c ${quote(each)} sh {} + ); }; }`;
}

function modeWord(args: RemoteArguments): string {
  return quote(typeof args.mode === 'number' ? modeText(args.mode) : String(args.mode));
}
