import { sweepFunctions } from './host-functions.ts';
import { textFunctions } from './probe-functions.ts';
import { quote } from './quote.ts';

/*
 * The texts that run on a host. Which processes they are, what they say to each other and in which orders that can come:
 * PROTOCOL.md. What is written here has to be right for every sh there is: bash, dash, busybox, mksh, ksh93, zsh, yash.
 */

/** What is printed by the top shell before it reads, so that the start of our own output can be told from a login script's. */
export function helloOf(token: string): string {
  return `kplay-${token}`;
}

/** How {@link topProgram} begins, by which it is known when a login prints it instead of running it. */
export const topBeginning = '[ -e /proc/self/stat ]';

/**
 * The command to start: it holds no quote, backslash, newline or exclamation mark inside the quotes, so that csh and
 * fish as login shells hand it on unchanged. It evaluates line after line, the first of which says nothing (see
 * {@link topProgram}).
 */
export function bootCommand(shell: string, token: string): string {
  return `${shellWords(shell)} -c 'echo ${helloOf(token)};while IFS= read -r k;do eval "$k";done'`;
}

/**
 * The same without a dollar sign, which `sudo -i` leaves to the other user's login shell, while it keeps all else from that. What tr makes
 * is `"$k"`.
 */
export function dollarlessBootCommand(shell: string, token: string): string {
  return `${shellWords(shell)} -c 'echo ${helloOf(token)};while IFS= read -r k;do eval eval \`echo cekc|tr a-f " -%"\`;done'`;
}

/**
 * sh text that reports something: to both streams, after what commands have printed there. No program is started for it, as printf
 * is one in some shells. The mark stands nowhere in what is sent: a login that sends it back reports nothing.
 */
function report(words: string, stdout: string, stderr: string): string {
  const line = `echo "\x1e$N ${words}"`;
  return `${line}${stdout}; ${line}${stderr}`;
}

/** The words that start a shell so that it reads none of the files that users keep for their own shells. */
function shellWords(shell: string): string {
  const name = shell.slice(shell.lastIndexOf('/') + 1);
  if (name === 'bash') return `${quote(shell)} --norc -p`;
  // On its own zsh does not split what a variable holds into words.
  return name === 'zsh' ? `${quote(shell)} --emulate sh -f` : quote(shell);
}

/**
 * Sets K to what stands before the number of a process group. Where a shell has no kill of its own (posh) the program takes -1234
 * for option 1, and so for everybody; shells do not all know `--`.
 */
export const groupWord = 'K=; PATH=/ kill -0 $$ 2>/dev/null || K=--';

/** For parentheses: ksh93 makes no process for them otherwise, and what a command does to itself would be done to the runner. */
const ownProcess = 'case ${KSH_VERSION-} in (Version*) ulimit -S -c $(ulimit -S -c);; esac';

/**
 * Waits until the parent does. ksh93 forks late, and has to come out of its parentheses in the parent: a signal for the process group
 * in that moment ends them there, before the child has ended and with 15 for its code.
 */
const parentWaits =
  'case ${KSH_VERSION-} in (Version*) while IFS= read -r e </proc/$$/stat; do case $e in *") "[RDt]" "*) ;; *) break;; esac; done;; esac';

/**
 * Gives yash, which reads characters only, a locale that has all of them, where the login sets none; what it starts has it, too.
 * Messages stay as they are.
 */
const allCharacters = [
  '[ ! "${YASH_VERSION-}" ] || case ${LC_ALL:-${LC_CTYPE:-${LANG-}}} in *[uU][tT][fF]-8|*[uU][tT][fF]8) ;; *)',
  '[ ! "${LC_ALL-}" ] || { LANG=$LC_ALL; unset LC_ALL; export LANG; };',
  "LC_CTYPE=$(locale -a 2>/dev/null | sed -n '/[uU][tT][fF]-*8$/{p;q;}'); export LC_CTYPE;; esac",
].join(' ');

/**
 * mksh keeps a copy, for what it forks, of the first descriptor that exec closes or replaces: before any that somebody waits for the end
 * of, it is given one that nobody does.
 */
export const firstDescriptor = 'case ${KSH_VERSION-} in (@*) exec 9</dev/null; exec 9<&-;; esac';

/** Whether two names mean one file; posh's own `[` does not tell. */
const sameFile = 'same() { [ "$1" -ef "$2" ]; }; same . . 2>/dev/null || same() { env [ "$1" -ef "$2" ]; }';

/**
 * sh functions that read /proc. Names of processes are anybody's text: only numbers are taken from a line, those behind
 * the last parenthesis.
 */
