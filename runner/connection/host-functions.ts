import { randomBytes } from 'node:crypto';
import type { Placement } from './connection.ts';
import { quote } from './quote.ts';

/**
 * The sh functions by which content gets onto a host, and which every text that runs there finds. README.md ("Files") tells
 * how they are used. They are one line without single quotes, since they stand in a quoted word of a shell's command line;
 * all their names begin with kplay_.
 *
 * They count on this: a descriptor stays with the file that was opened, whatever becomes of its name. In a directory that
 * another user may write to, names mean nothing from one program to the next. So what is given to a user, or may hold a
 * secret, is named /proc/self/fd/0, a link that the kernel follows to the open file. Descriptors above 2 are handed on
 * explicitly, since some shells (mksh, ksh93) keep them from programs; those that are written, as 0>&9, since yash looks.
 */

/** How a text ends when the file at the destination is not what it was when it was read. */
export const changedMeanwhile = 75;

/** Format of stat by which a file is told from another, or from itself at another time; its first four words are read on the host. */
export const identityFormat = '%f %a %u %g %d %i %s %y %z';

/** The identity of what is not there. */
export const nothingThere = 'nothing';

/** What makes the names of temporary files and directories that are made on a host unlike all others, and known to nobody. */
export function temporaryToken(): string {
  return randomBytes(9).toString('hex');
}

/** The call that makes the file which {@link putCall} puts in place. */
export function newCall(destination: string, { mode }: Placement): string {
  const known = mode !== undefined && /^[0-7]+$/.test(mode) ? ` ${mode}` : '';
  return `kplay_new ${quote(destination)} ${temporaryToken()}${known}`;
}

/** The call that puts the file of kplay_new in place. */
export function putCall({ mode, owner, group, replaces, backup }: Placement): string {
  const words = [mode, owner, group, replaces, backup].map((word) => (word === undefined ? "''" : quote(word)));
  return `kplay_put ${words.join(' ')}`;
}

/** `kplay_mine PATH` tells whether a file is this user's; posh's test has no word for that. */
const mine =
  'kplay_mine() { [ -O "$1" ]; }; [ -O / ] 2>/dev/null; [ $? -lt 2 ] || kplay_mine() { [ "$(exec stat -L -c %u "$1" 2>/dev/null)" = "$(exec id -u)" ]; }';

/**
 * Where a user's notes are: in the home directory, when it is the user's own, else in /tmp, where only its sticky bit
 * keeps others from changing what is ours. Sets kplay_b, and kplay_h, the host's name: homes may be shared by hosts.
 */
const base =
  'kplay_base() { kplay_b=${HOME-}; case $kplay_b in /?*) ;; *) kplay_b=;; esac; if [ ! -d "$kplay_b" ] || ! kplay_mine "$kplay_b" || [ ! -w "$kplay_b" ]; then kplay_b=/tmp; [ -k /tmp ] && [ -w /tmp ] || return 1; fi; IFS= read -r kplay_h </proc/sys/kernel/hostname; }';

/** Sets kplay_s to the time at which a process was started, which with its number tells it from all others, and kplay_q to its parent. Empty when it is dead. */
const start = `kplay_start() { kplay_s=; IFS=" " read -r kplay_x kplay_x kplay_z kplay_q ${'kplay_x '.repeat(17)}kplay_s kplay_x <"/proc/$1/stat" && [ "$kplay_z" != Z ] || { kplay_s=; return 1; }; } 2>/dev/null`;

/**
 * What tells the processes that are seen here from those of an earlier boot, and from those of other namespaces that see none of
 * these (a container with the same home and name): the boot's id, and the time at which the first of them was started.
 */
const space =
  'kplay_here() { kplay_boot=0; IFS=- read -r kplay_boot kplay_x </proc/sys/kernel/random/boot_id; kplay_start 1; kplay_space=${kplay_s:-0}; }';

/**
 * Removes what shells of this user left that are dead. Only names that kplay gives are removed, and links are not followed, so
 * that nobody who owns a directory on the way can lead it to other files. A name may hold line ends: a note ends with `.tmp`.
 * Whether shells of another namespace live nobody can know: what they noted is left for ten minutes, longer than files take to arrive.
 * With the number of a top shell it removes, too, what the keeper below it (see shell-program.ts) is having written: when a
 * connection ends, a program that cannot be killed yet may hold it up for long.
 */
