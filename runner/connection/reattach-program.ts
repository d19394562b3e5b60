import { type Frame, rawFrame, readExactly } from './frame.ts';
import { quote } from './quote.ts';
import { firstDescriptor, groupWord } from './shell-program.ts';

/**
 * The texts that run a command on a host so that it outlives the connection. Who is who there:
 *
 *   frame     what runs in the long-lived shell, and ends with it: claims the job, follows its files and prints them
 *   │ └ ear     reads what is written to the frame while it runs: the word that ends the job by order
 *   guard     in a session of its own: runs the job, notes its exit code, and ends it when nobody follows it any more
 *     ├ watch   counts the seconds: without a follower, and of the job's time limit
 *     └ job     in a session and process group of its own: the command
 *
 * All that they share is a directory that only the user can enter. Making it is the claim: of all frames of one job, also
 * of those that a broken connection delivers late, one starts the command, and the others follow it. Its files: `text` and
 * `in` (the command and its standard input, gone once it reads them), `out`, `err`, `job` (the command's process id), `guard`
 * (the guard's process id and start), `here` (changed by who follows), `rc` (the end), `stop`, `late` and `again`: orders.
 */

/** What a job's frame says on standard output beside the command's own: `ready` when it stands, its exit code, or `dead` and one of these. */
export const jobEnds = { gone: 1, timedOut: 2, guardKilled: 3, refused: 4 } as const;

/** The word that ends a job by order, written to the frame that follows it. */
export const stopWord = 'stop\n';

/** What a job is made of. */
export interface JobText {
  /** Names the directory; nobody else can guess it. */
  readonly name: string;
  /** Marks what frames say of the job. */
  readonly mark: string;
  /** The command's whole text. */
  readonly script: string;
  readonly stdin?: Buffer | undefined;
  /** Seconds that the job goes on without anybody who follows it. */
  readonly patience: number;
  readonly timeoutSeconds?: number | undefined;
}

/** What one frame of a job may do. */
export interface Claim {
  /** Whether it starts the command when nobody has yet; unless the host was started anew in the seconds since the first frame. */
  readonly start: boolean;
  readonly secondsSinceFirst: number;
  /** Counts the job's frames, from 1: those before may still arrive. */
  readonly number: number;
  /** Bytes of the output that have arrived. */
  readonly taken: { readonly stdout: number; readonly stderr: number };
}

const directories = ['/tmp', '/var/tmp', '"${HOME:-/}"'];

/** Sets d to the job's directory, empty when there is none. One of another user's is none. */
const findDirectory = (name: string) =>
  `d=; for t in ${directories.join(' ')}; do [ -d "$t/${name}" ] && kplay_mine "$t/${name}" && { d=$t/${name}; break; }; done`;

/** Whether the guard lives: its number and its start are those of a process there. */
const alive =
  'alive() { p= s=; IFS=" " read -r p s <"$d/guard"; [ "$p" ] || return 1; l=; IFS= read -r l <"/proc/$p/stat"; set -- ${l##*\\) }; [ "${20-}" = "$s" ]; } 2>/dev/null';

/** On its own zsh does not split what a variable holds into words. */
const asSh = '[ ! "${ZSH_VERSION-}" ] || emulate sh';

/** What a fresh sh does as the job; its arguments are the directory, and the functions that texts find. */
const job = [
  asSh,
  'echo $$ >"$1/job"; k=$(cat "$1/text"; rm -f "$1/text" "$1/in")',
  '[ ! "$BASH_VERSION" ] || set -o posix; kplay_shell=$0 kplay_keeper=$PPID; { eval "$2"; } 2>/dev/null; set --; eval "unset k; $k"',
].join('; ');

