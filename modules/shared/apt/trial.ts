import type { Host } from '../../../runner/module/contract.ts';
import { ModuleFailure } from '../../../runner/module/contract.ts';
import { section } from '../probe.ts';
import { quoteAll } from '../shell-quote.ts';
import { namedOperation } from './changes.ts';
import { repairable } from './run.ts';
import type { AptArguments, AptState } from './state.ts';
import { readApt, runApt, simulatedOperation, simulation } from './state.ts';
import { unsignedFailure, unsignedSections } from './unsigned.ts';

/**
 * Reads dpkg's and apt's state. In check mode apt-get is asked as well whether it would do what the task comes to: it refuses to
 * put an older version in place of a newer one, to change what is held, to remove what is essential, and what depends on packages
 * that are not to be had. Throws {@link ModuleFailure} with its words then, and for packages of a repository that is not signed.
 */
export async function probeApt(args: AptArguments, host: Host): Promise<AptState> {
  const state = await readApt(args, host);
  if (!host.checkMode || args.deb !== undefined) return state;
  const whole = simulatedOperation(args);
  if (whole !== undefined) {
    const sections = unsignedSections(args, whole);
    if (sections.length > 0) refuseUnsigned(await runApt(host, args, sections));
  } else if (state.requests.length > 0 && !state.everything) await tryOut(args, state, host);
  return state;
}

async function tryOut(args: AptArguments, state: AptState, host: Host): Promise<void> {
  const { verb, words, changes } = namedOperation(args, state);
  if (words.length === 0) return;
  const operation = `${verb} ${quoteAll(words)}`;
  const command = simulation(args, operation);
  const trial = section('trial', `x=$(${command} 2>&1) || printf '%s\\n' "$x" | grep '^E: '`);
  const sections = await runApt(host, args, [trial, ...unsignedSections(args, operation)]);
  const refused = (sections.get('trial') ?? '').trim();
  if (refused !== '' && !new RegExp(repairable).test(refused))
    throw new ModuleFailure(`${changes.at(-1)!.what}: ${refused}`);
  refuseUnsigned(sections);
}

function refuseUnsigned(sections: ReadonlyMap<string, string>): void {
  const failure = unsignedFailure(sections);
  if (failure !== undefined) throw new ModuleFailure(failure);
}
