import { hostFunctions, identityFormat } from './host-functions.ts';

/*
 * sh functions for texts that look at a host and print what they find. They are given to each shell once, since text that is sent is
 * read byte by byte (0.4 µs each): with each look they would cost more than most looks do. A text calls `kplay_probe`, `kplay_records`
 * or `kplay_files`, which define the short names that it uses: a user's own texts find none of those.
 */

/** Begins the line that begins a section (`section NAME`). */
export const sectionMark = '@@kplay:';

/** The line that begins a record. */
export const recordStart = '--';

/** A word of sh: the locale of plain messages. yash would take no name in C that is not ASCII, as an argument of a `sh -c`. */
const plainLocale = 'C${YASH_VERSION:+.UTF-8}';

/** `kplay_plain` has programs say plain C messages. */
const plain = `kplay_plain() { LC_ALL=${plainLocale} LANGUAGE=C; export LC_ALL LANGUAGE; }`;

/** `section NAME` begins a section of the output. */
const sections = `kplay_sections() { section() { printf '\\n${sectionMark}%s\\n' "$1"; }; }; kplay_probe() { kplay_plain; kplay_sections; }`;

/**
 * For answers that hold any name and content: `r` begins a record, `k NAME TEXT` prints a field, `b NAME` prints its input as a
 * field, `h` prints it as hexadecimal digits.
 */
const records = [
  `kplay_records() { kplay_plain; r() { echo ${recordStart}; }`,
  `h() { od -An -v -tx1 | tr -d ' \\n'; echo; }`,
  `k() { case $2 in *[!\\ -~]*) printf '%s:' "$1"; printf %s "$2" | h;; *) printf '%s=%s\\n' "$1" "$2";; esac; }`,
  `b() { if command -v base64 >/dev/null 2>&1; then printf '%s@\\n' "$1"; base64; echo .; else printf '%s:' "$1"; h; fi; }; }`,
].join('; ');

/**
 * For looks at files, with those of `kplay_records`. Every process costs more than all the text: so `c` leaves the checksum of a file in `x`, `s` looks at
 * the same path once (`sp`, `st`, `y`), at who it is once (`me`), and leaves the size in `z`, and `l` asks for a link's
 * target a second time only when its length shows that it ends in line breaks. With an argument `s` opens the file, and leaves in `o` the name of what
 * was opened: its path can lead to another one by the time that it is read. `p PATH NAME FOLLOW` sets `p`, what is looked at: there is
 * nothing at an empty path.
 */
const files = [
  'kplay_files() { sp= me=; n=${IFS#??}; [ ${#n} = 1 ] || { n=$(printf "\\n_"); n=${n%_}; }',
  `sf="stat=%f %u %g %s %Y$n"owner=%U"$n"group=%G"$n"identity="${identityFormat}"`,
  'c() { if command -v sha1sum >/dev/null 2>&1; then x=$(exec sha1sum < "$1"); else x=$(exec openssl dgst -sha1 -r < "$1"); fi; x=${x%% *}; }',
  'p() { case $1 in "") p=; return;; /*) p=$1;; *) p=$PWD/$1;; esac',
  'if [ "$2" ] && { [ -d "$p" ] || [ "$p" != "${p%/}" ]; }; then p=${p%/}/$2; fi',
  'if [ "$3" ] && [ -L "$p" ] && { [ "$3" = follow ] || [ -e "$p" ]; } && x=$(readlink -f "$p" && echo x); then p=${x%??}; fi',
  '[ "$p" = / ] || p=${p%/}; }',
  's() { k path "$p"',
  '[ "$p$1" = "$sp" ] || { o=; if [ "$1" ] && [ -f "$p" ] && [ ! -L "$p" ] && [ -r "$p" ] && command exec 9<"$p"; then o=/proc/self/fd/9; fi',
  'y=$(TZ=UTC0; export TZ; if [ "$o" ]; then exec stat -L -c "$sf" /proc/self/fd/0 <&9; fi; exec stat -c "$sf" "$p" 2>&1) && st=1 || st=; sp=$p$1; }',
  `if [ "$st" ]; then printf '%s\\n' "$y"; set -- $y; z=$4; [ ! -L "$p" ] || l`,
  `else case $y in *ermission*denied*) k denied "$y";; *'Not a directory'*) echo blocked=1;; esac`,
  '[ ! -d "${p%/*}/" ] || echo infolder=1; [ "$me" ] || me=$(exec id); k me "$me"; fi',
  'printf umask=; umask; }',
  'l() { x=$(exec readlink "$p"); [ ${#x} = "$z" ] || { x=$(readlink "$p"; echo x); x=${x%?x}; }; k target "$x"; }; }',
].join('; ');

/**
 * `kplay_program NAME` tells whether execvp finds a program: `command -v` would find functions and what is built into the shell too. 1: there is
 * none; 2: it is there, and may not be executed.
 */
const program = [
  'kplay_program() { case $1 in */*) [ -e "$1" ] || return 1; [ -x "$1" ] && [ ! -d "$1" ] || return 2; return 0;; esac; kplay_r=1; set -f; IFS=:',
  'for kplay_x in $PATH; do kplay_x=${kplay_x:-.}/$1; [ ! -x "$kplay_x" ] || [ -d "$kplay_x" ] || { kplay_r=0; break; }; [ ! -e "$kplay_x" ] || kplay_r=2; done',
  'unset IFS; set +f; return $kplay_r; }',
].join('; ');

/** For the shells that a connection starts: the functions that every text finds, in one line. */
export const textFunctions = [hostFunctions, plain, sections, records, files, program].join('; ');
