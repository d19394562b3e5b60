import { quote } from './quote.ts';

/**
 * The texts that run on a host. Who is who there, from the channel inwards:
 *
 *   top        what the channel starts; waits for the others
 *   ├ relay    copies the channel's input into a pipe. When the input ends (we closed it, died, or the network says so)
 *   │          it ends what the worker runs: TERM for its process group, KILL two seconds later
 *   └ guard    waits for the keeper and says so when it was killed
 *     └ keeper   starts one worker after the other, waits for each and reports its exit code on both streams
 *       └ worker   a fresh sh in a process group of its own, started before it is needed: it reads one frame from the
 *                  pipe and becomes the command
 *
 * The keeper is bash where there is one, since only bash can make process groups without a terminal (`set -m`);
 * elsewhere util-linux's or busybox's `setsid` makes them, at the price of one more exec per command. A worker started
 * with a plain `&` would ignore SIGINT and SIGQUIT, so without bash it is started by a command substitution, whose
 * output is then the worker's own word on its process id.
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

const endRunning = [
  // Finds the workers by their descent: child of the keeper, child of the guard, which has the relay's parent.
  'exec >/dev/null; a=; r=$(exec sh -c "echo \\$PPID")',
  'for f in /proc/[0-9]*/stat; do IFS= read -r l <"$f" || continue; i=${f#/proc/}; i=${i%/stat}; set -- ${l##*) }; eval "p$i=$2 g$i=$3"; a="$a $i"; done',
  'eval "t=\\$p$r"; w=; for i in $a; do eval "x=\\$p$i"; eval "y=\\${p$x-}"; eval "z=\\${p$y-}"; eval "g=\\$g$i"; if [ "$z" = "$t" ]; then [ "$g" = "$i" ] && w="$w -$g" || w="$w $i"; fi; done',
  'for g in $w; do kill -TERM $g; done; n=0; while [ $n -lt 20 ]; do r=; for g in $w; do kill -0 $g && r=1; done; [ "$r" ] || break; sleep 0.1 || sleep 1; n=$((n+1)); done; for g in $w; do kill -KILL $g; done',
].join('; ');

/** First line sent: read and evaluated by the top shell. `nonce` is what marks the ends of results. */
export function topProgram(nonce: string): string {
  const dead = `printf '\\036%s dead %s\\n' ${nonce} $r`;
  const keeper = `$s $b -c 'IFS= read -r k; eval "$k"'; r=$?; ${dead} >&4; ${dead} >&5`;
  return [
    'exec 4>&1 5>&2 2>/dev/null',
    's=; b=/bin/sh; command -v setsid >/dev/null && s=setsid; command -v bash >/dev/null && b="bash -p"',
    `run() { { exec 4>&- 5>&- 6>&-; cat; ${endRunning}; } | { exec 6>&-; ${keeper}; }; }`,
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
  'while [ "$q" -gt 1 ]; do IFS= read -r l </proc/$q/stat || break; case $l in *"(systemd)"*) z="$z /proc/$q/task/$q/children";; esac; set -- ${l##*) }; q=$2; done',
  'adopted() { c=; for y in $z; do l=; IFS= read -r l <$y; c="$c$l "; done; }',
  'adopted; o=$c',
].join('; ');
const findHolders = [
  'adopted; if [ "$c" != "$o" ]; then for i in $c; do case " $o " in *" $i "*) ;; *) for d in /proc/$i/fd/1 /proc/$i/fd/2',
  'do if [ $d -ef /proc/self/fd/4 ] || [ $d -ef /proc/self/fd/5 ]; then f=left; fi; done;; esac; done; o=$c; fi',
].join('; ');

/** Second line sent: read and evaluated by the keeper. */
export function keeperProgram(nonce: string, shellPath: string): string {
  const shell = quote(shellPath);
  const report = `printf '\\036%s %s %s\\n' ${nonce} $r $f`;
  const leftOver = '{ sleep 0.02; kill -0 -$p; } && { sleep 0.05; kill -0 -$p; } && f=left';
  const finish = `f=-; kill -0 -$p && ${leftOver}; ${findHolders}; ${report} >&4; ${report} >&5; [ $f = - ] || exit 0`;
  // The worker reads nothing when the input has ended: then its parent, the keeper, has no more to do either.
  const read = 'IFS= read -r k || { kill $PPID; exit; }';
  const worker = `'${read}; eval "$k"'`;
  const reporting = `'${read}; echo $$ >&9; exec 9>&-; eval "$k"'`;
  const start = (text: string) => `-c ${text} ${shell} >&4 2>&5 4>&- 5>&-`;
  return [
    's=; command -v setsid >/dev/null && s=setsid',
    adopters,
    `r=ready; f=-; ${report} >&4; ${report} >&5`,
    `if [ "$BASH_VERSION" ]; then set -m; while :; do ${shell} ${start(worker)} & p=$!; wait $p; r=$?; ${finish}; done`,
    `else while p=$(exec $s ${shell} -c ${reporting} ${shell} 9>&1 >&4 2>&5 4>&- 5>&-); r=$?; [ "$p" ]; do ${finish}; done; fi`,
  ].join('; ');
}
