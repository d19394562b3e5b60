import type { Host } from '../../../runner/module/contract.ts';
import { ModuleFailure } from '../../../runner/module/contract.ts';
import { section } from '../probe.ts';
import { quoteAll } from '../shell-quote.ts';
import { namedOperation } from './changes.ts';
import { repairable } from './run.ts';
import type { AptArguments, AptState } from './state.ts';
import { readApt, runApt, simulatedOperation, simulation } from './state.ts';

/**
 * Reads dpkg's and apt's state. In check mode apt-get is asked as well whether it would do what the task comes to: it refuses to
 * put an older version in place of a newer one, to change what is held, to remove what is essential, and what depends on packages
 * that are not to be had. Throws {@link ModuleFailure} with its words then.
 */
export async function probeApt(args: AptArguments, host: Host): Promise<AptState> {
  const state = await readApt(args, host);
  const isNamed = state.requests.length > 0 && simulatedOperation(args) === undefined;
  if (host.checkMode && isNamed && args.deb === undefined && !state.everything) await tryOut(args, state, host);
  return state;
}

async function tryOut(args: AptArguments, state: AptState, host: Host): Promise<void> {
  const { verb, words, changes } = namedOperation(args, state);
  if (words.length === 0) return;
  const command = simulation(args, `${verb} ${quoteAll(words)}`);
  const trial = section('trial', `x=$(${command} 2>&1) || printf '%s\\n' "$x" | grep '^E: '`);
  const refused = ((await runApt(host, args, [trial])).get('trial') ?? '').trim();
  if (refused === '' || new RegExp(repairable).test(refused)) return;
  throw new ModuleFailure(`${changes.at(-1)!.what}: ${refused}`);
}