const sweep = [
  'kplay_sweep() { kplay_base || return 0; for kplay_f in "$kplay_b/.kplay-$kplay_h-"*',
  'do kplay_mine "$kplay_f" && [ ! -L "$kplay_f" ] || continue; [ "${kplay_boot-}" ] || kplay_here; kplay_n=${kplay_f#"$kplay_b/.kplay-$kplay_h-"}',
  'kplay_y=${kplay_n%%-*}; kplay_n=${kplay_n#*-}; kplay_w=${kplay_n%%-*}; kplay_n=${kplay_n#*-}',
  'kplay_p=${kplay_n%%-*}; kplay_n=${kplay_n#*-}; kplay_t=${kplay_n%%.*}; case $kplay_w$kplay_p$kplay_t in ""|*[!0-9]*) continue;; esac',
  'kplay_g=; if [ "$kplay_y" != "$kplay_boot" ]; then :; elif [ "$kplay_w" != "$kplay_space" ]; then [ "$(find "$kplay_f" -prune -mmin +10)" ] || continue',
  'elif kplay_start "$kplay_p" && [ "$kplay_s" = "$kplay_t" ]; then [ "$1" ] && kplay_start "$kplay_q" && [ "$kplay_q" = "$1" ] || continue; kplay_g=1; fi',
  'case $kplay_n in *.notes) kplay_forget;; *.dir) [ "$kplay_g" ] || rm -rf "$kplay_f";; esac; done; }',
  'kplay_forget() { set --; kplay_p=; while IFS= read -r kplay_x',
  'do kplay_p=$kplay_p$kplay_x; case $kplay_p in /*/.kplay-*.tmp) set -- "$@" "$kplay_p"; kplay_p=;; *) kplay_x=$(echo; echo _); kplay_p=$kplay_p${kplay_x%_};; esac',
  'done <"$kplay_f"; [ "$kplay_g" ] || set -- "$@" "$kplay_f"; [ $# = 0 ] || rm -f "$@"; }',
].join('; ');

/**
 * `kplay_note PATH` writes down a file that is about to be made, so that it is removed when the shell dies; `kplay_done`
 * takes back what was noted. The first note makes the file, which in /tmp must not be somebody's link.
 */
const notes = [
  'kplay_me() { kplay_base && kplay_start "${kplay_keeper:-$$}" && kplay_k=$kplay_b/.kplay-$kplay_h-$kplay_boot-$kplay_space-${kplay_keeper:-$$}-$kplay_s; }',
  'kplay_note() { if kplay_me; then kplay_j=$kplay_k.notes; else kplay_j=; return 0; fi',
  'if ! kplay_mine "$kplay_j" || [ -L "$kplay_j" ]; then (umask 077; set -C; printf "" >"$kplay_j") || kplay_j=; fi',
  '[ -z "$kplay_j" ] || printf "%s\\n" "$1" >>"$kplay_j"; } 2>/dev/null',
  'kplay_done() { [ -z "$kplay_j" ] || printf "" >|"$kplay_j"; } 2>/dev/null',
].join('; ');

/** `kplay_scratch TOKEN` makes a directory that only this user may enter, and sets kplay_d to its path. */
const scratch =
  'kplay_scratch() { kplay_me || { kplay_e=$(exec mktemp -d 2>&1) || { echo "$kplay_e" >&2; return 1; }; kplay_d=$kplay_e; return; }; kplay_d=$kplay_k.$1.dir; mkdir -m 700 "$kplay_d"; }';

/**
 * `kplay_new DESTINATION TOKEN MODE` enters the destination's directory and makes a file in it, which is open as descriptor 9 and
 * which nobody else can open. It goes when the text ends, unless kplay_put has put it in place. MODE is the one that kplay_put will be given, in octal digits: without it the umask is
 * asked for. `kplay_begin` leaves it to the
 * caller what is made as `./$kplay_t`, and then calls kplay_rename.
 */
