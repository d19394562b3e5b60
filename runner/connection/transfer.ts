import type { Placement } from './connection.ts';
import { readExactly } from './frame.ts';
import { newCall, putCall, withSystemTools } from './host-functions.ts';
import { quote } from './quote.ts';

/** How a text ends that has not read its raw bytes: the shell that they were written to is of no more use. */
const unread = 255;

/**
 * The sh text that receives `size` bytes as the file `destination`, by the functions of host-functions.ts. It writes beside
 * the destination, flushes to the disk, gives the attributes and renames; a link is replaced. It ends with
 * {@link changedMeanwhile} when what is to be replaced is not what `placement` says. On failure it says why on standard error
 * and leaves nothing behind. ksh93 never ends `$(exec dd 2>&1 >&9)`; with the two in this order, and braces, it does.
 */
export function receiveScript(destination: string, size: number, placement: Placement): string {
  // Where there is SELinux a tool of it stands among those.
  return `${withSystemTools}${newCall(destination, placement)} || exit ${unread}
e=$({ ${execLast(readExactly(size, 'conv=fsync'))} >&9; } 2>&1) || { printf '%s\\n' "$e" | grep -v -e '^[0-9]*+[0-9]* records ' -e ' copied, ' >&2; exit ${unread}; }
case $e in ${countsOf(size)}) ;; *) s=$(exec stat -L -c %s /proc/self/fd/0 0>&9); [ "$s" = ${size} ] || { kplay_fail "only part of the file arrived"; exit ${unread}; };; esac
${putCall(placement)}; exit`;
}

/** A single program takes the place of the shell that would wait for it. */
function execLast(command: string): string {
  return command.startsWith('{') ? command : `exec ${command}`;
}

/** A pattern for what dd says of whole and partial blocks when all has come. Where it says it otherwise the size is asked for. */
function countsOf(size: number): string {
  const counts = readExactly(size).match(/(?<=count=)\d+/g)!;
  return `${counts.map((count) => `"${count}+0 "`).join('*')}*`;
}

/** The sh text that prints a file's bytes; fails for what is not a file that can be read. */
export function printScript(source: string): string {
  const path = quote(source);
  return `if [ -d ${path} ]; then printf '%s\\n' ${quote(`${source}: Is a directory`)} >&2; exit 1; fi; exec cat <${path}`;
}