/** The guard, with directory, patience, the time limit's whole and fraction of seconds, and the job's functions as arguments. */
const guard = [
  asSh,
  firstDescriptor,
  groupWord,
  'd=$1 f=$2 t=$3 q=$4 F=$5 g=$$; IFS= read -r l </proc/$$/stat; set -- ${l##*\\) }; echo "$g ${20}" >"$d/guard"; echo; exec >/dev/null 2>&1',
  'tick() { w=; IFS= read -r w <"$d/here"; if [ "$w" = "$v" ]; then n=$((n+1)); else v=$w n=0; fi; [ "$n" -lt "$f" ]; }',
  // Whether nothing of the job's group is left but what nobody has waited for yet.
  'over() { j=; [ ! -e "$d/job" ] || IFS= read -r j <"$d/job"; [ "$j" ] || return 1; ! kill -0 $K "-$j" || ! grep -qs ") [^Z] [0-9]* $j " /proc/[0-9]*/stat; }',
  'cease() { : >"$d/$1"; over || [ ! "$j" ] || kill -TERM $K "-$j"; for z in 0.1 0.2 0.4 0.6 0.7; do over && break; sleep $z || sleep 1; done; [ ! "$j" ] || kill -KILL $K "-$j"; }',
  '( v= n=0 c=0; [ "$q" = 0 ] || sleep "$q"; while :; do [ ! "$t" ] || [ "$c" -lt "$t" ] || { cease late; break; }; sleep 1; c=$((c+1)); [ ! -e "$d/stop" ] || { cease stop; break; }; tick || { cease alone; break; }; done ) & w=$!',
  // In the foreground, since what is started with & ignores SIGINT; apart, since a shell would put its word on a killed command into `err`.
  `( exec setsid "$0" -c ${quote(job)} "$0" "$d" "$F" ) <"$d/in" >>"$d/out" 2>>"$d/err"; r=$?`,
  'if [ -e "$d/stop" ] || [ -e "$d/alone" ] || [ -e "$d/late" ]; then wait $w; else kill $w; fi',
  '[ ! -e "$d/late" ] || r=late; echo $r >"$d/rc"',
  // What was ended by order, or was left alone, is asked for by nobody.
  '[ -e "$d/stop" ] || [ -e "$d/alone" ] || { v= n=0; while [ -d "$d" ] && tick; do sleep 1; done; }',
  'rm -rf "$d"',
].join('\n');

/** The frame that claims a job, and prints its output and end. */
export function jobFrame(text: JobText, claim: Claim): Frame {
  const stdin = claim.start ? text.stdin : undefined;
  const frame = rawFrame(frameScript(text, claim, stdin?.length));
  return stdin === undefined ? frame : { ...frame, text: Buffer.concat([frame.text, stdin]) };
}

function frameScript(text: JobText, claim: Claim, stdinSize: number | undefined): string {
  const start = `: "$(setsid setsid "$kplay_shell" -c ${quote(guard)} "$kplay_shell" "$d" ${text.patience} ${limitWords(text.timeoutSeconds)} "$kplay_functions" 2>/dev/null 3<&-)"`;
  return [
    `${groupWord}; exec 3<&0 </dev/null; m=$(umask); umask 077; trap : 15; new=`,
    findDirectory(text.name),
    ...(claim.start ? makeDirectory(text, claim, stdinSize) : []),
    `[ "$d" ] || { ${says(text, `dead ${jobEnds.gone}`)}; exit 0; }`,
    ...(claim.number > 1 ? [': >"$d/again"'] : []),
    alive,
    `[ ! "$new" ] || { umask $m; ${start}; }`,
    // ksh93 does not wait for what is still to print there.
    'n=0; until [ -s "$d/guard" ] || [ $n -ge 200 ]; do sleep 0.05 || sleep 1; n=$((n+1)); done',
    says(text, 'ready'),
    ear,
    follow(text, claim),
  ].join('\n');
}

/** sh text that says something of the job to the one who wrote the frame. */
function says({ mark }: JobText, words: string): string {
  return `printf '\\036%s ${words}\\n' ${mark}`;
}

