import type { Placement } from '../connection/connection.ts';
import { changedMeanwhile, identityFormat, newCall, putCall, temporaryToken } from '../connection/host-functions.ts';
import { quote } from '../connection/quote.ts';

export {
  changedMeanwhile,
  identityFormat,
  nothingThere,
  putCall,
  temporaryToken,
} from '../connection/host-functions.ts';
export { recordStart, sectionMark } from '../connection/probe-functions.ts';
export { quote } from '../connection/quote.ts';

/**
 * sh text that puts in place what the host itself makes, as the connection does with what is sent. `write` is sh text that writes
 * the content to its standard output and fails when it cannot; paths in it are absolute. The text ends with
 * {@link changedMeanwhile} when something else is there than `placement` says.
 */
export function placeCommand(destination: string, write: string, placement: Placement): string {
  return `( ${newCall(destination, placement)} || exit
{ ${write}
} >&9 || exit
${write === ':' ? '' : flush}${putCall(placement)} )`;
}

/** Has the content on the disk before the name leads to it: otherwise a power cut leaves a file without content in its place. */
const flush = `kplay_e=$({ exec dd if=/dev/null conv=fsync >&9; } 2>&1) || { kplay_fail "$kplay_e"; exit; }
`;

/**
 * sh text that removes a file, or a link, as long as it still is what was read: `identity`. The text ends with
 * {@link changedMeanwhile} when it is not.
 */
export function removeCommand(path: string, identity: string): string {
  return `( kplay_begin ${quote(path)} ${temporaryToken()} || exit
kplay_lock; kplay_o=$(TZ=UTC0; export TZ; exec stat -c '${identityFormat}' "./$kplay_n" 2>/dev/null)
[ "$kplay_o" = ${quote(identity)} ] || { kplay_fail "$kplay_n was changed by somebody else"; exit ${changedMeanwhile}; }
rm -f "./$kplay_n" )`;
}
