import type { Host } from '../../../runner/module/contract.ts';
import { ModuleFailure } from '../../../runner/module/contract.ts';
import { linesOf, section } from '../probe.ts';
import { missingEntries, removalWords } from './changes.ts';
import type { DnfArguments } from './command.ts';
import { dnfCall } from './command.ts';
import type { DnfState } from './state.ts';
import { readDnf, runDnf, stateOf, unlessMute } from './state.ts';

/**
 * Reads rpm's and dnf's state. In check mode dnf is asked as well whether it could install what is missing, or remove what is there, and
 * answered that it is not to. Throws {@link ModuleFailure} with its words when no repository has a package, or what it depends on, and when a
 * package is protected.
 */
export async function probeDnf(args: DnfArguments, host: Host): Promise<DnfState> {
  const state = await readDnf(args, host);
  if (!host.checkMode) return state;
  if (stateOf(args) === 'absent') await tryOut('remove', removalWords(args, state), args, host);
  else await tryOut('install', missingEntries(args, state), args, host);
  return state;
}

async function tryOut(
  command: 'install' | 'remove',
  words: readonly string[],
  args: DnfArguments,
  host: Host,
): Promise<void> {
  if (words.length === 0) return;
  const trial = `${unlessMute}
x=$(${dnfCall(args, command, words, '--assumeno')} 2>&1 </dev/null) || printf '%s\\n' "$x"`;
  const said = (await runDnf(args, host, [section('trial', trial)])).get('trial');
  // What it could do, it shows before it gives up for the answer.
  if (linesOf(said).length === 0 || /^Transaction Summary/m.test(said!)) return;
  const packages = words.filter((word) => !word.startsWith('--'));
  throw new ModuleFailure(`package ${packages.join(', ')}: ${reason(said!)}`);
}

/** What dnf said, without what it is doing and what options there are. */
function reason(said: string): string {
  const noise =
    /^(Updating and loading|Repositories loaded|Last metadata|You can try|\s+-+\S|.*\b100% \||.*[kMG]?B\/s \|)/;
  return linesOf(said)
    .filter((line) => !noise.test(line))
    .slice(-8)
    .join('\n');
}
