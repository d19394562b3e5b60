import type { Placement } from '../connection/connection.ts';
import { newCall, putCall } from '../connection/host-functions.ts';

export {
  changedMeanwhile,
  identityFormat,
  nothingThere,
  putCall,
  temporaryToken,
} from '../connection/host-functions.ts';
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
${putCall(placement)} )`;
}