const make = [
  'kplay_fail() { printf "%s\\n" "$1" >&2; return 1; }',
  'kplay_drop() { rm -f "./$kplay_t"; kplay_done; }',
  'kplay_begin() { case $1 in /*) kplay_d=$1;; *) kplay_d=./$1;; esac; kplay_n=${kplay_d##*/}; kplay_d=${kplay_d%/*}',
  'if ! cd -P "$kplay_d/" 2>/dev/null; then if [ -d "$kplay_d/" ]; then kplay_e="Permission denied"; elif [ -e "$kplay_d" ]; then kplay_e="Not a directory"; else kplay_e="No such file or directory"; fi; kplay_fail "$kplay_d: $kplay_e"; return; fi',
  'if [ -z "$kplay_n" ] || { [ -d "./$kplay_n" ] && [ ! -L "./$kplay_n" ]; }; then kplay_fail "$1: Is a directory"; return; fi',
  'kplay_t=.kplay-$2.tmp; [ "${3-}" ] || kplay_u=$(umask); trap kplay_drop 0; trap "exit 143" 1 2 15; umask 077; unset IFS; kplay_note "${PWD%/}/$kplay_t"; set -C; }',
  'kplay_new() { kplay_begin "$@" && command exec 9>"$kplay_t"; }',
].join('; ');

/**
 * Locks the directory against other runs, for the few milliseconds between a last look and the rename. Whoever holds it for
 * longer than five seconds is not waited for, nor is there a lock without flock, or where the file system knows none.
 */
const lock = [
  'kplay_lock() { [ -r . ] && command -v flock >/dev/null && command exec 8<. || return 0; kplay_e=$(exec flock -n 0 2>&1 <&8) && return; [ -z "$kplay_e" ] || return 0',
  'kplay_e=$(exec flock -w 5 0 2>&1 <&8) && return; [ "$kplay_e" ] || return 0',
  // busybox knows no limit of time.
  'kplay_x=0; while [ $kplay_x -lt 25 ] && ! flock -n 0 <&8; do kplay_x=$((kplay_x+1)); sleep 0.2 || sleep 1; done; return 0; } 2>/dev/null',
].join('; ');

/**
 * Gives the new file what the replaced one has: owner, mode, ACL, extended attributes, SELinux context. What is asked for (mode,
 * owner, group) is never wider on the way than at the end, since the content is there already. Where the asked mode is
 * narrower, the mode of the replaced file is not copied, and an ACL by setfacl only.
 */
const keep = [
  // Entries of an ACL with another mask; without an argument all of them.
  'kplay_acl() { command -v setfacl >/dev/null && kplay_e=$(exec getfacl -cps "./$kplay_n" 2>/dev/null) && [ "$kplay_e" ] || return 0',
  'echo "$kplay_e" | while read -r kplay_x kplay_y; do case $kplay_x in user::*|other::*) [ "$1" ] || echo "$kplay_x";; mask::*) echo "${1:-$kplay_x}";; *) echo "$kplay_x";; esac; done | setfacl -M - /proc/self/fd/1 >&9; }',
  // The permission bits of octal digits as a number: some shells read 0644 as a decimal number.
  'kplay_bits() { kplay_x=$1; kplay_z=0; while [ "$kplay_x" ]; do kplay_y=${kplay_x#?}; kplay_z=$((kplay_z*8+${kplay_x%"$kplay_y"})); kplay_x=$kplay_y; done; }',
  // Without coreutils' cp: mode, owner and group of the replaced file; the last is not empty when an owner is asked for.
  'kplay_attributes() { [ "$4" ] || chown "$2:$3" /proc/self/fd/0 || chgrp "$3" /proc/self/fd/0; case $kplay_p in *,mode*) ;; *) chmod "$1" /proc/self/fd/0; kplay_acl "";; esac; } 2>/dev/null 0>&9',
  // Arguments: mode, owner and group as asked for; then type, mode, owner and group of the replaced file.
  'kplay_keep() { kplay_p=timestamps,context; kplay_c=$1',
  'case $1 in *[!0-7]*|"") ;; *) kplay_bits "$1"; kplay_x=$((0x$4%4096)); if [ $kplay_x = $kplay_z ]; then kplay_c=; elif [ $((kplay_x&~kplay_z&3647)) != 0 ]; then kplay_p=$kplay_p,mode; fi;; esac',
  'if [ "$2$3" ]; then kplay_own "${2:-$6}:${3:-$7}" || return; kplay_p=$kplay_p,ownership; fi',
  'cp --attributes-only --preserve=all --no-preserve=$kplay_p "./$kplay_n" /proc/self/fd/0 2>/dev/null 0>&9 || kplay_attributes "$5" "$6" "$7" "$2$3"',
  '[ ! -e /sys/fs/selinux/enforce ] || chcon --reference="./$kplay_n" /proc/self/fd/0 2>/dev/null 0>&9',
  '[ -z "$kplay_c" ] || kplay_mode "$kplay_c" || return; case $kplay_p in *,mode*) kplay_acl "mask::$((kplay_z/8%8))" 2>/dev/null;; esac; return 0; }',
  'kplay_own() { kplay_e=$(exec chown "$1" /proc/self/fd/0 2>&1 0>&9) || kplay_fail "$kplay_e"; }',
  'kplay_mode() { kplay_e=$(exec chmod "$1" /proc/self/fd/0 2>&1 0>&9) || kplay_fail "$kplay_e"; }',
].join('; ');

