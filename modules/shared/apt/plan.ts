import type { Change } from '../../../runner/module/contract.ts';
import { ModuleFailure } from '../../../runner/module/contract.ts';
import { linesOf } from '../probe.ts';
import type { AptCandidate, DpkgPackage, PackageRequest } from './packages.ts';
import { isInstalled, matchesGlob, packagesOf } from './packages.ts';

/** A package that is to be installed or brought to another version, with apt-get's word for it. */
export interface PackageStep {
  readonly word: string;
  readonly name: string;
  readonly before: string | undefined;
  readonly after: string;
}

/** Whether apt has to be asked what it could install, because dpkg's answer does not settle the request. */
export function needsPolicy(
  request: PackageRequest,
  known: readonly DpkgPackage[],
  state: string,
  onlyUpgrade: boolean,
): boolean {
  if (state === 'absent') return false;
  const installed = packagesOf(request, known).filter(isInstalled);
  if (state === 'latest' || request.pattern || request.release !== undefined) return true;
  if (installed.length === 0) return !onlyUpgrade;
  return request.version !== undefined && !installed.some((one) => matchesGlob(one.version, request.version!));
}

/** The steps that make a request true for `present` and `latest`. Throws {@link ModuleFailure} when apt has no such package. */
export function installSteps(
  request: PackageRequest,
  known: readonly DpkgPackage[],
  policy: ReadonlyMap<string, AptCandidate>,
  options: { readonly latest: boolean; readonly onlyUpgrade: boolean },
): PackageStep[] {
  if (request.pattern) return patternSteps(request, known, policy, options);
  const installed = packagesOf(request, known).find(isInstalled);
  if (!installed && options.onlyUpgrade) return [];
  if (request.version !== undefined) return pinnedSteps(request, installed, policy);
  if (installed && !options.latest && request.release === undefined) return [];
  const available = policy.get(request.name);
  if (!installed && !available) throw new ModuleFailure(`No package matching '${request.name}' is available`);
  // A virtual package that is provided has no candidate of its own and cannot be newer.
  const candidate = available?.candidate;
  if (installed && (candidate === undefined || candidate === installed.version)) return [];
  return [{ word: request.text, name: request.name, before: installed?.version, after: candidate ?? 'installed' }];
}

function pinnedSteps(
  request: PackageRequest,
  installed: DpkgPackage | undefined,
  policy: ReadonlyMap<string, AptCandidate>,
): PackageStep[] {
  if (installed && matchesGlob(installed.version, request.version!)) return [];
  const versions = policy.get(request.name)?.versions ?? [];
  const version = versions.find((candidate) => matchesGlob(candidate, request.version!));
  if (version === undefined) {
    const hint = versions.length > 0 ? ` (available: ${versions.slice(0, 5).join(', ')})` : '';
    throw new ModuleFailure(`no available installation candidate for ${request.text}${hint}`);
  }
  return [{ word: `${request.name}=${version}`, name: request.name, before: installed?.version, after: version }];
}

function patternSteps(
  request: PackageRequest,
  known: readonly DpkgPackage[],
  policy: ReadonlyMap<string, AptCandidate>,
  options: { readonly latest: boolean; readonly onlyUpgrade: boolean },
): PackageStep[] {
  const names = [...policy.keys()].filter((name) => matchesGlob(name, request.name));
  if (names.length === 0) throw new ModuleFailure(`No package(s) matching '${request.name}' available`);
  return names.flatMap((name) => {
    const one: PackageRequest = { ...request, text: name, name, pattern: false };
    // Names that apt only knows of, without a version to install, are not meant by a pattern.
    const isReal = policy.get(name)?.candidate !== undefined;
    return isReal ? installSteps(one, known, policy, options) : [];
  });
}

/** Installed packages that a request for `absent` removes; with `purge` also those of which only configuration is left. */
export function packagesToRemove(
  request: PackageRequest,
  known: readonly DpkgPackage[],
  purge: boolean,
): DpkgPackage[] {
  const [name = '', architecture] = request.name.split(':');
  return known.filter(
    (one) =>
      matchesGlob(one.name, name) &&
      (architecture === undefined || one.architecture === architecture) &&
      (request.version === undefined || matchesGlob(one.version, request.version)) &&
      (one.status === 'config-files' ? purge : one.status !== 'not-installed'),
  );
}

/** What `apt-get -s` says that it would do, one change a package; the last one carries the command that does it all. */
export function simulatedChanges(output: string | undefined, command: string): Change[] {
  const changes: Change[] = [];
  for (const line of linesOf(output)) {
    const install = /^Inst (\S+) (?:\[([^\]]*)\] )?\((\S+)/.exec(line);
    const remove = /^(?:Remv|Purg) (\S+)(?: \[([^\]]*)\])?/.exec(line);
    const configure = /^Conf (\S+)/.exec(line);
    const deleted = /^Del (\S+) (\S+)/.exec(line);
    if (install) changes.push({ what: `package ${install[1]}`, before: install[2] || undefined, after: install[3] });
    else if (remove) changes.push({ what: `package ${remove[1]}`, before: remove[2] || 'installed' });
    else if (deleted) changes.push({ what: `archive of ${deleted[1]}`, before: deleted[2] });
    else if (configure && !changes.some((change) => change.what === `package ${configure[1]}`)) {
      changes.push({ what: `package ${configure[1]}`, before: 'not configured', after: 'configured' });
    }
  }
  return withCommand(changes, command);
}

/** Gives the last change the one command that makes them all. */
export function withCommand(changes: readonly Change[], command: string): Change[] {
  return changes.map((change, index) => (index === changes.length - 1 ? { ...change, command } : change));
}
