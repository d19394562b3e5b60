import { hostFunctions, sweepFunctions } from './host-functions.ts';
import { quote } from './quote.ts';

/**
 * The texts that run on a host. Who is who there, from the channel inwards:
 *
 *   top        what the channel starts; waits for the others
 *   ├ relay    copies the channel's input into a pipe. When the input ends (we closed it, died, or the network says so)
 *   │          it ends what the worker runs: TERM for its process group, KILL two seconds later
 *   └ guard    waits for the keeper and says so when it was killed
 *     └ keeper   starts one runner after the other, waits for each and reports how its last command ended
 *       └ runner   in a process group of its own: reads one frame after the other from the pipe, runs each in a copy of
 *                  itself, and reports its exit code on both streams
 *
 * The keeper is bash where there is one, since only bash can make process groups without a terminal (`set -m`). The runner is
 * the host's sh: a copy of dash is a quarter of what a fresh shell costs. It goes on as long as nothing of a command is left:
 * what is left over becomes a child of init (or of a user's systemd), so when those have new children the runner ends with the
 * command's exit code, and the keeper looks at the runner's process group and at who holds its output.
 *
 * Without bash, util-linux's or busybox's `setsid` makes the groups and each command gets a fresh sh (the worker), at the price
 * of two execs. A worker started with a plain `&` would ignore SIGINT and SIGQUIT, so it is started by a command substitution,
 * whose output is then the worker's own word on its process id.
 *
 * A frame is a line of words and a text. The words: the nonce, the text's bytes and lines, `r` when raw bytes follow that the
 * text reads itself, else `n`, and, for a long text, a mark that stands at its end. What does not begin with the nonce is never run.
 * Texts find two variables: `kplay_keeper`, the process id to kill when raw bytes are left unread, and `kplay_shell`, the shell
 * for texts that are the user's; and the functions of host-functions.ts. Those travel as one line to the keeper, which hands them
 * on as `$1`: the runner evaluates them once, a worker when the text names one. The relay removes what dead shells left.
 */

/** What is printed by the top shell before it reads, so that the start of our own output can be told from a login script's. */
export function helloOf(token: string): string {
  return `kplay-${token}`;
}

/**
 * The command to start: it holds no quote, backslash, newline or exclamation mark inside the quotes, so that csh and
 * fish as login shells hand it on unchanged.
 */
export function bootCommand(shell: string, token: string): string {
  return `${quote(shell)} -c 'echo ${helloOf(token)};IFS= read -r k;eval "$k"'`;
}

/**
 * What the relay does when its input has ended. The workers are found by their descent: children of the keeper, which is a
 * child of the guard, which has the relay's parent. It goes on until the guard is gone, since what had been sent before
 * the end may still be started.
 */
const endRunning = [
  'exec >/dev/null; set -f; r=$(exec sh -c "echo \\$PPID"); IFS= read -r l </proc/$r/stat; set -- ${l##*) }; t=$2; n=0; k=; set +f; kplay_sweep $t; set -f',
  // Names of processes are anybody's text: only numbers are taken from what is read of processes that are not ours.
  'kids() { l=; if [ -e /proc/$1/task/$1/children ]; then IFS= read -r l </proc/$1/task/$1/children; else q=$1; set +f; for f in /proc/[0-9]*/stat; do parent "$f" "$q"; done; set -f; fi; }',
  'parent() { e=$l; i=${1#/proc/}; l=; IFS= read -r l <"$1"; set -f; set -- "$2" ${l##*) }; set +f; l=$e; [ "${3-}" = "$1" ] && l="$l ${i%/stat}"; }',
  'look() { w=; u=; kids $t; for a in $l; do [ "$a" = "$r" ] && continue; u=1; kids $a; for b in $l; do kids $b; for c in $l; do e=; IFS= read -r e </proc/$c/stat; set -- ${e##*) }; [ "${3-}" = "$c" ] && w="$w -$c" || w="$w $c"; done; done; done; }',
  'while look; [ "$u" ] && [ $n -lt 50 ]; do for g in $w; do case " $k " in *" $g "*) [ $n -lt 20 ] || kill -KILL $g;; *) kill -TERM $g; k="$k $g";; esac; done; sleep 0.1 || sleep 1; n=$((n+1)); done',
].join('; ');

/** First line sent: read and evaluated by the top shell. `nonce` is what marks the ends of results. */
export function topProgram(nonce: string): string {
  const dead = `printf '\\036%s dead %s\\n' ${nonce} $r`;
  const keeper = `$s $b -c 'IFS= read -r k; eval "$k"'; r=$?; ${dead} >&4; ${dead} >&5`;
  return [
    'exec 4>&1 5>&2 2>/dev/null',
    's=; b=/bin/sh; command -v setsid >/dev/null && s=setsid; command -v bash >/dev/null && b="bash -p"',
    sweepFunctions,
    // busybox's cat holds back what it reads from a socket (sendfile).
    `run() { { exec 4>&- 5>&- 6>&-; kplay_sweep; if [ -p /dev/fd/0 ]; then cat; else dd bs=65536; fi; ${endRunning}; set +f; kplay_sweep; } | { exec 6>&-; ${keeper}; }; }`,
    // Sockets, and pipes of another user, cannot be opened by `>/dev/stderr`: then pipes of our own go between.
    'if (: >/dev/fd/4; : >/dev/fd/5); then run; else { run 4>&6 5>&1 | cat >&5 4>&- 6>&-; } 6>&1 | cat >&4 5>&-; fi',
  ].join('; ');
}

/**
 * A daemon has left the process group, but may hold our output. It has become a child of init then (or of a user's
 * systemd), so only their new children need a look. Where the kernel does not list children there is no look.
 */
