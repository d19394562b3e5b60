import type { Change } from '../../runner/module/contract.ts';
import type { FileAttributeArguments } from '../shared/attributes.ts';
import { wantedBits } from '../shared/attributes.ts';
import { isSymbolicMode, kindOfMode, modeText } from '../shared/file-mode.ts';
import type { FileState } from '../shared/file-state.ts';
import type { ProbeRecord } from '../shared/probe-records.ts';
import { quote } from '../shared/shell-quote.ts';

/**
 * sh text that tells of everything below the folder `$p` which combinations of mode, owner and group there are. That is
 * enough to know what has to change, however many files there are and whatever their names.
 */
export const recursiveProbe = `r; if [ -d "$p" ] && [ ! -L "$p" ]; then
  x=$(find "$p" ! -path "$p" -exec stat -c '%f %u %g %U %G' {} + 2>/dev/null | sort -u)
  k combinations "$x"; k uid "$(exec id -u)"
fi
`;

/** The combinations as states of files that stand for all that have them. */
export function combinations(record: ProbeRecord | undefined, folder: FileState): FileState[] {
  const lines = (record?.text('combinations') ?? '').split('\n').filter((line) => line !== '');
  const me = { ...folder.me, uid: Number(record?.text('uid')) };
  return lines.map((line) => {
    const [bits, uid, gid, owner, group] = line.split(' ');
    const mode = Number.parseInt(bits!, 16);
    return {
      ...folder,
      me,
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
    const each = `chown -h ${quote(owner)}`;
    changes.push(
      changeBelow('owner', folder, owner, inTree(folder, below, `chown -R -h ${quote(owner)} ${path}`, each)),
    );
  }
  if (group !== undefined && below.some((state) => state.group !== group && String(state.gid) !== group)) {
    const each = `chgrp -h ${quote(group)}`;
    changes.push(
      changeBelow('group', folder, group, inTree(folder, below, `chgrp -R -h ${quote(group)} ${path}`, each)),
    );
  }
  const plain = below.filter((state) => state.kind !== 'link');
  if (plain.some((state) => (wantedBits(args, state, state.kind === 'directory') ?? state.mode) !== state.mode)) {
    const text = isSymbolicMode(mode) ? String(mode) : modeText(wantedBits(args, folder, true)!);
    const directories = quote(isSymbolicMode(mode) ? text : `0${text}`);
    const batch = `find ${path} -type d -exec chmod ${directories} {} + && find ${path} ! -type d ! -type l -exec chmod ${quote(text)} {} +`;
    const command = inTree(folder, below, batch, `c ${quote(text)}`, `chmod ${directories} .`);
    changes.push(changeBelow('mode', folder, text, command));
  }
  return changes;
}

/**
 * sh text for all that is below a folder: `batch` where nobody can give a name in it to other files meanwhile, else `each` (and `inside`)
 * by {@link walk}. `below` stands for what is there.
 */
export function inTree(
  folder: FileState,
  below: readonly FileState[],
  batch: string,
  each: string,
  inside?: string,
): string {
  const safe = [{ ...folder, me: below[0]?.me ?? folder.me }, ...below].every(isOurs);
  return safe ? batch : walk(quote(folder.path), each, inside);
}

/** Whether nobody but the task's user (and root) can give names in it to other files while they are worked on. */
function isOurs({ kind, uid, mode, me }: FileState): boolean {
  return kind !== 'directory' || ((uid === 0 || uid === me.uid) && (mode & 0o022) === 0);
}

/**
 * sh text for a tree in which others may write. It enters folder by folder and looks where it has come to, so that no name leads
 * out of the tree. `each` is a command that follows no link and is given what a folder holds; `c` gives a file its mode: what it
 * has opened must be what the name led to before, not following a link.
 */
function walk(path: string, each: string, inside = 'true'): string {
  return `c() { a=$1; shift; for f; do if [ -f "$f" ] && [ ! -L "$f" ]; then (
i=$(exec stat -c '%d %i' "$f") && kplay_hold "$f" $i && chmod "$a" "$kplay_f" <&9 ) || return; fi; done; }
w() { cd -P "$1/" && { [ -z "$2" ] || [ "$PWD" = "$2" ]; } || { echo "$1 was changed by somebody else" >&2; return 1; }
${inside} || return; o=\${PWD%/}; set --
for f in ./* ./.[!.]* ./..?*; do if [ -e "$f" ] || [ -L "$f" ]; then set -- "$@" "$f"; fi; done
[ $# = 0 ] || ${each} "$@" || return
for f; do if [ -d "$f" ] && [ ! -L "$f" ]; then ( w "$f" "$o/\${f#./}" ) || return; fi; done; }
( w ${path} '' )`;
}

/** The change of something below a folder, which is told of as a whole. */
export function changeBelow(what: string, folder: FileState, after: string, command: string): Change {
  const header = `${folder.path} and what is below it`;
  const diff = { before: '', after: `${what}: ${after}\n`, beforeHeader: header, afterHeader: header };
  return { what: `${what} of ${header}`, after, diff, command };
}
