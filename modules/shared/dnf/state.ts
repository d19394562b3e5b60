import type { Host } from '../../../runner/module/contract.ts';
import { ModuleFailure } from '../../../runner/module/contract.ts';
import { hasPassword } from '../http-download.ts';
import { linesOf, parseSections, probePrelude, section } from '../probe.ts';
import { quote, quoteAll } from '../shell-quote.ts';
import type { DnfArguments } from './command.ts';
import { dnfCall, dnfPrelude } from './command.ts';
import type { RpmVersion } from './versions.ts';
import { compareParts, compareRpmVersions, isMeant, parseRpmVersion } from './versions.ts';

/** What rpm knows of one entry of `name`. */
export interface RpmState {
  /** `name version-release.arch` of the installed packages that it means. */
  readonly installed: readonly string[];
  /** The installed package, `name-version-release`, when the entry means an older version of it. */
  readonly newer?: string | undefined;
  /** Whether dnf would go on without the entry (skip_broken). */
  readonly leftOut?: boolean | undefined;
}

/** What matters for a task. */
export interface DnfState {
  readonly program: 'dnf' | 'yum';
  readonly requests: ReadonlyMap<string, RpmState>;
  /** Updates that are to be had for the entries (or for all packages): name and version. */
  readonly updates: readonly { readonly name: string; readonly version: string }[];
  /** Packages that autoremove would remove. */
  readonly unneeded: readonly string[];
  /** What dnf said of repositories whose lists it could not read, and that it went on without. */
  readonly unread: string | undefined;
  /** What dnf said of packages that it would go on without. */
  readonly leftOut: readonly string[];
}

export function stateOf(args: DnfArguments): 'present' | 'absent' | 'latest' {
  if (args.state === undefined) return args.autoremove ? 'absent' : 'present';
  if (args.state === 'installed') return 'present';
  return args.state === 'removed' ? 'absent' : args.state;
}

function rpmRoot(args: DnfArguments): string {
  return args.installroot === '/' ? '' : ` --root ${quote(args.installroot)}`;
}

/** sh text that ends the shell when rpm cannot be asked: what it does not tell is not absent. */
function readableRpm(args: DnfArguments): string {
  return `x=$(rpm${rpmRoot(args)} -q rpm 2>&1 >/dev/null) || case $x in *error:*|*'not found'*) printf '%s\\n' "$x" >&2; exit 1 ;; esac`;
}

const format = "--qf '%{NAME} %{VERSION}-%{RELEASE}.%{ARCH}\\n'";

