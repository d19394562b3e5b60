import type { Change } from '../../runner/module/contract.ts';
import type { FileAttributeArguments } from './attributes.ts';
import { wantedBits } from './attributes.ts';
import { isSymbolicMode, kindOfMode, modeText } from './file-mode.ts';
import type { FileState } from './file-state.ts';
import type { ProbeRecord } from './probe-records.ts';
import { quote } from './shell-quote.ts';

/**
 * sh text that tells of everything below the folder `$p` which combinations of mode, owner and group there are. That is
 * enough to know what has to change, however many files there are and whatever their names.
 */
export const recursiveProbe = `r; if [ -d "$p" ] && [ ! -L "$p" ]; then
  x=$(find "$p" ! -path "$p" -exec stat -c '%f %u %g %U %G' {} + 2>/dev/null | sort -u)
  k combinations "$x"
fi
`;

/** The combinations as states of files that stand for all that have them. */
export function combinations(record: ProbeRecord | undefined, folder: FileState): FileState[] {
  const lines = (record?.text('combinations') ?? '').split('\n').filter((line) => line !== '');
  return lines.map((line) => {
    const [bits, uid, gid, owner, group] = line.split(' ');
    const mode = Number.parseInt(bits!, 16);
    return {
      ...folder,
      kind: kindOfMode(mode),
      mode: mode & 0o7777,
      uid: Number(uid),
      gid: Number(gid),
      owner: owner!,
      group: group!,
    };
  });
}

/** The changes that give everything below a folder its owner, group and permissions. Links get no permissions. */
export function recursiveChanges(
  args: FileAttributeArguments,
  folder: FileState,
  below: readonly FileState[],
): Change[] {
  const path = quote(folder.path);
  const changes: Change[] = [];
  const { owner, group, mode } = args;
  if (owner !== undefined && below.some((state) => state.owner !== owner && String(state.uid) !== owner)) {
    changes.push(changeBelow('owner', folder, owner, `chown -R -h ${quote(owner)} ${path}`));
  }
  if (group !== undefined && below.some((state) => state.group !== group && String(state.gid) !== group)) {
    changes.push(changeBelow('group', folder, group, `chgrp -R -h ${quote(group)} ${path}`));
  }
  const plain = below.filter((state) => state.kind !== 'link');
  if (plain.some((state) => (wantedBits(args, state, state.kind === 'directory') ?? state.mode) !== state.mode)) {
    const text = isSymbolicMode(mode) ? String(mode) : modeText(wantedBits(args, folder, true)!);
    const directories = isSymbolicMode(mode) ? text : `0${text}`;
    const command = `find ${path} -type d -exec chmod ${quote(directories)} {} + && find ${path} ! -type d ! -type l -exec chmod ${quote(text)} {} +`;
    changes.push(changeBelow('mode', folder, text, command));
  }
  return changes;
}

function changeBelow(what: string, folder: FileState, after: string, command: string): Change {
  const header = `${folder.path} and what is below it`;
  const diff = { before: '', after: `${what}: ${after}\n`, beforeHeader: header, afterHeader: header };
  return { what: `${what} of ${header}`, after, diff, command };
}
