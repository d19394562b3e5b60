import type { Host } from '../../../runner/module/contract.ts';
import { ModuleFailure } from '../../../runner/module/contract.ts';
import { linesOf, section } from '../probe.ts';
import { missingEntries, removalWords, updateWords } from './changes.ts';
import type { DnfArguments } from './command.ts';
import { dnfCall } from './command.ts';
import type { DnfState } from './state.ts';
import { entriesOf, readDnf, runDnf, stateOf, unlessMute } from './state.ts';
import type { RpmVersion } from './versions.ts';
import { isMeant } from './versions.ts';

/**
 * Reads rpm's and dnf's state. Where dnf may go on without a package, it is asked what it would leave out, and that is no change: with
 * skip_broken, and for updates, which are known before it is known what they depend on. In check mode it is asked whether it could do the
 * rest, too. It is answered that it is not to do it. Throws {@link ModuleFailure} with its words then when no repository has a package, or
 * what it depends on, and when a package is protected.
 */
export async function probeDnf(args: DnfArguments, host: Host): Promise<DnfState> {
  const state = await readDnf(args, host);
  if (stateOf(args) === 'absent') {
    const words = removalWords(args, state);
    if (host.checkMode && words.length > 0) await tryOut('remove', words, args, host);
    return state;
  }
  const missing = missingEntries(args, state);
  const asks = missing.length > 0 && (host.checkMode || args.skip_broken);
  const installed = asks ? withoutLeftOut(state, missing, await tryOut('install', missing, args, host)) : state;
  if (installed.updates.length === 0) return installed;
  // What is missing is not installed yet, which dnf 5 does not update.
  const words = updateWords(args, installed).filter((word) => !missing.includes(word));
  if (words.length === 0 && !entriesOf(args).includes('*')) return installed;
  return withoutIdleUpdates(installed, await tryOut('update', words, args, host));
}

/** What dnf says that it would do, none where it cannot be asked. */
async function tryOut(
  command: 'install' | 'remove' | 'update',
  words: readonly string[],
  args: DnfArguments,
  host: Host,
): Promise<string> {
  const trial = `${unlessMute}
x=$(${dnfCall(args, command, words, '--assumeno')} 2>&1 </dev/null); kplay_rc=$?; printf '%s\n' "$x"; exit $kplay_rc`;
  const sections = await runDnf(args, host, [
    section(
      'trial',
      `( ${trial}
) || echo @failed`,
    ),
  ]);
  const [said, failed] = (sections.get('trial') ?? '').split(/^@failed$/m) as [string, string?];
  // What it could do, it shows before it gives up for the answer.
  if (failed === undefined || /^Transaction Summary/m.test(said) || !host.checkMode) return said;
  const packages = words.filter((word) => !word.startsWith('--'));
  throw new ModuleFailure(`${packages.length === 0 ? 'update' : `package ${packages.join(', ')}`}: ${reason(said)}`);
}

function withoutLeftOut(state: DnfState, missing: readonly string[], said: string): DnfState {
  const { everything, packages, entries, words } = leftOutOf(said);
  const left = missing.filter(
    (entry) => everything || entries.has(entry) || packages.some((one) => entry === one.name || isMeant(entry, one)),
  );
  if (left.length === 0) return state;
  const requests = new Map(
    [...state.requests].map(([entry, one]) => [entry, left.includes(entry) ? { ...one, leftOut: true } : one]),
  );
  return { ...state, requests, leftOut: [...state.leftOut, `${left.join(', ')}: ${words}`] };
}

function withoutIdleUpdates(state: DnfState, said: string): DnfState {
  const { everything, packages, words } = leftOutOf(said);
  const idle = state.updates.filter(({ name }) => everything || packages.some((one) => one.name === name));
  if (idle.length === 0) return state;
  const names = idle.map(({ name }) => name);
  const updates = state.updates.filter((update) => !idle.includes(update));
  return { ...state, updates, leftOut: [...state.leftOut, `updates of ${names.join(', ')}: ${words}`] };
}

/** What of a transaction dnf would go on without: by its table, or all of it. */
function leftOutOf(said: string): {
  readonly everything: boolean;
  readonly packages: readonly RpmVersion[];
  readonly entries: ReadonlySet<string>;
  readonly words: string;
} {
  const packages: RpmVersion[] = [];
  for (const [, table = ''] of said.matchAll(/^Skipping packages.*:\n((?: .*\n)*)/gm)) {
    for (const [, name = '', arch = '', evr = ''] of table.matchAll(/^ (\S+)\s+(\S+)\s+(\S+)\s/gm)) {
      const [, epoch = '0', version = '', release = ''] = /^(?:(\d+):)?([^-]+)-(.+)$/.exec(evr) ?? [];
      packages.push({ name, epoch, version, release, arch });
    }
  }
  const unmatched = [...said.matchAll(/^No match for argument: (\S+)$/gm)].map(([, entry = '']) => entry);
  const lines = linesOf(said).map((line) => line.trim());
  const words = lines
    .filter((line) => /^(- |No match for argument: )/.test(line))
    .map((line) => line.replace(/^- /, ''));
  return {
    everything: /^Nothing to do\.?$/m.test(said),
    packages,
    entries: new Set(unmatched),
    words: [...new Set(words)].join('; ') || 'nothing to do',
  };
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
