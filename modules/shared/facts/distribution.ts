import type { Mapping } from '../../../runner/value.ts';
import { keyValues, linesOf } from '../probe.ts';
import type { FactCollector } from './collector.ts';

/** Name, version, release and family of the distribution. */
export const distribution: FactCollector = {
  name: 'distribution',
  subset: 'min',
  ids: ['distribution_version', 'distribution_release', 'distribution_major_version', 'os_family'],
  script: `if [ -r /etc/os-release ]; then echo /etc/os-release; cat /etc/os-release; else echo /usr/lib/os-release; cat /usr/lib/os-release 2>/dev/null; fi
echo
echo @debian; value /etc/debian_version
echo @redhat; value /etc/redhat-release`,
  parse: parseDistribution,
};

/** Ansible's names of distributions, by the ID of os-release. */
const names: Readonly<Record<string, string>> = {
  debian: 'Debian',
  ubuntu: 'Ubuntu',
  raspbian: 'Debian',
  linuxmint: 'Linux Mint',
  kali: 'Kali',
  devuan: 'Devuan',
  deepin: 'Deepin',
  uos: 'Uos',
  pop: 'Pop!_OS',
  centos: 'CentOS',
  rhel: 'RedHat',
  rocky: 'Rocky',
  almalinux: 'AlmaLinux',
  fedora: 'Fedora',
  ol: 'OracleLinux',
  amzn: 'Amazon',
  scientific: 'Scientific',
  cloudlinux: 'CloudLinux',
  openeuler: 'openEuler',
  openEuler: 'openEuler',
  euleros: 'EulerOS',
  anolis: 'Anolis',
  alinux: 'Alibaba',
  tencentos: 'TencentOS',
  kylin: 'Kylin Linux Advanced Server',
  'opensuse-leap': 'openSUSE Leap',
  'opensuse-tumbleweed': 'openSUSE Tumbleweed',
  sles: 'SLES',
  alpine: 'Alpine',
  arch: 'Archlinux',
  manjaro: 'Manjaro',
  gentoo: 'Gentoo',
  flatcar: 'Flatcar',
};

const families: readonly (readonly [string, readonly string[]])[] = [
  ['Debian', ['Debian', 'Ubuntu', 'Linux Mint', 'Kali', 'Devuan', 'Deepin', 'Uos', 'Pop!_OS']],
  [
    'RedHat',
    'RedHat CentOS Rocky AlmaLinux Fedora OracleLinux Amazon Scientific CloudLinux openEuler EulerOS Anolis Alibaba TencentOS'.split(
      ' ',
    ),
  ],
  ['RedHat', ['Kylin Linux Advanced Server']],
  ['Suse', ['openSUSE Leap', 'openSUSE Tumbleweed', 'SLES']],
  ['Archlinux', ['Archlinux', 'Manjaro']],
  ['Alpine', ['Alpine']],
  ['Gentoo', ['Gentoo']],
];

function parseDistribution(output: string): Mapping {
  const debianAt = output.indexOf('\n@debian\n');
  const redhatAt = output.indexOf('\n@redhat\n');
  const [file = '', ...lines] = output.slice(0, debianAt).split('\n');
  const debianVersion = output.slice(debianAt + 9, redhatAt).trim();
  const redhatRelease = output.slice(redhatAt + 9).trim();
  const release = parseOsRelease(lines.join('\n'));
  const id = release.get('ID') ?? '';
  const name = names[id] ?? release.get('NAME')?.split(' ')[0] ?? 'NA';
  const version = versionOf(id, release, debianVersion, redhatRelease);
  const [major = '', minor] = version.split('.');
  return {
    distribution: name,
    distribution_version: version === '' ? 'NA' : version,
    distribution_major_version: major === '' ? 'NA' : major,
    ...(name === 'Debian' && minor !== undefined ? { distribution_minor_version: minor } : {}),
    distribution_release: releaseName(release, redhatRelease),
    distribution_file_path: redhatRelease !== '' ? '/etc/redhat-release' : file,
    distribution_file_variety: redhatRelease !== '' ? 'RedHat' : name,
    distribution_file_parsed: release.size > 0,
    os_family: familyOf(name, release),
  };
}

/** The variables of an os-release file, quotes removed. */
export function parseOsRelease(text: string): Map<string, string> {
  const pairs = keyValues(
    linesOf(text)
      .filter((line) => !line.startsWith('#'))
      .join('\n'),
    '=',
  );
  return new Map(
    [...pairs].map(([key, value]) => [key, value.replace(/^(["'])(.*)\1$/, '$2').replace(/\\(.)/g, '$1')]),
  );
}

function versionOf(id: string, release: Map<string, string>, debianVersion: string, redhatRelease: string): string {
  const declared = release.get('VERSION_ID') ?? '';
  if (id === 'debian' && /^\d/.test(debianVersion)) return debianVersion;
  // CentOS says only "7" in os-release; its exact version stands in redhat-release.
  const exact = /release (\d+(?:\.\d+)?)/.exec(redhatRelease)?.[1];
  if (exact?.startsWith(declared)) return exact;
  return declared;
}

function releaseName(release: Map<string, string>, redhatRelease: string): string {
  const codename = release.get('VERSION_CODENAME') || release.get('UBUNTU_CODENAME');
  if (codename) return codename;
  const inBrackets = /\(([^)]+)\)/;
  const name = inBrackets.exec(redhatRelease)?.[1] ?? inBrackets.exec(release.get('VERSION') ?? '')?.[1];
  return name ?? 'NA';
}

function familyOf(name: string, release: Map<string, string>): string {
  const known = families.find(([, members]) => members.includes(name))?.[0];
  if (known) return known;
  const like = (release.get('ID_LIKE') ?? '').split(' ');
  if (like.includes('debian') || like.includes('ubuntu')) return 'Debian';
  if (like.includes('rhel') || like.includes('fedora') || like.includes('centos')) return 'RedHat';
  if (like.includes('suse')) return 'Suse';
  return name;
}
