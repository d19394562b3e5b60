/** Families of distributions, by Ansible's names of them. */
const families: Readonly<Record<string, readonly string[]>> = {
  Debian: [
    'Debian',
    'Ubuntu',
    'Raspbian',
    'Neon',
    'KDE neon',
    'Linux Mint',
    'Linux Mint Debian Edition',
    'SteamOS',
    'Devuan',
    'Kali',
    'Cumulus Linux',
    'Pop!_OS',
    'Parrot',
    'Pardus GNU/Linux',
    'Uos',
    'Deepin',
    'OSMC',
    'Univention Corporate Server',
  ],
  RedHat: [
    'RedHat',
    'RHEL',
    'Fedora',
    'CentOS',
    'Scientific',
    'SLC',
    'Ascendos',
    'CloudLinux',
    'PSBM',
    'OracleLinux',
    'OVS',
    'OEL',
    'Amazon',
    'Amzn',
    'Virtuozzo',
    'XenServer',
    'Alibaba',
    'EulerOS',
    'openEuler',
    'AlmaLinux',
    'Rocky',
    'TencentOS',
    'EuroLinux',
    'Kylin Linux Advanced Server',
    'MIRACLE',
  ],
  Suse: [
    'SuSE',
    'SLES',
    'SLED',
    'SLES_SAP',
    'SUSE_LINUX',
    'SL-Micro',
    'ALP-Dolomite',
    'openSUSE',
    'openSUSE Leap',
    'openSUSE MicroOS',
    'openSUSE Tumbleweed',
  ],
  Archlinux: ['Archlinux', 'Antergos', 'Manjaro'],
  Mandrake: ['Mandrake', 'Mandriva'],
  Gentoo: ['Gentoo', 'Funtoo'],
  ClearLinux: ['Clear Linux OS', 'Clear Linux Mix'],
};

const byName: ReadonlyMap<string, string> = new Map(
  Object.entries(families).flatMap(([family, names]) => names.map((name) => [name, family] as const)),
);

/**
 * Families by what os-release says in ID and ID_LIKE. Ansible does not look at these: it takes each distribution that it
 * does not know for a family of its own, so that a child of Ubuntu or RHEL is nothing that a playbook knows.
 */
const byId: ReadonlyMap<string, string> = new Map([
  ['debian', 'Debian'],
  ['ubuntu', 'Debian'],
  ['rhel', 'RedHat'],
  ['fedora', 'RedHat'],
  ['centos', 'RedHat'],
  ['rocky', 'RedHat'],
  ['almalinux', 'RedHat'],
  ['anolis', 'RedHat'],
  ['openeuler', 'RedHat'],
  ['hce', 'RedHat'],
  ['opencloudos', 'RedHat'],
  ['tencentos', 'RedHat'],
  ['suse', 'Suse'],
  ['opensuse', 'Suse'],
  ['arch', 'Archlinux'],
  ['gentoo', 'Gentoo'],
]);

/** The family of a distribution: Ansible's, else that of the first relative in os-release that is known, else its own name. */
export function familyOf(name: string, osRelease: ReadonlyMap<string, string>): string {
  // UnionTech's server is made of rpm packages, its desktop of Debian's; only the server names its platform.
  if (name === 'Uos' && osRelease.has('PLATFORM_ID')) return 'RedHat';
  const known = byName.get(name);
  if (known) return known;
  const relatives = `${osRelease.get('ID') ?? ''} ${osRelease.get('ID_LIKE') ?? ''}`.toLowerCase().split(/\s+/);
  for (const id of relatives) if (byId.has(id)) return byId.get(id)!;
  return name;
}