/** sh text that prints the installed packages that an entry of `name` means; its status tells whether there are any. */
export function installedQuery(entry: string, args: DnfArguments): string {
  const root = rpmRoot(args);
  const word = quote(entry);
  if (entry.startsWith('@')) {
    const group = quote(entry.replace(/^@\^?/, ''));
    const kind = entry.startsWith('@^') ? 'environment' : 'group';
    return `if [ "$kind" = dnf5 ]; then "$dnf" -q ${kind} list --installed ${group} 2>/dev/null | grep -iF -- ${group}
else "$dnf" -q group list --installed -v ${group} 2>/dev/null | grep -iF -- ${group} || "$dnf" -q group list installed -v 2>/dev/null | grep -iF -- ${group}; fi`;
  }
  // rpm prints "is not installed" to standard output.
  const query = (how: string, which: string): string =>
    `x=$(rpm${root} -q${how} ${format} -- ${which} 2>/dev/null) && printf '%s\\n' "$x"`;
  if (isRpmFile(entry)) {
    return `p=$(rpm -qp --nosignature --qf '%{NAME}-%{VERSION}-%{RELEASE}.%{ARCH}' ${word} 2>/dev/null) && [ -n "$p" ] && ${query('', '"$p"')}`;
  }
  if (/[*?[]/.test(entry)) return patternQuery(entry, root);
  return `{ ${query('', word)}; } || { ${query(' --whatprovides', word)}; }`;
}

const epoch = '%|EPOCH?{%{EPOCH}}:{0}|';

/** What dnf compares a pattern with: a name, alone or with epoch, version, release and architecture. */
const patternForms = ['', '-%{VERSION}', '-%{VERSION}-%{RELEASE}', `-${epoch}:%{VERSION}-%{RELEASE}`]
  .flatMap((rest) => [`%{NAME}${rest}`, `%{NAME}${rest}.%{ARCH}`])
  .join(' ');

/** sh text for a pattern. rpm itself would look at names only. What is compared holds no blanks. */
function patternQuery(pattern: string, root: string): string {
  const regular = pattern
    .replace(/[.^$+(){}|\\]/g, '\\$&')
    .replace(/\*/g, '[^ ]*')
    .replace(/\?/g, '[^ ]')
    .replace(/\[!/g, '[^');
  return `rpm${root} -qa --qf '%{NAME} %{VERSION}-%{RELEASE}.%{ARCH} | ${patternForms} \\n' | grep -E ${quote(`\\|.* ${regular} `)} | sed 's/ |.*//' | grep .`;
}

const versionFormat = `--qf '%{NAME} ${epoch} %{VERSION} %{RELEASE} %{ARCH}\\n'`;

/**
 * sh text for an entry that nothing installed meets: the versions that are installed of the package that it may mean, and
 * for a package file its own version, each behind a word that tells which.
 */
function versionsQuery(entry: string, args: DnfArguments): string {
  // Patterns are dnf's to read, as in Ansible.
  if (entry.startsWith('@') || /[*?[]/.test(entry)) return ':';
  const installed = `x=$(rpm${rpmRoot(args)} -q ${versionFormat} -- "$n" 2>/dev/null) && printf '%s\\n' "$x" | sed 's/^/installed /'`;
  if (isRpmFile(entry)) {
    return `x=$(rpm -qp --nosignature ${versionFormat} ${quote(entry)} 2>/dev/null) && { printf 'candidate %s\\n' "$x"; n=\${x%% *}; ${installed}; }`;
  }
  return `e=${quote(entry)}; for n in "\${e%-*}" "\${e%-*-*}"; do case \${e#"$n"} in -*[0-9]*) ${installed} ;; esac; done`;
}

/** Whether the text of an entry alone tells that it means a newer version than the installed one. */
function isPlainlyNewer(entry: string, { name, epoch, version }: RpmVersion): boolean {
  const wanted = entry.slice(name.length + 1).replace(/-[^-]*$/, '');
  return epoch === '0' && !wanted.includes(':') && compareParts(wanted, version) > 0;
}

function isRpmFile(entry: string): boolean {
  return entry.endsWith('.rpm') && (entry.includes('/') || entry.includes('://'));
}

/** The entries of `name`, without blanks. */
export function entriesOf(args: DnfArguments): string[] {
  return (args.name ?? []).map((entry) => entry.trim()).filter((entry) => entry !== '');
}

/** Reads rpm's and dnf's state. Refreshes the metadata when asked to. */
export async function readDnf(args: DnfArguments, host: Host): Promise<DnfState> {
  const entries = entriesOf(args);
  const named = entries.filter((entry) => entry !== '*');
  if (named.some(hasPassword)) {
    throw new ModuleFailure(
      'dnf would show the user and password of the URL on its command line; download it with get_url, and give the file',
    );
  }
  const latest = stateOf(args) === 'latest';
  const wantsThem = stateOf(args) !== 'absent';
  const parts = [
    readableRpm(args),
    section('program', 'printf "%s\\n" "${dnf##*/}"'),
    ...named.map(
      (entry, index) =>
        section(`entry${index}`, `x=$( ( ${installedQuery(entry, args)} ) </dev/null ); printf '%s\\n' "$x"`) +
        (wantsThem ? section(`versions${index}`, `[ -n "$x" ] || { ${versionsQuery(entry, args)}; } </dev/null`) : ''),
    ),
  ];
  if (args.update_cache && !host.checkMode) {
    // What it could not read, dnf says only when it may speak.
    parts.unshift(
      `c=$(dnf_run makecache $([ "$kind" != yum3 ] || echo fast) 2>&1) || { printf '%s\\n' "$c" >&2; exit 1; }`,
      section('cache', `printf '%s\\n' "$c"`),
    );
  }
  if (latest) {
    const names = entries.includes('*') ? [] : named.filter((entry) => !entry.startsWith('@'));
    parts.push(section('updates', `${dnfCall(args, 'check-update', names)} 2>&1; echo "@rc $?"`));
  }
  if (args.autoremove && entries.length === 0) {
    parts.push(section('unneeded', `dnf_run --assumeno autoremove 2>&1`));
  }
  const sections = await runDnf(args, host, parts);
  return parseDnf(sections, named, await olderEntries(parseVersions(sections, named), args, host));
}

/** Runs sections behind what every command of the task begins with. Throws {@link ModuleFailure} when one ends the shell. */
export async function runDnf(args: DnfArguments, host: Host, parts: readonly string[]): Promise<Map<string, string>> {
  const result = await host.run(`${probePrelude}${dnfPrelude(args)}${parts.join('\n')}\nexit 0`);
  if (result.rc !== 0) {
    const words = (result.stderr.trim() || result.stdout.trim()).split('\n').slice(-8).join('\n');
    throw new ModuleFailure(words || `dnf ended with ${result.rc}`, { rc: result.rc, stderr: result.stderr });
  }
  return parseSections(result.stdout);
}

/** What is known of an entry that nothing installed meets. */
interface Versions {
  readonly installed: RpmVersion;
  readonly candidate: RpmVersion | undefined;
}

function parseVersions(sections: ReadonlyMap<string, string>, entries: readonly string[]): Map<string, Versions> {
  const found = new Map<string, Versions>();
  for (const [index, entry] of entries.entries()) {
    const lines = linesOf(sections.get(`versions${index}`));
    const of = (word: string): RpmVersion | undefined =>
      newest(lines.flatMap((line) => (line.startsWith(`${word} `) ? [line.slice(word.length + 1)] : [])));
    const installed = of('installed');
    if (installed) found.set(entry, { installed, candidate: of('candidate') });
  }
  return found;
}

function newest(lines: readonly string[]): RpmVersion | undefined {
  const versions = lines.map(parseRpmVersion).filter((version) => version !== undefined);
  return versions.sort(compareRpmVersions).at(-1);
}

/**
 * The entries that mean an older version than the installed one, with the installed package. dnf installs an older version in
 * its place without being asked twice, 4 and 5 alike, so this has to be known before. Which version is meant only the
 * repositories can tell; they are asked when an entry looks older.
 */
async function olderEntries(
  versions: ReadonlyMap<string, Versions>,
  args: DnfArguments,
  host: Host,
): Promise<ReadonlyMap<string, string>> {
  const open = [...versions].filter(
    ([entry, { installed, candidate }]) => candidate === undefined && !isPlainlyNewer(entry, installed),
  );
  const available =
    open.length === 0
      ? []
      : await availableVersions(
          open.map(([entry]) => entry),
          args,
          host,
        );
  const older = new Map<string, string>();
  for (const [entry, { installed, candidate }] of versions) {
    const meant = candidate ?? available.filter((one) => one.name === installed.name && isMeant(entry, one)).at(-1);
    if (meant && compareRpmVersions(meant, installed) < 0) {
      older.set(entry, `${installed.name}-${installed.version}-${installed.release}`);
    }
  }
  return older;
}

/** The versions that repositories have of what entries mean, in order. yum 3 and microdnf cannot be asked; yum 3 does not downgrade. */
async function availableVersions(entries: readonly string[], args: DnfArguments, host: Host): Promise<RpmVersion[]> {
  const form = quote('%{name} %{epoch} %{version} %{release} %{arch}\\n');
  const query = `${unlessMute}
dnf_run -q repoquery --qf ${form} ${quoteAll(entries)} || exit`;
  const sections = await runDnf(args, host, [section('available', query)]);
  const versions = linesOf(sections.get('available')).map(parseRpmVersion);
  return versions.filter((version) => version !== undefined).sort(compareRpmVersions);
}

/** sh text that ends the shell where the program cannot be asked without doing anything. */
export const unlessMute = 'case $kind/${dnf##*/} in yum3/*|*/microdnf) exit 0 ;; esac';

/** Parses what the probe printed. */
function parseDnf(
  sections: ReadonlyMap<string, string>,
  entries: readonly string[],
  older: ReadonlyMap<string, string> = new Map(),
): DnfState {
  const updates = sections.get('updates') ?? '';
  const status = /@rc (\d+)\s*$/.exec(updates)?.[1];
  if (status !== undefined && status !== '0' && status !== '100') {
    throw new ModuleFailure(`could not look for updates: ${updates.replace(/@rc.*/s, '').trim()}`);
  }
  return {
    program: (sections.get('program') ?? '').trim() === 'yum' ? 'yum' : 'dnf',
    requests: new Map(
      entries.map((entry, index) => [
        entry,
        { installed: linesOf(sections.get(`entry${index}`)), newer: older.get(entry) },
      ]),
    ),
    updates: parseUpdates(updates),
    unneeded: parseRemovals(sections.get('unneeded') ?? ''),
    leftOut: [],
    unread: unreadRepositories(`${sections.get('cache') ?? ''}\n${updates}`),
  };
}

/** What dnf 4 and dnf 5 say of a repository that they skip since it is `skip_if_unavailable`. */
function unreadRepositories(output: string): string | undefined {
  const lines = linesOf(output);
  const ignored = lines.find((line) => line.startsWith('Ignoring repositories:'));
  const failed = lines.find((line) => line.startsWith('>>> '));
  return ignored ?? failed?.slice(4);
}

function parseUpdates(output: string): { name: string; version: string }[] {
  const found = new Map<string, string>();
  // A line that would be too long goes on in the next one, which is indented.
  for (const line of linesOf(output.replace(/^(\S+)\n\s+(?=\S+\s+\S+\s*$)/gm, '$1 '))) {
    if (/^Obsoleting Packages/i.test(line)) break;
    const match = /^([\w.+-]+)\.([a-z]\w*)\s+(\S+)\s+\S+$/.exec(line.trim());
    // dnf 5 says a version once for each repository that has it.
    if (match) found.set(match[1]!, match[3]!);
  }
  return [...found].map(([name, version]) => ({ name, version }));
}

function parseRemovals(output: string): string[] {
  if (!/^Removing/m.test(output)) return [];
  const table = output.slice(output.search(/^Removing/m)).replace(/^Transaction Summary.*/ms, '');
  return linesOf(table)
    .map((line) => /^ (\S+)\s+([a-z]\w*)\s+\S+/.exec(line)?.[1])
    .filter((name) => name !== undefined);
}
