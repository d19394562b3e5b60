import { print } from './host-functions.ts';
import { quote } from './quote.ts';
import { copyInput, firstDescriptor } from './shell-program.ts';

/*
 * sh texts that start a program on a terminal of its own, for those that refuse to do without (`requiretty` of sudo), or that ask for
 * a password nowhere else (doas). script(1) makes the terminal. Only the program's controlling terminal is one: its three streams
 * stay the channel's, so that what runs behind it finds what it finds everywhere. Each text is one line.
 */

/** Streams 6, 7 and 8, which pass by the terminal, as the program's own. */
const ownStreams = '<&6 >&7 2>&8 6<&- 7>&- 8>&-';

/** sh text that runs another with `shell` on a new terminal; script(1) would hand it to the user's login shell. */
function script(shell: string, text: string): string {
  // ksh hands on only the descriptors that are named.
  return `SHELL=${quote(shell)} script -q -c ${quote(text)} /dev/null 6<&6 7>&7 8>&8`;
}

/** Where there is no script(1) the program runs as before, and says itself what it lacks. */
function unlessMissing(plain: string): string {
  return `command -v script >/dev/null || { ${plain}; exit; }; exec 6<&0 7>&1 8>&2`;
}

/** sh text that runs `plain`, a command, on a terminal that nothing is read from. */
export function onTerminal(shell: string, plain: string): string {
  return `${unlessMissing(plain)}; ${script(shell, `${plain} ${ownStreams}`)} </dev/null >/dev/null 2>&8; exit`;
}

/**
 * The same for `command`, which asks on its terminal: the first line of the channel's input is typed there, the rest is the
 * program's input. What it asks comes on the channel's errors. `plain` runs where there is no script(1).
 */
export function typedOnTerminal(shell: string, command: string, plain: string): string {
  // The line is written only when it was asked for, or behind the program's first word, when nobody reads it any more.
  const type = `{ rm -r "$d"; ${print}; IFS= read -r p; kplay_print "$p" >&9; echo >&9; p=; ${copyInput('exec ')}; } <&6 >"$d/s" 2>/dev/null 7>&- 8>&- 9>"$d/k" &`;
  const text = `stty -echo; ${command} ${ownStreams}`;
  // What it says behind the question, a line end, may come when the program has long been at work.
  const question = '{ dd bs=512 count=1 >&8 2>/dev/null; cat >/dev/null; }';
  return [
    firstDescriptor,
    unlessMissing(plain),
    'd=$(mktemp -d) && mkfifo "$d/s" "$d/k" || exit',
    `${type} exec 6<"$d/s" <"$d/k"; ${script(shell, text)} 2>&8 | ${question}; exec 2>/dev/null; kill $!; exit`,
  ].join('; ');
}
