import { temporaryToken } from '../../runner/module/host-files.ts';

/**
 * sh text that makes a directory which only the task's user may enter, and sets `d` to it. It goes when the text ends; what a
 * killed text leaves, the connection removes. It sets traps: in a text that has others it stands in a subshell.
 */
export function scratchDirectory(): string {
  return `kplay_scratch ${temporaryToken()} || exit 1
d=$kplay_d; trap 'rm -rf "$d"' EXIT; trap 'exit 129' HUP; trap 'exit 130' INT; trap 'exit 143' TERM`;
}
