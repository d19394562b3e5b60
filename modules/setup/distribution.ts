import type { Mapping } from '../../runner/value.ts';
import type { FactCollector } from './collector.ts';
import type { Told } from './distribution-files.ts';
import { distributionFiles } from './distribution-files.ts';
import { familyOf } from './os-family.ts';
import { parseReleaseLine, ReleaseFiles, releaseFilesReading } from './release-files.ts';

/** Name, version, release and family of the distribution. */
export const distribution: FactCollector = {
  name: 'distribution',
  subset: 'distribution',
  shares: [releaseFilesReading],
  script: '',
  parse: (_output, _known, more) => parseDistribution(new ReleaseFiles(more?.shared(releaseFilesReading) ?? '')),
};

function parseDistribution(files: ReleaseFiles): Mapping {
  const facts: Mapping = guess(files);
  for (const file of distributionFiles) {
    const text = files.text(file.path);
    if (text === undefined || (text === '' && !file.mayBeEmpty)) continue;
    const told = file.read(text, files, String(facts.distribution_version));
    if (!told) continue;
    facts.distribution = file.variety;
    facts.distribution_file_path = file.path;
    facts.distribution_file_variety = file.variety;
    if (!file.mayBeEmpty) facts.distribution_file_parsed = true;
    Object.assign(facts, factsOf(told));
    break;
  }
  facts.os_family = familyOf(String(facts.distribution), files.osRelease);
  return facts;
}

function factsOf(told: Told): Mapping {
  const facts: Mapping = {};
  if (told.distribution !== undefined) facts.distribution = told.distribution;
  if (told.version !== undefined) facts.distribution_version = told.version;
  if (told.major !== undefined) facts.distribution_major_version = told.major;
  if (told.minor !== undefined) facts.distribution_minor_version = told.minor;
  if (told.release !== undefined) facts.distribution_release = told.release;
  if (told.searched !== undefined) facts.distribution_file_search_string = told.searched;
  return facts;
}

/** What os-release and the like say by themselves. */
function guess(files: ReleaseFiles): Mapping {
  const id = idOf(files);
  const version = versionOf(id, files) || 'NA';
  return {
    distribution: names[id] ?? `${id.slice(0, 1).toUpperCase()}${id.slice(1)}`,
    distribution_version: version,
    distribution_release: releaseOf(files),
    distribution_major_version: version.split('.')[0] || 'NA',
  };
}

const names: Readonly<Record<string, string>> = { '': 'OtherLinux', amzn: 'Amazon', rhel: 'Redhat' };

function idOf(files: ReleaseFiles): string {
  const written = files.osRelease.get('ID') || files.releaseLine()?.[0] || '';
  const id = written.toLowerCase().replaceAll(' ', '_');
  return { ol: 'oracle', 'opensuse-leap': 'opensuse', redhat: 'rhel' }[id] ?? id;
}

function versionOf(id: string, files: ReleaseFiles): string {
  const { osRelease } = files;
  const said = [
    osRelease.get('VERSION_ID') ?? '',
    files.releaseLine()?.[1].version ?? '',
    parseReleaseLine(osRelease.get('PRETTY_NAME') ?? '')?.version ?? '',
  ];
  // Only these say more elsewhere than in os-release.
  if (id === 'centos') return mostExact(said).split('.').slice(0, 2).join('.');
  const debianVersion = files.text('/etc/debian_version')?.split('\n')[0] ?? '';
  if (id === 'debian') return mostExact([...said, debianVersion]);
  const like = (osRelease.get('ID_LIKE') ?? '').split(' ');
  return [...said, like.includes('debian') ? debianVersion : ''].find((version) => version !== '') ?? '';
}

/** The version with the most parts; of those with as many, the first. */
function mostExact(versions: readonly string[]): string {
  const parts = (version: string): number => version.split('.').length;
  return versions.reduce((best, version) => (best === '' || parts(version) > parts(best) ? version : best), '');
}

function releaseOf(files: ReleaseFiles): string {
  const { osRelease } = files;
  // An empty name is the answer of a system that has none.
  const named = osRelease.get('VERSION_CODENAME') ?? osRelease.get('UBUNTU_CODENAME');
  if (named !== undefined) return named;
  const [, inBrackets, afterComma] = /\((\D+)\)|,\s*(\D+)/.exec(osRelease.get('VERSION') ?? '') ?? [];
  return inBrackets || afterComma || files.releaseLine()?.[1].codename || 'NA';
}