const readProcesses = [
  // Sets q to the parent and g to the process group of a process, and e to the line that begins with its number.
  'about() { e=; q=; g=; IFS= read -r e </proc/$1/stat; set -- ${e##*\\) }; q=${2-}; g=${3-}; }',
  // Sets l to the children of a process.
  'kids() { l=; if [ -e /proc/$1/task/$1/children ]; then IFS= read -r l </proc/$1/task/$1/children; else y=; for f in $(set +f; echo /proc/[0-9]*); do about ${f#/proc/}; [ "$q" = "$1" ] && y="$y ${f#/proc/}"; done; l=$y; fi; }',
];

/**
 * The sh function that ends what runs: TERM for the runner's process group, KILL two seconds later. It goes on until nobody
 * is left who may start more, since what had been sent before the end may still be started. Descriptor 3 is the pipe
 * that frames come from.
 *
 * The runner is found by descent (relay's parent, guard, keeper, runner), and, where somebody of these was killed, by the
 * pipe: who reads it and does not hold it as descriptor 8 too is a runner or a command that reads raw bytes.
 */
const endRunning = [
  sameFile,
  groupWord,
  ...readProcesses,
  // Without process groups there are only the processes that descend from the command's.
  'tree() { kids $1; for j in $l; do w="$w $j"; tree $j; done; }',
  'add() { about $1; if [ "$g" = "$1" ]; then w="$w -$1"; elif [ "$g" != "$o" ]; then w="$w -$g"; else tree $1; fi; }',
  // Whose parent has ended has another one, who is none of us.
  'chain() { about $P; [ "$g" = "$o" ] || return; kids $P; for a in $l; do [ "$a" = "$L" ] && continue; u=1; kids $a; for b in $l; do kids $b; for c in $l; do add $c; done; done; done; }',
  'scan() { [ -p /proc/self/fd/3 ] || [ -S /proc/self/fd/3 ] || return; for f in $(set +f; echo /proc/[0-9]*); do i=${f#/proc/}; if same $f/fd/0 /proc/self/fd/3; then u=1; same $f/fd/8 /proc/self/fd/3 || add $i; elif same $f/fd/1 /proc/self/fd/3; then kill -KILL $i; fi; done; }',
  'look() { w=; u=; [ "$m" ] || chain; [ "$m$u$n" != 0 ] || m=1; [ ! "$m" ] || scan; }',
  'stop() { set -f; n=0; k=; while look; [ "$u" ] && [ $n -lt 50 ]; do for h in $w; do case " $k " in *" $h "*) [ $n -lt 20 ] || kill -KILL $K $h;; *) kill -TERM $K $h; k="$k $h";; esac; done; sleep 0.1 || sleep 1; n=$((n+1)); done; }',
].join('; ');

/**
 * sh text that copies the channel's input to standard output, in place of the shell when `exec` stands before the programs. busybox's cat
 * holds back what it reads from a socket (sendfile).
 */
export function copyInput(before: '' | 'exec '): string {
  return `if [ -p /dev/fd/0 ]; then ${before}cat; else ${before}dd bs=65536; fi`;
}

/**
 * Names the pipe as descriptor 3 without being one of those that write into it. ksh93 makes pipes of sockets, which cannot be opened:
 * there, what runs is found by descent only.
 */
const holdPipe = 'command exec 3</proc/self/fd/1 || exec 3<&-; exec >/dev/null';

/**
 * What is sent first, for the top shell and the keeper. `nonce` is what marks the ends of results; `shellPath` the program that runs
 * scripts.
 */
export function startProgram(nonce: string, shellPath: string): string {
  const [first, ...rest] = keeperProgram(nonce, shellPath);
  return [topProgram(nonce, readLine(first, 'k')), first, ...rest, ''].join('\n');
}

/** bash text that reads a line whose length is known: at once, where all else is read byte by byte. */
function readLine(line: string, variable: string): string {
  return `LC_ALL=C IFS= read -r -N ${Buffer.byteLength(line) + 1} ${variable}`;
}

/**
 * What the top shell evaluates. A start-up file of the login shell that reads a line of its standard input takes the empty one.
 * `readKeeper` is bash text that reads what the keeper evaluates.
 */
