import type { Host } from '../../runner/module/contract.ts';
import { ModuleFailure } from '../../runner/module/contract.ts';
import type { FileAttributeArguments } from './attributes.ts';
import { unknownNames } from './attributes.ts';
import type { FileState } from './file-state.ts';

/**
 * What check mode says of a task that a run would refuse as the host is now: since nothing of the play is done, an earlier task may
 * be about to put it right. `what` is a sentence, `remedy` what that task would do.
 */
export function unlessEarlier(what: string, remedy: string): string {
  return `${what} (an earlier task may ${remedy})`;
}

/**
 * Warnings of check mode for a file that is to be made, or given other attributes: its folder, owner and group must be there by then.
 * Throws {@link ModuleFailure} when something else stands where a folder should be.
 */
export function placeWarnings(
  args: FileAttributeArguments,
  state: FileState,
  host: Pick<Host, 'checkMode'>,
  { makesFolder = false }: { readonly makesFolder?: boolean } = {},
): string[] {
  if (!host.checkMode) return [];
  if (state.blocked) throw new ModuleFailure(`${state.path}: Not a directory`, { path: state.path });
  const names = unknownNames(args, state).map((words) => unlessEarlier(words, 'make it'));
  return makesFolder ? names : [...folderWarnings(state, host), ...names];
}

/** The warning of check mode for what is to be made in a folder that is not there. */
export function folderWarnings(state: FileState, host: Pick<Host, 'checkMode'>): string[] {
  if (!host.checkMode || state.inFolder) return [];
  const folder = state.path.slice(0, state.path.lastIndexOf('/')) || '/';
  return [unlessEarlier(`there is no directory ${folder}`, 'make it')];
}