/** Makes the directory with what the job reads; sets d, and new when it was made here. */
function makeDirectory(text: JobText, claim: Claim, stdinSize: number | undefined): string[] {
  const { name, mark } = text;
  const make = `for t in ${directories.join(' ')}; do if e=$(exec mkdir "$t/${name}" 2>&1); then new=1 d=$t/${name}; break; fi; ! kplay_mine "$t/${name}" || { d=$t/${name}; break; }; done`;
  const read = (size: number, where: string) => `{ ${readExactly(size)} <&3 >${where}; } 2>/dev/null`;
  return [
    `refuse() { printf 'kplay: the command was not run: %s\\n' "$e" >&2; [ ! "$new" ] || rm -rf "$d"; ${says(text, `dead ${jobEnds.refused}`)}; exit 255; }`,
    // A host that was started anew meanwhile has lost what had been there.
    `IFS=. read -r u r </proc/uptime; if [ ! "$d" ] && [ "$u" -ge ${Math.floor(claim.secondsSinceFirst)} ]; then`,
    `if command -v setsid >/dev/null; then ${make}; else e="setsid is needed for ansible_kplay_reattach"; fi; [ "$d" ] || refuse; fi`,
    // Bytes that nobody takes would be read as the next frame.
    ...(stdinSize === undefined ? [] : [`[ "$new" ] || ${read(stdinSize, '/dev/null')}`]),
    'if [ "$new" ]; then e="$d cannot be written"',
    stdinSize === undefined
      ? ': >"$d/in" || refuse'
      : `${read(stdinSize, '"$d/in"')} && s=$(exec stat -c %s "$d/in") && [ "$s" -eq ${stdinSize} ] || refuse`,
    `{ : >"$d/out" && : >"$d/err" && : >"$d/here" && cat >"$d/text"; } <<'${mark}' || refuse`,
    text.script,
    mark,
    'fi',
  ];
}

function limitWords(seconds: number | undefined): string {
  if (seconds === undefined) return `'' 0`;
  const whole = Math.floor(seconds);
  return `${whole} ${(seconds - whole).toFixed(3)}`;
}

/** Hears the word that ends the job, and stays until the job is over. It survives TERM, which may come before the word is read. */
const ear = [
  `( trap '' 15; IFS= read -r w && [ "$w" = stop ] || exit; : >"$d/stop"; until IFS= read -r j <"$d/job" || ! alive; do sleep 0.05 || sleep 1; done; [ ! "$j" ] || kill -TERM $K "-$j"; while alive; do sleep 0.1 || sleep 1; done ) <&3 2>/dev/null & b=$!`,
  `exec 3<&-; trap 'wait $b; exit 143' 15`,
].join('\n');

/** Prints what the job prints until its end. */
function follow(text: JobText, { taken, number }: Claim): string {
  const endings = [
    '"") ;;',
    `late) hang; ${says(text, `dead ${jobEnds.timedOut}`)}; exit 0;;`,
    `*) hang; ${says(text, '1 %s')} "$r"; exit 0;;`,
  ].join(' ');
  return [
    `o=${taken.stdout} e=${taken.stderr} i=0 w=0.01`,
    'hang() { { kill -KILL $b; wait $b; } 2>/dev/null; }',
    'show() { tail -c +$(($2+1)) "$d/$1" | head -c $(($3-$2)); }',
    'while :; do a=1; alive || a=; r=; [ ! -e "$d/rc" ] || IFS= read -r r <"$d/rc"',
    'set -- $(exec stat -c %s "$d/out" "$d/err" 2>/dev/null)',
    'if [ "${1:-0}" -gt $o ]; then show out $o $1; o=$1; fi; if [ "${2:-0}" -gt $e ]; then show err $e $2 >&2; e=$2; fi',
    `case $r in ${endings} esac`,
    `[ "$a" ] || { hang; ${says(text, `dead ${jobEnds.guardKilled}`)}; exit 0; }`,
    `i=$((i+1)); echo ${number} $i >"$d/here"; sleep $w || sleep 1`,
    'case $w in 0.01) w=0.02;; 0.02) w=0.05;; 0.05) w=0.1;; 0.1) [ $i -lt 20 ] || w=0.2;; esac',
    'done',
  ].join('\n');
}

/**
 * The text that gives up a job whose result has been taken. Where a frame may still come the empty directory stays for the
 * guard to remove, so that such a frame starts nothing. Else the directory goes first: a guard without one ends by itself, but nobody
 * removes one without a guard.
 */
export function releaseScript(name: string): string {
  return [
    findDirectory(name),
    '[ "$d" ] || exit 0',
    alive,
    'if [ -e "$d/again" ]; then rm -f "$d/out" "$d/err"; else alive || p=; rm -rf "$d"; [ ! "$p" ] || kill "$p"; fi',
  ].join('\n');
}