/**
 * Gives a file that replaces none its attributes: those asked for, else what the umask and the directory's SELinux policy say. Its
 * group may be the directory's; busybox's chown would give it that of the link by which it is named.
 */
const fresh = [
  'kplay_fresh() { kplay_x=$3; [ -z "$2" ] || [ "$3" ] || [ -G /proc/self/fd/9 ] || kplay_x=$(exec stat -L -c %g /proc/self/fd/0 <&9)',
  '[ -z "$2$3" ] || kplay_own "$2${kplay_x:+:$kplay_x}" || return',
  'case $1 in "") umask $kplay_u; kplay_mode =rw || return;; 0600|600) ;; *[!0-7]*) umask $kplay_u; kplay_mode =rw && kplay_mode "$1" || return;; *) kplay_mode "$1" || return;; esac',
  'if [ -e /sys/fs/selinux/enforce ] && kplay_e=$(exec matchpathcon -n "${PWD%/}/$kplay_n" 2>/dev/null); then chcon "$kplay_e" /proc/self/fd/0 2>/dev/null 0>&9; fi; return 0; }',
].join('; ');

/**
 * Keeps the replaced file under another name, beside it: as another link to it, or as a copy where there can be no link. The copy
 * is of the file that was looked at, not of what its name has come to mean.
 */
const backup = [
  'kplay_backup() { kplay_e=$(exec ln "./$kplay_n" "./$1" 2>&1) && return; [ ! -e "./$1" ] && [ ! -L "./$1" ] || { kplay_fail "$kplay_e"; return; }',
  `command exec 6<"./$kplay_n" 7>"./$1" || return; [ "$(TZ=UTC0; export TZ; exec stat -L -c "${identityFormat}" /proc/self/fd/0 <&6)" = "$kplay_o" ] || { rm -f "./$1"; return ${changedMeanwhile}; }`,
  'cat <&6 >&7 || { rm -f "./$1"; return 1; }',
  'cp --attributes-only --preserve=all /proc/self/fd/1 /proc/self/fd/0 2>/dev/null 0>&7 1<&6 || { set -- $kplay_o; chown "$3:$4" /proc/self/fd/0; chmod "$2" /proc/self/fd/0; touch -r /proc/self/fd/1 /proc/self/fd/0; } 2>/dev/null 0>&7 1<&6; exec 6<&- 7>&-; }',
].join('; ');

/**
 * `kplay_put MODE OWNER GROUP WAS BACKUP` puts the file of kplay_new in place, whole, in one step; a link there is replaced. Any
 * argument may be empty. WAS is the identity of what is to be replaced: it ends with {@link changedMeanwhile} when something else is there.
 */
