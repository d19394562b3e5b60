import type { Arguments } from '../../../runner/module/arguments.ts';
import type { Host } from '../../../runner/module/contract.ts';
import { ModuleFailure } from '../../../runner/module/contract.ts';
import { hasPassword } from '../http-download.ts';
import { linesOf, parseSections, probePrelude, section } from '../probe.ts';
import { quote, quoteAll } from '../shell-quote.ts';
import type { dnfArguments } from './arguments.ts';

export type DnfArguments = Arguments<typeof dnfArguments>;

/** What rpm knows of one entry of `name`. */
export interface RpmState {
  /** `name version-release.arch` of the installed packages that it means. */
  readonly installed: readonly string[];
}

/** What matters for a task. */
export interface DnfState {
  readonly program: 'dnf' | 'yum';
  readonly requests: ReadonlyMap<string, RpmState>;
  /** Updates that are to be had for the entries (or for all packages): name and version. */
  readonly updates: readonly { readonly name: string; readonly version: string }[];
  /** Packages that autoremove would remove. */
  readonly unneeded: readonly string[];
}

export function stateOf(args: DnfArguments): 'present' | 'absent' | 'latest' {
  if (args.state === undefined) return args.autoremove ? 'absent' : 'present';
  if (args.state === 'installed') return 'present';
  return args.state === 'removed' ? 'absent' : args.state;
}

/** sh text that sets $dnf to the program, and `dnf_run`, which waits for a lock that another process holds. */
export function dnfPrelude(args: DnfArguments): string {
  const forced = args.use_backend === 'yum' ? 'yum' : args.use_backend === 'auto' ? '' : 'dnf';
  return `dnf=${forced || '$(command -v dnf || command -v yum || command -v microdnf)'}
[ -n "$dnf" ] && command -v "$dnf" >/dev/null 2>&1 || { echo 'this host has neither dnf nor yum' >&2; exit 127; }
case $("$dnf" --version 2>/dev/null | head -n 1) in 3.*) yum3=1 ;; *) yum3= ;; esac
dnf_run() {
  kplay_end=$(($(date +%s) + ${args.lock_timeout}))
  while :; do
    "$dnf" --setopt=exit_on_lock=1 "$@"; kplay_rc=$?
    [ $kplay_rc -eq 200 ] && [ "$(date +%s)" -lt $kplay_end ] || return $kplay_rc
    sleep 2
  done
}
`;
}

/** Options that a task's arguments ask for, as words of sh. */
export function dnfFlags(args: DnfArguments): string {
  const flags: string[] = [];
  const each = (name: string, values: readonly string[] | undefined): void => {
    for (const value of values ?? []) flags.push(`--${name}=${value}`);
  };
  each('disablerepo', args.disablerepo);
  each('enablerepo', args.enablerepo);
  each('exclude', args.exclude);
  each('disableplugin', args.disable_plugin);
  each('enableplugin', args.enable_plugin);
  if (args.disable_excludes !== undefined) flags.push(`--disableexcludes=${args.disable_excludes}`);
  if (args.conf_file !== undefined) flags.push('-c', args.conf_file);
  if (args.installroot !== '/') flags.push(`--installroot=${args.installroot}`);
  if (args.releasever !== undefined) flags.push(`--releasever=${args.releasever}`);
  if (args.disable_gpg_check) flags.push('--nogpgcheck');
  if (args.cacheonly) flags.push('-C');
  if (args.skip_broken) flags.push('--skip-broken');
  if (!args.sslverify || !args.validate_certs) flags.push('--setopt=sslverify=0');
  if (args.security) flags.push('--security');
  if (args.bugfix) flags.push('--bugfix');
  const modern: string[] = [];
  if (args.allowerasing) modern.push('--allowerasing');
  if (args.nobest) modern.push('--nobest');
  if (!args.install_weak_deps) modern.push('--setopt=install_weak_deps=False');
  // yum 3 knows none of these.
  const conditional = modern.length === 0 ? '' : ` $([ -n "$yum3" ] || echo ${modern.join(' ')})`;
  return quoteAll(flags) + conditional;
}

function rpmRoot(args: DnfArguments): string {
  return args.installroot === '/' ? '' : ` --root ${quote(args.installroot)}`;
}

const format = "--qf '%{NAME} %{VERSION}-%{RELEASE}.%{ARCH}\\n'";

