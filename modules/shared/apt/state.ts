import type { Arguments } from '../../../runner/module/arguments.ts';
import type { Host } from '../../../runner/module/contract.ts';
import { ModuleFailure } from '../../../runner/module/contract.ts';
import { keyValues, parseSections, probePrelude, section } from '../probe.ts';
import { quote, quoteAll } from '../shell-quote.ts';
import type { aptArguments } from './arguments.ts';
import { debQuery } from './deb.ts';
import type { AptCandidate, DpkgPackage, PackageRequest } from './packages.ts';
import { dpkgQuery, parseDpkg, parsePolicy, parseRequest, policyQuery } from './packages.ts';
import { needsPolicy } from './plan.ts';
import { aptPrelude, dpkgFlags, updateScript } from './run.ts';

export type AptArguments = Arguments<typeof aptArguments>;

/** What apt and dpkg know that matters for a task. */
export interface AptState {
  readonly requests: readonly PackageRequest[];
  /** `*`: all packages. */
  readonly everything: boolean;
  readonly packages: readonly DpkgPackage[];
  readonly policy: ReadonlyMap<string, AptCandidate>;
  /** When the lists were refreshed last, in seconds since the epoch; 0 for never. */
  readonly listsTime: number;
  readonly listsUpdated: boolean;
  /** Whether a repository was added or changed since. */
  readonly listsOutdated: boolean;
  /** The host's clock. */
  readonly now: number;
  /** What apt-get says it would do for upgrade, autoremove, autoclean, fixed and build-dep, its complaints included. */
  readonly simulation: string;
  readonly archives: number;
  readonly deb: string;
}

/** Whether a task does anything but refresh the lists. */
export function hasWork(args: AptArguments): boolean {
  return (
    (args.name ?? []).length > 0 ||
    args.deb !== undefined ||
    args.upgrade !== 'no' ||
    args.autoremove ||
    args.autoclean ||
    args.clean ||
    args.state === 'fixed'
  );
}

export function wantsUpdate(args: AptArguments): boolean {
  return args.update_cache ?? args.cache_valid_time > 0;
}

/** What every command of the task begins with. */
export function preludeOf(args: AptArguments): string {
  return aptPrelude({
    lockTimeout: args.lock_timeout,
    dpkgOptions: args.dpkg_options,
    policyRcD: args.policy_rc_d,
  });
}

/** Options of apt-get that a task's arguments ask for. */
export function aptFlags(args: AptArguments): string {
  const flags = ['-o', `DPkg::Lock::Timeout=${args.lock_timeout}`];
  if (args.install_recommends !== undefined) {
    flags.push('-o', `APT::Install-Recommends=${args.install_recommends ? 'yes' : 'no'}`);
  }
  if (args.default_release !== undefined) flags.push('-t', args.default_release);
  if (args.only_upgrade) flags.push('--only-upgrade');
  if (args.allow_downgrade || args.force) flags.push('--allow-downgrades');
  if (args.allow_change_held_packages || args.force) flags.push('--allow-change-held-packages');
  if (args.allow_unauthenticated || args.force) flags.push('--allow-unauthenticated');
  if (args.fail_on_autoremove) flags.push('--no-remove');
  if (args.autoremove) flags.push('--auto-remove');
  if (args.purge) flags.push('--purge');
  return `${dpkgFlags(args.dpkg_options)} ${quoteAll(flags)}`;
}

/** The apt-get operation that is simulated to see what it would do, undefined when there is none. */
export function simulatedOperation(args: AptArguments): string | undefined {
  const names = (args.name ?? []).map((name) => name.trim());
  if (args.upgrade === 'dist' || args.upgrade === 'full') return 'dist-upgrade';
  if (args.upgrade !== 'no' || (args.state === 'latest' && names.includes('*'))) return 'upgrade --with-new-pkgs';
  if (args.state === 'fixed' && names.length === 0) return '-f install';
  if (args.state === 'build-dep' && names.length > 0) return `build-dep ${quoteAll(names)}`;
  if (names.length > 0 || args.deb !== undefined) return undefined;
  if (args.autoclean) return 'autoclean';
  if (args.autoremove) return 'autoremove';
  return undefined;
}

const listsTimeScript = `t=$(stat -c %Y /var/lib/apt/periodic/update-success-stamp 2>/dev/null || echo 0)
l=$(stat -c %Y /var/lib/apt/lists 2>/dev/null || echo 0); [ "$l" -gt "$t" ] && t=$l
ls /var/lib/apt/lists/*_* >/dev/null 2>&1 || t=0
s=$(find /etc/apt/sources.list /etc/apt/sources.list.d /etc/apt/preferences.d -newer /var/lib/apt/lists 2>/dev/null | head -n 1)`;