const adopters = [
  'q=$PPID; z=/proc/1/task/1/children',
  'while [ "$q" -gt 1 ]; do IFS= read -r l </proc/$q/stat || break; case $l in *sh")"*|*"(sshd"*|*"(sudo)"*|*"(su)"*) ;; *) z="$z /proc/$q/task/$q/children";; esac; set -- ${l##*) }; q=$2; done',
  'adopted() { c=; for y in $z; do l=; IFS= read -r l <$y; c="$c$l "; done; }',
  'adopted; o=$c',
].join('; ');
const findHolders = [
  'adopted; if [ "$c" != "$o" ]; then for i in $c; do case " $o " in *" $i "*) ;; *) for d in /proc/$i/fd/1 /proc/$i/fd/2',
  'do if [ $d -ef /proc/self/fd/4 ] || [ $d -ef /proc/self/fd/5 ]; then f=left; fi; done;; esac; done; o=$c; fi',
].join('; ');

/** Reads a frame's text into k, for runner and worker alike; one that is cut off is never run. */
const readText = ((): string => {
  // With a mark the text comes by dd, else line by line.
  const byDd = [
    'k=$(dd bs=$n count=1 iflag=fullblock 2>/dev/null); case $k in *"$s") ;;',
    '*) echo "the script did not arrive whole (dd is needed)" >&5; kill $kplay_keeper; exit 255;; esac',
  ].join(' ');
  const byLine = 'k=; while [ $l -gt 0 ]; do IFS= read -r s || exit 255; k=$k$s$e; l=$((l-1)); done';
  const byBytes = 'LC_ALL=C IFS= read -r -N $n k || exit 255';
  return `if [ "$BASH_VERSION" ]; then ${byBytes}; elif [ "$s" ]; then ${byDd}; else ${byLine}; fi`;
})();

/** Sets e to a line end, out of IFS as shells set it: a command substitution would be a process. */
const lineEnd = 'e=${IFS#??}; [ ${#e} = 1 ] || { e=$(printf "\\n_"); e=${e%_}; }';
/** In POSIX mode bash reads byte by byte; texts are run in it, as bash does when it is /bin/sh. */
const readMode = '[ ! "$BASH_VERSION" ] || set +o posix';
const runMode = '[ ! "$BASH_VERSION" ] || set -o posix; [ $i = r ] || exec </dev/null; set --';

/** What a fresh sh does as the worker: its parent is the keeper, which reads the worker's process id from descriptor 9. */
const worker = [
  'kplay_keeper=$PPID kplay_shell=$0',
  readMode,
  'IFS=" " read -r u n l i s || { kill $PPID; exit; }; echo $$ >&9; exec 9>&-',
  `${lineEnd}; ${readText}; exec 5>&-; case $k in *kplay_*) eval "$1";; esac; ${runMode}`,
  // No other variable of ours is left when the script starts.
  'eval "unset u n l i s e k; $k"',
].join('; ');

/** What the runner does; it reads the nonce from descriptor 3, since command lines can be seen by all. */
const runner = [
  'eval "$1"; IFS= read -r t <&3; exec 3<&-; kplay_keeper=$PPID kplay_shell=$0',
  `${readMode}; ${lineEnd}; ${adopters}`,
  'a=; [ -e /proc/1/task/1/children ] || a=1',
  // Signals for the group end the command; the runner stays to tell, so that who ignores TERM is found and killed.
  'trap : HUP INT QUIT ALRM TERM USR1 USR2',
  'while IFS=" " read -r u n l i s && [ "$u" = "$t" ]',
  `do ${readText}`,
  `( ${runMode}; unset -f adopted; unset t u n l i s e a q z o c y r; eval "unset k; $k" ) 2>&5 5>&-`,
  'r=$?; adopted; [ ! "$a" ] && [ "$c" = "$o" ] || exit $r',
  'printf "\\036%s %s -\\n" $t $r; printf "\\036%s %s -\\n" $t $r >&5',
  // The input has ended, or is not ours: then the keeper has no more to do either.
  'done; kill $kplay_keeper',
].join('; ');

/** Second to fourth line sent: read by the keeper; the third are the functions of texts, the fourth is evaluated by a bash only. */
export function keeperProgram(nonce: string, shellPath: string): string {
  const shell = quote(shellPath);
  const report = `printf '\\036%s %s %s\\n' ${nonce} $r $f`;
  const leftOver = '{ sleep 0.02; kill -0 -$p; } && { sleep 0.05; kill -0 -$p; } && f=left';
  const finish = `f=-; kill -0 -$p && ${leftOver}; ${findHolders}; ${report} >&4; ${report} >&5; [ $f = - ] || exit 0`;
  const everywhere = [
    's=; command -v setsid >/dev/null && s=setsid',
    adopters,
    `r=ready; f=-; ${report} >&4; ${report} >&5`,
    `if [ "$BASH_VERSION" ]; then LC_ALL=C IFS= read -r -N ${hostFunctions.length + 1} g; IFS= read -r k; eval "$k"; else IFS= read -r g; IFS= read -r k; fi`,
    `while p=$(exec $s ${shell} -c '${worker}' ${shell} "$g" 9>&1 >&4 2>&5 4>&-); r=$?; [ "$p" ]; do ${finish}; done`,
  ].join('; ');
  const run = `${shell} -c '${runner}' ${shell} "$g" 3< <(echo ${nonce}) >&4 2>/dev/null 4>&-`;
  return `${everywhere}\n${hostFunctions}\nset -m; while :; do ${run} & p=$!; wait $p; r=$?; ${finish}; done`;
}
