import { changedMeanwhile, temporaryToken } from '../../runner/module/host-files.ts';
import type { FileState } from './file-state.ts';
import { quote } from './shell-quote.ts';

/** A command on one file, without the file's name, which is its last word. */
export interface FileCommand {
  /** As it is when the name is a link to the file: it must follow it. Absent: it cannot be told to. */
  readonly throughLink?: string | undefined;
  /** As it is for the file's own name: it should not follow a link. */
  readonly itself: string;
  /** Whether the file has, or gets, a name that nobody can change (`chattr +i`): it can have no second one. */
  readonly fixed?: boolean | undefined;
}

/**
 * sh text that runs a command on the file that was looked at: whoever owns the directory can turn the path to another file.
 * What may be opened is named by what was opened. Devices, pipes, sockets and links, and what chattr changes, are named in
 * their directory, when nobody else may change names there, else in a new one that nobody else may enter. It ends with
 * {@link changedMeanwhile} when another file has taken the name.
 */
export function fileCommand(state: FileState, { throughLink, itself, fixed }: FileCommand): string {
  const known = knownFile(state);
  const opens = state.kind === 'file' || state.kind === 'directory';
  if (known !== undefined && opens && throughLink !== undefined) {
    return `kplay_hold ${quote(state.path)} ${known} || exit; ${throughLink} "$kplay_f" <&9`;
  }
  // A directory has no second name; its own `.` is as good as a descriptor.
  if (state.kind === 'directory') return inDirectory(state, known, itself);
  return inPlace(state, known, itself, fixed ?? false);
}

/** Whether {@link fileCommand} makes sure that the file is the one that was looked at. */
export function isChecked(state: FileState): boolean {
  return knownFile(state) !== undefined;
}

/** Device and number of a file that was looked at. */
function knownFile(state: FileState): string | undefined {
  return /^\w+ \d+ \d+ \d+ (\d+ \d+) /.exec(state.identity)?.[1];
}

function inDirectory(state: FileState, known: string | undefined, command: string): string {
  return `( cd -P ${quote(state.path)} || exit
${functions(state, known)}
kplay_same .; ${command} . )`;
}

function inPlace(state: FileState, known: string | undefined, command: string, fixed: boolean): string {
  const { path } = state;
  const slash = path.lastIndexOf('/');
  const name = path.slice(slash + 1);
  const here = `${command} ${quote(`./${name}`)}; exit`;
  // Only this user and root may change the names in a directory of theirs.
  const ours = `set -- "$(exec id -u)" $(exec stat -c '%u %a' .)
case $2:$3 in 0:*[0145][0145] | "$1":*[0145][0145]) ${here};; esac`;
  return `( cd -P ${quote(path.slice(0, slash + 1))} || exit
${functions(state, known)}
${known === undefined ? '' : `kplay_same ${quote(`./${name}`)}`}
${fixed ? here : `${ours}\n${alone(name, command)}`} )`;
}

/** sh text that gives the file a second name in a directory that nobody else may enter, and runs the command there. */
function alone(name: string, command: string): string {
  return `kplay_d=.kplay-${temporaryToken()}.tmp; kplay_o=\${PWD%/}
( umask 077; exec mkdir "./$kplay_d" ) || exit
( cd -P "./$kplay_d" && [ "$PWD" = "$kplay_o/$kplay_d" ] && [ -O . ] || kplay_changed
trap 'rm -f ./file' 0; trap 'exit 143' 1 2 15
ln ${quote(`../${name}`)} ./file || exit; kplay_same ./file; ${command} ./file )
kplay_e=$?; rmdir "./$kplay_d"; exit $kplay_e`;
}

/**
 * sh functions that end the text when a file is not the known one. A link that took the file's name may have its number, too. Of a file
 * that was just sent it is known that it has one name only.
 */
function functions({ path, kind }: FileState, known: string | undefined): string {
  const like = kind === 'link' ? '[ -L "$1" ]' : '[ ! -L "$1" ]';
  const [format, wanted] = known === undefined ? ['%h', '2'] : ['%d %i', known];
  return `kplay_changed() { kplay_fail ${quote(`${path} was changed by somebody else`)}; exit ${changedMeanwhile}; }
kplay_same() { ${like} && [ "$(exec stat -c '${format}' "$1")" = '${wanted}' ] || kplay_changed; }`;
}