function topProgram(nonce: string, readKeeper: string): string {
  const relay = [
    'exec 4>&- 5>&- 6>&-',
    'kplay_sweep; about self; L=${e%% *} P=$q',
    // The pipe has ended for its readers only when the relay's parent holds it no more either.
    `( ${ownProcess}; ${copyInput('')}; ${holdPipe}; about self; if [ "$q" = $L ]; then about $L; [ "$q" = $P ] || m=1; kill -KILL $L; else m=1; fi; kplay_sweep $P; stop; set +f; kplay_sweep )`,
    // Only when the relay was killed.
    `${holdPipe}; m=1; stop; set +f; kplay_sweep`,
  ].join('; ');
  const guard = [
    // Shells as ksh hand on only the descriptors that the command names; dash says where its errors go that the keeper was killed.
    `exec 6>&- 8<&0; $s $b -c 'exec 2>&5; if [ "$BASH_VERSION" ]; then ${readKeeper}; else IFS= read -r k; fi; eval "$k"' ${keeperName} 4>&4 5>&5 8<&8; r=$?`,
    '[ $r = 0 ] || { exec 3<&0 </dev/null 8<&-; m=1; stop; set +f; kplay_sweep; }',
    report('dead $r', ' >&4', ' >&5'),
  ].join('; ');
  return [
    `\n${topBeginning} || { echo "/proc is needed, and is not there" >&2; exit 1; }; exec 4>&1 5>&2`,
    allCharacters,
    's=; b=/bin/sh; command -v setsid >/dev/null && s=setsid; command -v bash >/dev/null && b="bash --norc -p"',
    `N=${nonce}; ${endRunning}; ${sweepFunctions}; m=; about self; o=$g`,
    `run() { { ${relay}; } | { ${guard}; }; }`,
    // Sockets, and pipes of another user, cannot be opened by `>/dev/stderr`: then pipes of our own go between.
    '{ if (: >/dev/fd/4; : >/dev/fd/5); then run; else { run 4>&6 5>&1 | cat >&5 4>&- 6>&-; } 6>&1 | cat >&4 5>&-; fi; } 2>/dev/null; exit',
  ].join('; ');
}

/** The keeper's name for itself, by which it knows that a text is for it. */
const keeperName = 'keeper';

/**
 * A daemon has left the process group, but may hold our output. It has become a child of init then (or of a user's
 * systemd), so only their new children need a look. Where the kernel does not list children there is no look.
 */
const findAdopters = [
  'q=$PPID; z=/proc/1/task/1/children',
  'while [ "$q" -gt 1 ]; do IFS= read -r l </proc/$q/stat || break; case $l in *sh\\)*|*\\(sshd*|*\\(sudo\\)*|*\\(su\\)*) ;; *) z="$z /proc/$q/task/$q/children";; esac; set -- ${l##*\\) }; q=$2; done',
].join('; ');
/** Sets c to the children of {@link findAdopters}, and o to those of now. */
const lookAtAdopters = [
  'adopted() { c=; for y in $z; do l=; IFS= read -r l <$y; c="$c$l "; done; }',
  'adopted; o=$c',
].join('; ');
const findHolders = [
  'adopted; if [ "$c" != "$o" ]; then for i in $c; do case " $o " in *" $i "*) ;; *) for d in /proc/$i/fd/1 /proc/$i/fd/2',
  'do if same $d /proc/self/fd/4 || same $d /proc/self/fd/5; then f=left; fi; done;; esac; done; o=$c; fi',
].join('; ');

/** The runner's exit codes: why it has ended. Any other means that it was killed, or could not go on. */
export const runnerEnd = {
  /** Its command has ended, and may have left something behind. */
  look: 3,
  /** The input has ended, or what comes there is not ours. */
  input: 4,
  /** The keeper is gone: nobody waits for it. */
  orphan: 5,
} as const;

/** Reads a frame's text into k; one that is cut off is never run. */
const readText = ((): string => {
  // With a mark the text comes by dd, else line by line.
  const byDd = [
    'k=$(dd bs=$n count=1 iflag=fullblock 2>/dev/null); case $k in *"$s") ;;',
    '*) echo "the script did not arrive whole (dd is needed)" >&5; i=f k="exit 255";; esac',
  ].join(' ');
  const byLine = `k=; while [ $l -gt 0 ]; do IFS= read -r s || exit ${runnerEnd.input}; k=$k$s$e; l=$((l-1)); done`;
  const byBytes = `LC_ALL=C IFS= read -r -N $n k || exit ${runnerEnd.input}`;
  return `if [ "$BASH_VERSION" ]; then ${byBytes}; elif [ "$s" ]; then ${byDd}; else ${byLine}; fi`;
})();

/** Sets e to a line end, out of IFS as shells set it: a command substitution would be a process. */
const lineEnd = 'e=${IFS#??}; [ ${#e} = 1 ] || { e=$(printf "\\n_"); e=${e%_}; }';
/** In POSIX mode bash reads byte by byte; texts are run in it, as bash does when it is /bin/sh. */
const readMode = '[ ! "$BASH_VERSION" ] || set +o posix';
const runMode = '[ ! "$BASH_VERSION" ] || set -o posix; [ $i != n ] || exec </dev/null; set --';

/**
 * What the runner does; it reads the nonce from descriptor 3, since command lines can be seen by all. Its arguments are the
 * keeper's process id, which may be another process's once the keeper is gone (so who holds the pipe is asked, too), the functions that texts find (probe-functions.ts), and
 * who adopts: they are the keeper's, and to find them costs a shell that reads byte by byte as much as its own start.
 */