/** Reads dpkg's and apt's state. Refreshes the lists when asked to, since what is available is not known before. */
export async function readApt(args: AptArguments, host: Host): Promise<AptState> {
  const given = (args.name ?? []).map((name) => name.trim());
  const names = given.filter((name) => name !== '');
  // What a variable without a value leaves.
  if (names.length < given.length && args.state !== 'absent')
    throw new ModuleFailure("No package matching '' is available");
  const everything = names.includes('*');
  const requests = names.filter((name) => name !== '*').map(parseRequest);
  const update = wantsUpdate(args) && hasWork(args) && !host.checkMode;
  const deb =
    args.deb === undefined ? undefined : debQuery(args.deb, host.checkMode ? simulation(args, 'install') : undefined);
  const parts = [
    section('lists', `${listsTimeScript}\necho "time=$t"; [ -n "$s" ] && echo outdated=1; echo "now=$(date +%s)"`),
    // It reads the standard input, which nothing may read before.
    deb ? section('deb', deb.script) : '',
    update ? section('update', updateWhenOld(args)) : '',
    section('dpkg', dpkgQuery(requests)),
    simulateSection(args),
    args.clean ? section('archives', 'ls /var/cache/apt/archives/*.deb 2>/dev/null | grep -c .') : '',
  ];
  const sections = await runApt(host, args, parts, deb?.stdin);
  const lists = keyValues(sections.get('lists'), '=');
  const packages = parseDpkg(sections.get('dpkg'));
  let listsUpdated = (sections.get('update') ?? '').includes('updated=1');
  const open = requests.filter((request) => needsPolicy(request, packages, args.state, args.only_upgrade));
  let policy: ReadonlyMap<string, AptCandidate> = new Map();
  if (open.length > 0 && args.state !== 'build-dep') {
    policy = await askPolicy(host, args, open);
    // The run that added the repository may have been killed before it could refresh the lists.
    if (
      !listsUpdated &&
      !host.checkMode &&
      lists.has('outdated') &&
      open.some((one) => isUnknown(one, packages, policy))
    ) {
      await runApt(host, args, [updateScript(args.update_cache_retries, args.update_cache_retry_max_delay)]);
      listsUpdated = true;
      policy = await askPolicy(host, args, open);
    }
  }
  return {
    requests,
    everything,
    packages,
    policy,
    listsTime: Number(listsUpdated ? lists.get('now') : lists.get('time')) || 0,
    listsUpdated,
    listsOutdated: lists.has('outdated'),
    now: Number(lists.get('now')),
    simulation: sections.get('simulation') ?? '',
    archives: Number((sections.get('archives') ?? '0').trim()) || 0,
    deb: sections.get('deb') ?? '',
  };
}

function isUnknown(
  request: PackageRequest,
  packages: readonly DpkgPackage[],
  policy: ReadonlyMap<string, AptCandidate>,
): boolean {
  const available = policy.get(request.name);
  if (request.version !== undefined) return (available?.versions.length ?? 0) === 0;
  return available === undefined && packages.every((one) => one.name !== request.name);
}

async function askPolicy(
  host: Host,
  args: AptArguments,
  requests: readonly PackageRequest[],
): Promise<ReadonlyMap<string, AptCandidate>> {
  // `name/release` takes its candidate from that release.
  const release = requests.find((request) => request.release !== undefined)?.release ?? args.default_release;
  const sections = await runApt(host, args, [section('policy', policyQuery(requests, release))]);
  return parsePolicy(sections.get('policy'));
}

function updateWhenOld(args: AptArguments): string {
  const update = `${updateScript(args.update_cache_retries, args.update_cache_retry_max_delay)}
echo updated=1`;
  if (args.cache_valid_time <= 0) return update;
  return `${listsTimeScript}
if [ $((t + ${args.cache_valid_time})) -lt "$(date +%s)" ] || [ -n "$s" ]; then
${update}
fi`;
}

function simulateSection(args: AptArguments): string {
  const operation = simulatedOperation(args);
  if (operation === undefined) return '';
  return section('simulation', `${simulation(args, operation)} 2>&1 || { echo; echo "@failed $?"; }`);
}

/** sh text that makes apt-get say what it would do. It refuses what it would refuse, and like that only with -y. */
export function simulation(args: AptArguments, operation: string): string {
  return `apt-get -s -y -q ${aptFlags(args)} ${operation}`;
}

/** sh text that makes apt-get say what it would download. */
export function downloads(args: AptArguments, operation: string): string {
  return `apt-get --print-uris -y -q ${aptFlags(args)} ${operation}`;
}

/** Runs sections behind what every command of the task begins with. Throws {@link ModuleFailure} when one ends the shell. */
export async function runApt(
  host: Host,
  args: AptArguments,
  parts: readonly string[],
  stdin?: string,
): Promise<Map<string, string>> {
  const script = `command -v apt-get >/dev/null 2>&1 || { echo 'this host has no apt-get' >&2; exit 127; }
${preludeOf({ ...args, policy_rc_d: undefined })}${probePrelude}${parts.filter((part) => part !== '').join('\n')}\nexit 0`;
  const result = await host.run(script, { stdin });
  if (result.rc !== 0) {
    const words = result.stderr.trim().split('\n').slice(-8).join('\n');
    throw new ModuleFailure(words || `apt ended with ${result.rc}`, {
      rc: result.rc,
      stdout: result.stdout,
      stderr: result.stderr,
    });
  }
  return parseSections(result.stdout);
}

/** The command that makes several requests true in one go. */
export function aptCommand(args: AptArguments, operation: string, words: readonly string[]): string {
  return `${preludeOf(args)}apt_run apt-get -y -q ${aptFlags(args)} ${operation} ${words.map(quote).join(' ')}`.trimEnd();
}
