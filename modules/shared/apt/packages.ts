import { ModuleFailure } from '../../../runner/module/contract.ts';
import { linesOf } from '../probe.ts';
import { quote } from '../shell-quote.ts';

/** What a task asks for: `name`, `name=1.2*`, `name/release`, `name*`. */
export interface PackageRequest {
  /** As written. */
  readonly text: string;
  readonly name: string;
  readonly version: string | undefined;
  readonly release: string | undefined;
  /** Whether the name is a pattern for several packages. */
  readonly pattern: boolean;
}

/** A package in dpkg's database. */
export interface DpkgPackage {
  readonly name: string;
  readonly architecture: string;
  readonly version: string;
  /** installed, config-files, unpacked … */
  readonly status: string;
  readonly held: boolean;
  readonly provides: readonly string[];
}

/** What apt could install. */
export interface AptCandidate {
  readonly candidate: string | undefined;
  readonly versions: readonly string[];
}

/** Reads one entry of `name`. Throws {@link ModuleFailure} when it is none. */
export function parseRequest(text: string): PackageRequest {
  const match = /^([A-Za-z0-9*?[\]][A-Za-z0-9.+_:*?[\]-]*)(?:=([^=/\s]+)|\/(\S+))?$/.exec(text.trim());
  if (!match) throw new ModuleFailure(`not a package name: ${text}`);
  const [, name = '', version, release] = match;
  return { text: text.trim(), name, version, release, pattern: /[*?[]/.test(name) };
}

const queryFormat =
  '${db:Status-Status}\\t${db:Status-Want}\\t${Package}\\t${Architecture}\\t${Version}\\t${Provides}\\n';

/**
 * sh text that prints what dpkg knows of the packages, and of packages that provide them, and ends the shell when dpkg cannot tell.
 * It and {@link policyQuery} stand behind what every command of a task begins with.
 */
export function dpkgQuery(requests: readonly PackageRequest[]): string {
  if (requests.length === 0) return ':';
  const names = requests.map((request) => globToGrep(request.name.split(':')[0]!)).join('|');
  const tab = '\t';
  const expression = `^[^${tab}]*${tab}[^${tab}]*${tab}(${names})${tab}|[${tab} ,](${names})( \\([^)]*\\))?(,|$)`;
  // With 1 it says that there is no package at all.
  return `dpkg-query -W -f=${quote(queryFormat)} >"$kplay_apt/known" || [ $? -eq 1 ] || exit 1
grep -E ${quote(expression)} "$kplay_apt/known"`;
}

function globToGrep(glob: string): string {
  return glob.replace(/[.+]/g, '\\$&').replace(/\*/g, `[^\t ,]*`).replace(/\?/g, `[^\t ,]`);
}

/** Parses what {@link dpkgQuery} printed. */
export function parseDpkg(output: string | undefined): DpkgPackage[] {
  return linesOf(output).map((line) => {
    const [status = '', want = '', name = '', architecture = '', version = '', provides = ''] = line.split('\t');
    const names = provides.split(',').map((entry) => entry.trim().split(/[\s:(]/)[0]!);
    return {
      status,
      held: want === 'hold',
      name,
      architecture,
      version,
      provides: names.filter((entry) => entry !== ''),
    };
  });
}

/** sh text that prints what apt could install, for {@link parsePolicy}, and ends the shell when apt cannot read its sources. */
export function policyQuery(requests: readonly PackageRequest[], release: string | undefined): string {
  const target = release === undefined ? '' : `-t ${quote(release)} `;
  const plain = requests.filter((request) => !request.pattern).map((request) => quote(request.name));
  const patterns = requests.filter((request) => request.pattern);
  const expand = patterns
    .map((request) => `apt-cache pkgnames 2>/dev/null | grep -xE ${quote(globToGrep(request.name))}`)
    .join('; ');
  const names = expand === '' ? plain.join(' ') : `${plain.join(' ')} $(${expand})`;
  return `set -- ${names}; [ $# -eq 0 ] || apt-cache ${target}policy "$@" 2>"$kplay_err" || { cat "$kplay_err" >&2; exit 1; }`;
}

/** Parses `apt-cache policy`; a package that apt has never heard of is not in it. */
export function parsePolicy(output: string | undefined): Map<string, AptCandidate> {
  const found = new Map<string, { candidate: string | undefined; versions: string[] }>();
  let current: { candidate: string | undefined; versions: string[] } | undefined;
  for (const line of linesOf(output)) {
    const header = /^(\S+):$/.exec(line);
    if (header) {
      current = { candidate: undefined, versions: [] };
      found.set(header[1]!, current);
      continue;
    }
    if (!current) continue;
    const candidate = /^ {2}Candidate: (\S+)/.exec(line);
    if (candidate && candidate[1] !== '(none)') current.candidate = candidate[1];
    // ` *** 1.2 500` for the installed version, `     1.2 500` for others; lines of sources are deeper.
    const version = /^ (?:\*\*\*| {3}) (\S+)(?: -?\d+)?$/.exec(line);
    if (version) current.versions.push(version[1]!);
  }
  return found;
}

/** Whether a text matches a shell pattern (`*`, `?`, `[…]`). */
export function matchesGlob(text: string, glob: string): boolean {
  const body = glob
    .replace(/[.+^${}()|\\]/g, '\\$&')
    .replace(/\*/g, '.*')
    .replace(/\?/g, '.')
    .replace(/\[!/g, '[^');
  return new RegExp(`^${body}$`).test(text);
}

/** The packages of dpkg's database that a request means, those that provide it included when none has its name. */
export function packagesOf(request: PackageRequest, known: readonly DpkgPackage[]): DpkgPackage[] {
  const [name = '', architecture] = request.name.split(':');
  const named = known.filter(
    (candidate) =>
      matchesGlob(candidate.name, name) && (architecture === undefined || candidate.architecture === architecture),
  );
  if (named.some(isInstalled) || request.pattern || request.version !== undefined) return named;
  const providers = known.filter((candidate) => isInstalled(candidate) && candidate.provides.includes(name));
  return providers.length > 0 ? providers : named;
}

/** Whether a package is wholly installed; unpacked and half-configured ones are not. */
export function isInstalled(one: DpkgPackage): boolean {
  return one.status === 'installed' || one.status === 'triggers-awaited' || one.status === 'triggers-pending';
}