const runner = [
  `${firstDescriptor}; IFS= read -r N <&3; exec 3<&-; kplay_keeper=$1 kplay_shell=$0 kplay_functions=$2; eval "$2"`,
  // mksh has aliases of its own, r among them.
  `unalias -a; ${readMode}; ${lineEnd}; z=$3; ${lookAtAdopters}`,
  'a=; [ -e /proc/1/task/1/children ] || a=1',
  // Programs that only root may read hide what they hold.
  'kept() { [ /proc/$kplay_keeper/fd/8 -ef /proc/self/fd/0 ]; }; kept || kept() { kill -0 $kplay_keeper; }',
  // Signals for the group end the command; the runner stays to tell, so that who ignores TERM is found and killed. It reads no more
  // then: busybox 1.38 never comes back from a read behind a signal.
  'v=; trap "v=1" HUP INT QUIT ALRM TERM USR1 USR2',
  'while IFS=" " read -r u x n l i s && [ "$u" = "$N" ]',
  `do ${readText}; kept || exit ${runnerEnd.orphan}`,
  // No variable of ours is left when the script starts, but for those that it may use.
  `( ${ownProcess}; ${parentWaits}; exec 2>&5 5>&-; ${runMode}; unset -f adopted kept; unset N u x n l i s e a q z o c y r d v; eval "unset k; $k" )`,
  // A signal's number is added to 256 in ksh93 and to 384 in yash.
  `r=$?; [ $r -lt 256 ] || r=$((r%128+128)); [ "$v" ] || adopted; kept || exit ${runnerEnd.orphan}`,
  'd=-; [ ! "$a$v" ] && [ "$c" = "$o" ] || d=more',
  report('$x $r $d', '', ' >&5'),
  `[ $d = - ] || exit ${runnerEnd.look}`,
  // Raw bytes may be left unread.
  `case $i$r in n*|s*|r0) ;; *) exit ${runnerEnd.input};; esac`,
  `done; exit ${runnerEnd.input}`,
].join('; ');

/** What the keeper does when the runner p has ended with code r. */
const afterRunner = ((): string => {
  const leftOver = '{ sleep 0.02; kill -0 $K -$p; } && { sleep 0.05; kill -0 $K -$p; } && f=left';
  const look = `f=-; kill -0 $K -$p && ${leftOver}; ${findHolders}; ${report('$f', ' >&4', ' >&5')}; [ $f = - ] || exit 0`;
  // What was killed reads no more, and nobody does in its place: a frame is run once or not at all.
  const stop =
    '[ $r != 0 ] || r=1; n=0; while kill -0 $K -$p && [ $n -lt 40 ]; do [ $n != 0 ] || kill -TERM $K -$p; [ $n -lt 20 ] || kill -KILL $K -$p; sleep 0.1 || sleep 1; n=$((n+1)); done; exit $r';
  return `case $r in ${runnerEnd.look}) ${look};; ${runnerEnd.input}) exit 0;; *) ${stop};; esac`;
})();

/** Three lines, read by the keeper. The second are the functions that texts find, the third is evaluated by a bash only. */
function keeperProgram(nonce: string, shellPath: string): [string, string, string] {
  const start = `${shellWords(shellPath)} -c '${runner}' ${quote(shellPath)} $$ "$F" "$z"`;
  // With `&` and no job control it would ignore SIGINT and SIGQUIT; a command substitution's child does not.
  // A process reads its own number, which it keeps.
  const inSession = `$(echo $N | { ${ownProcess}; exec 3<&0 <&8 8<&-; IFS= read -r e </proc/self/stat; echo \${e%% *}; exec $s ${start} >&4 3<&3 5>&5 2>/dev/null 4>&-; })`;
  const inGroup = `${start} 3< <(echo $N) >&4 2>/dev/null 4>&- 8<&-`;
  const group = `set -m; while :; do ${inGroup} & p=$!; wait $p; r=$?; ended; done`;
  const everywhere = [
    `[ "$0" = ${keeperName} ] || { echo "a start-up file of the login shell reads standard input, and took what was sent" >&2; exit 1; }`,
    's=; command -v setsid >/dev/null && s=setsid',
    sameFile,
    groupWord,
    `${findAdopters}; ${lookAtAdopters}`,
    `N=${nonce}; ended() { ${afterRunner}; }; ${report('ready', ' >&4', ' >&5')}; exec 2>/dev/null`,
    `if [ "$BASH_VERSION" ]; then ${readLine(textFunctions, 'F')}; ${readLine(group, 'k')}; eval "$k"; else IFS= read -r F; IFS= read -r k; fi`,
    `while :; do p=${inSession}; r=$?; ended; done`,
  ].join('; ');
  return [everywhere, textFunctions, group];
}