const put = [
  // Where nothing is to be replaced, mv itself sees to it in one step: no lock is needed.
  `kplay_put() { kplay_w=; case $4 in "") ;; ${nothingThere}) kplay_w=n;; *) kplay_lock;; esac; kplay_o=`,
  `if [ -e "./$kplay_n" ] || [ -L "./$kplay_n" ]; then kplay_o=$(TZ=UTC0; export TZ; exec stat -c "${identityFormat}" "./$kplay_n" 2>/dev/null); fi`,
  `[ -z "$4" ] || [ "$4" = "\${kplay_o:-${nothingThere}}" ] || { kplay_fail "$kplay_n was changed by somebody else"; return ${changedMeanwhile}; }`,
  // A regular file (8…) leaves what it has to the one that replaces it.
  'case $kplay_o in 8*) [ -z "$5" ] || kplay_backup "$5" || return; kplay_keep "$1" "$2" "$3" $kplay_o;; *) kplay_fresh "$1" "$2" "$3";; esac || return',
  'kplay_rename || return; exec 9>&- 8<&-; }',
  // Where mv knows no -T, it would move into a directory that a link leads to.
  'kplay_rename() { kplay_move || return; kplay_done; trap - 0 1 2 15; }',
  `kplay_move() { kplay_e=$(exec mv -f\${kplay_w-}T "./$kplay_t" "./$kplay_n" 2>&1) && { [ -z "\${kplay_w-}" ] || [ ! -e "./$kplay_t" ]; } && return`,
  `if [ "\${kplay_w-}" ] && { [ -e "./$kplay_n" ] || [ -L "./$kplay_n" ]; }; then kplay_fail "$kplay_n was made by somebody else"; return ${changedMeanwhile}; fi`,
  'case $kplay_e in *sage:*|*nvalid*|*nrecognized*) ;; *) kplay_fail "$kplay_e"; return;; esac',
  'if [ -L "./$kplay_n" ]; then rm -f "./$kplay_n"; fi; kplay_e=$(exec mv -f${kplay_w-} "./$kplay_t" "./$kplay_n" 2>&1) || kplay_fail "$kplay_e"; }',
].join('; ');

/**
 * `kplay_hold PATH DEVICE INODE` opens a file or directory that is there as descriptor 9, for what is done to it by
 * `"$kplay_f" <&9`. It ends with {@link changedMeanwhile} when another file has taken the name, or the name leads to another one.
 * Only who may not open his own file goes by its name.
 */
const hold = [
  'kplay_hold() { kplay_f=/proc/self/fd/0; if ! { command exec 9<"$1" || command exec 9>>"$1"; } 2>/dev/null; then [ -L "$1" ] || { kplay_f=$1; exec 9</dev/null; return; }; kplay_fail "$1 is a link by now"; return; fi',
  `[ "$(exec stat -L -c "%d %i" /proc/self/fd/0 <&9)" = "$2 $3" ] || { kplay_fail "$1 was changed by somebody else"; return ${changedMeanwhile}; }; }`,
].join('; ');

/**
 * `kplay_print TEXT` prints a text, as `printf %s` does; without a program of its own, whose command line everybody could read.
 * Where printf is a program (mksh, posh), print or an echo that knows escapes does it.
 */
export const print: string = [
  'kplay_print() { printf %s "$1"; }',
  'PATH=/ printf "" || if PATH=/ print -rn -- ""; then kplay_print() { print -rn -- "$1"; }',
  'elif [ "$(echo "\\\\\\\\")" = "\\\\" ]; then kplay_print() { kplay_x=$1; kplay_y=; while :; do case $kplay_x in *\\\\*) kplay_y=$kplay_y${kplay_x%%\\\\*}\\\\\\\\; kplay_x=${kplay_x#*\\\\};; *) break;; esac; done; echo "$kplay_y$kplay_x\\c"; }; fi',
].join('; ');

/** Folders of system tools, which are not in everybody's PATH: su keeps the one of the user that logged in. */
const systemFolders = ['/usr/local/sbin', '/usr/sbin', '/sbin'];

/** `kplay_system` appends to PATH the folders of system tools that it lacks. `kplay_path` keeps what it was. */
const system = `kplay_system() { kplay_path=\${PATH-}; ${systemFolders
  .map((folder) => `case :\${PATH-}: in *:${folder}:*) ;; *) PATH=\${PATH:+$PATH:}${folder};; esac`)
  .join('; ')}; export PATH; }`;

/** sh text by which what follows it finds system tools. */
export const withSystemTools = 'kplay_system; ';

/** What places and removes files, and what goes with it, for every text. */
export const hostFunctions = [
  system,
  print,
  mine,
  base,
  start,
  `${space}; kplay_here`,
  notes,
  scratch,
  make,
  lock,
  keep,
  fresh,
  backup,
  put,
  hold,
].join('; ');

/** For the processes that watch over them: what removes that which dead shells left (`kplay_sweep`). */
export const sweepFunctions = [mine, base, start, space, sweep].join('; ');