/** sh text that prints the installed packages that an entry of `name` means; its status tells whether there are any. */
export function installedQuery(entry: string, args: DnfArguments): string {
  const root = rpmRoot(args);
  const word = quote(entry);
  if (entry.startsWith('@')) {
    const group = quote(entry.replace(/^@\^?/, ''));
    return `"$dnf" -q group list --installed -v ${group} 2>/dev/null | grep -iF -- ${group} || "$dnf" -q group list installed -v 2>/dev/null | grep -iF -- ${group}`;
  }
  if (isRpmFile(entry)) {
    return `p=$(rpm -qp --nosignature --qf '%{NAME}-%{VERSION}-%{RELEASE}.%{ARCH}' ${word} 2>/dev/null) && [ -n "$p" ] && rpm${root} -q ${format} -- "$p" 2>/dev/null`;
  }
  if (/[*?[]/.test(entry)) return `rpm${root} -qa ${format} ${word} | grep .`;
  // rpm prints "is not installed" to standard output.
  const query = (how: string): string =>
    `x=$(rpm${root} -q${how} ${format} -- ${word} 2>/dev/null) && printf '%s\\n' "$x"`;
  return `{ ${query('')}; } || { ${query(' --whatprovides')}; }`;
}

function isRpmFile(entry: string): boolean {
  return entry.endsWith('.rpm') && (entry.includes('/') || entry.includes('://'));
}

/** The entries of `name`, without blanks. */
export function entriesOf(args: DnfArguments): string[] {
  return (args.name ?? []).map((entry) => entry.trim()).filter((entry) => entry !== '');
}

/** Reads rpm's and dnf's state. Refreshes the metadata when asked to. */
export async function probeDnf(args: DnfArguments, host: Host): Promise<DnfState> {
  const entries = entriesOf(args);
  const named = entries.filter((entry) => entry !== '*');
  if (named.some(hasPassword)) {
    throw new ModuleFailure(
      'dnf would show the user and password of the URL on its command line; download it with get_url, and give the file',
    );
  }
  const latest = stateOf(args) === 'latest';
  const flags = dnfFlags(args);
  const parts = [
    section('program', 'printf "%s\\n" "${dnf##*/}"'),
    ...named.map((entry, index) => section(`entry${index}`, `( ${installedQuery(entry, args)} ) </dev/null`)),
  ];
  if (args.update_cache && !host.checkMode) {
    parts.unshift(`dnf_run -q ${flags} makecache \${yum3:+fast} >/dev/null || exit 1`);
  }
  if (latest) {
    const names = entries.includes('*') ? '' : quoteAll(named.filter((entry) => !entry.startsWith('@')));
    parts.push(section('updates', `dnf_run -q ${flags} check-update ${names} 2>&1; echo "@rc $?"`));
  }
  if (args.autoremove && entries.length === 0) {
    parts.push(section('unneeded', `dnf_run ${flags} --assumeno autoremove 2>&1`));
  }
  const result = await host.run(`${probePrelude}${dnfPrelude(args)}${parts.join('\n')}\nexit 0`);
  if (result.rc !== 0) {
    const words = (result.stderr.trim() || result.stdout.trim()).split('\n').slice(-8).join('\n');
    throw new ModuleFailure(words || `dnf ended with ${result.rc}`, { rc: result.rc, stderr: result.stderr });
  }
  return parseDnf(parseSections(result.stdout), named);
}

/** Parses what the probe printed. */
export function parseDnf(sections: ReadonlyMap<string, string>, entries: readonly string[]): DnfState {
  const updates = sections.get('updates') ?? '';
  const status = /@rc (\d+)\s*$/.exec(updates)?.[1];
  if (status !== undefined && status !== '0' && status !== '100') {
    throw new ModuleFailure(`could not look for updates: ${updates.replace(/@rc.*/s, '').trim()}`);
  }
  return {
    program: (sections.get('program') ?? '').trim() === 'yum' ? 'yum' : 'dnf',
    requests: new Map(entries.map((entry, index) => [entry, { installed: linesOf(sections.get(`entry${index}`)) }])),
    updates: parseUpdates(updates),
    unneeded: parseRemovals(sections.get('unneeded') ?? ''),
  };
}

function parseUpdates(output: string): { name: string; version: string }[] {
  const found: { name: string; version: string }[] = [];
  for (const line of linesOf(output)) {
    if (/^Obsoleting Packages/i.test(line)) break;
    const match = /^([\w.+-]+)\.(noarch|x86_64|i[3-6]86|aarch64|ppc64le|s390x|armv7hl)\s+(\S+)\s+\S+$/.exec(
      line.trim(),
    );
    if (match) found.push({ name: match[1]!, version: match[3]! });
  }
  return found;
}

function parseRemovals(output: string): string[] {
  const table = output.slice(Math.max(0, output.search(/^Removing/m)));
  if (!/^Removing/m.test(output)) return [];
  return linesOf(table)
    .map((line) => /^ (\S+)\s+(noarch|x86_64|i[3-6]86|aarch64|ppc64le|s390x)\s+\S+/.exec(line)?.[1])
    .filter((name) => name !== undefined);
}
