import type { ReleaseFiles } from './release-files.ts';

/** What a file says of the distribution, as far as it does. */
export interface Told {
  readonly distribution?: string;
  readonly version?: string;
  readonly major?: string;
  readonly minor?: string;
  readonly release?: string;
  /** What was looked for in the file, where Ansible tells it. */
  readonly searched?: string;
}

/** A file that tells the distribution. */
export interface DistributionFile {
  readonly path: string;
  /** Ansible's name of this kind of file. */
  readonly variety: string;
  /** Whether the file's being there is enough, and it is not read. */
  readonly mayBeEmpty?: boolean;
  /** What it says, undefined when it is not of this kind. `version` is what is known without it. */
  read(text: string, files: ReleaseFiles, version: string): Told | undefined;
}

/** Ansible's files, in its order: the first that is there and of its kind tells the distribution. */
export const distributionFiles: readonly DistributionFile[] = [
  searched('/etc/altlinux-release', 'Altlinux', 'ALT'),
  searched('/etc/oracle-release', 'OracleLinux', 'Oracle Linux'),
  { path: '/etc/slackware-version', variety: 'Slackware', read: slackware },
  { path: '/etc/centos-release', variety: 'CentOS', read: centos },
  searched('/etc/redhat-release', 'RedHat', 'Red Hat'),
  { path: '/etc/vmware-release', variety: 'VMwareESX', mayBeEmpty: true, read: () => ({}) },
  { path: '/etc/openwrt_release', variety: 'OpenWrt', read: openWrt },
  { path: '/etc/os-release', variety: 'Amazon', read: amazon },
  { path: '/etc/system-release', variety: 'Amazon', read: amazonBefore2 },
  { path: '/etc/alpine-release', variety: 'Alpine', read: (text) => ({ distribution: 'Alpine', version: text }) },
  { path: '/etc/arch-release', variety: 'Archlinux', mayBeEmpty: true, read: () => ({}) },
  { path: '/etc/os-release', variety: 'Archlinux', read: (text) => (text.includes('Arch Linux') ? {} : undefined) },
  { path: '/etc/os-release', variety: 'SUSE', read: suse },
  { path: '/etc/os-release', variety: 'Debian', read: debian },
  { path: '/etc/lsb-release', variety: 'Debian', read: debian },
  { path: '/usr/lib/os-release', variety: 'ClearLinux', read: clearLinux },
  { path: '/etc/os-release', variety: 'Flatcar', read: flatcar },
  { path: '/etc/os-release', variety: 'NA', read: anyOther },
];

function searched(path: string, variety: string, words: string): DistributionFile {
  const read = (text: string): Told =>
    text.includes(words)
      ? { distribution: variety, searched: words }
      : { distribution: text.replace(/^['"\\]+/, '').split(/\s+/)[0]! };
  return { path, variety, read };
}

function slackware(text: string): Told | undefined {
  if (!text.includes('Slackware')) return undefined;
  const version = /\w+\.\w+\+?/.exec(text)?.[0];
  return { distribution: 'Slackware', ...(version === undefined ? {} : { version }) };
}

function centos(text: string): Told | undefined {
  if (text.includes('CentOS Stream')) return { release: 'Stream' };
  return text.includes('TencentOS Server') ? { distribution: 'TencentOS' } : undefined;
}

function openWrt(text: string): Told | undefined {
  if (!text.includes('OpenWrt')) return undefined;
  const version = /DISTRIB_RELEASE="(.*)"/.exec(text)?.[1];
  const release = /DISTRIB_CODENAME="(.*)"/.exec(text)?.[1];
  return { ...(version === undefined ? {} : { version }), ...(release === undefined ? {} : { release }) };
}

function amazon(text: string, files: ReleaseFiles): Told | undefined {
  if (!text.includes('Amazon')) return undefined;
  const version = files.osRelease.get('VERSION_ID');
  if (version === undefined) return {};
  const [major = '', minor = 'NA'] = version.split('.');
  return { version, major, minor };
}

function amazonBefore2(text: string): Told | undefined {
  if (!text.includes('Amazon')) return undefined;
  return { version: text.split(/\s+/).find((word) => /^\d+$/.test(word)) ?? 'NA' };
}

function suse(text: string, files: ReleaseFiles): Told | undefined {
  const lower = text.toLowerCase();
  if (!lower.includes('suse')) return undefined;
  const distribution = suseName(files);
  const numbers = /^(\d+)\.?(\d*)/.exec(files.osRelease.get('VERSION_ID') ?? '');
  if (!numbers) return { distribution };
  const [version, major = '', minor = ''] = numbers;
  const release = lower.includes('open') ? minor : lower.includes('enterprise') ? minor || '0' : undefined;
  return { distribution, version, major, ...(release === undefined ? {} : { release }) };
}

function suseName(files: ReleaseFiles): string {
  const name = files.osRelease.get('NAME') ?? 'SUSE';
  const variant = files.osRelease.get('VARIANT_ID');
  if (variant === 'server-sap' || variant === 'sles-sap') return 'SLES_SAP';
  if (variant === 'transactional') return 'SL-Micro';
  if (variant !== undefined) return name;
  const product = files.text('/etc/products.d/baseproduct') ?? '';
  return /(SLES_SAP|SL-Micro)\.prod$/.exec(product)?.[1] ?? name;
}

/** Distributions made of Debian's packages, by a word in their files; the first that is found counts. */
const debianKinds: readonly (readonly [RegExp, string])[] = [
  [/Debian|Raspbian/, 'Debian'],
  [/Ubuntu/, 'Ubuntu'],
  [/SteamOS/, 'SteamOS'],
  [/Kali/, 'Kali'],
  [/Parrot/, 'Parrot'],
  [/Devuan/, 'Devuan'],
  [/Cumulus/, 'Cumulus Linux'],
  [/Mint/, 'Linux Mint'],
  [/UOS|Uos|uos/, 'Uos'],
  [/[Dd]eepin/, 'Deepin'],
  [/LMDE/, 'Linux Mint Debian Edition'],
];

function debian(text: string, files: ReleaseFiles): Told | undefined {
  const distribution = debianKinds.find(([word]) => word.test(text))?.[1];
  switch (distribution) {
    case 'Debian':
      return { distribution, ...debianItself(text, files) };
    case 'Kali':
    case 'Parrot':
      return { distribution, ...releaseWhere(/DISTRIB_RELEASE=(.*)/.exec(text)) };
    case 'Devuan':
      return { distribution, ...devuan(files) };
    case 'Cumulus Linux':
      return { distribution, ...releaseWhere(/^VERSION="(.*)"/m.exec(text)) };
    default:
      return distribution === undefined ? undefined : { distribution };
  }
}

function debianItself(text: string, files: ReleaseFiles): Told {
  const minor = /\d+\.(\d+)/.exec(files.text('/etc/debian_version') ?? '')?.[1];
  return {
    ...releaseWhere(/PRETTY_NAME=[^(]+ \(([^)]+)\)/.exec(text)),
    ...(minor === undefined ? {} : { minor }),
  };
}

function devuan({ osRelease }: ReleaseFiles): Told {
  const version = osRelease.get('VERSION_ID');
  return {
    ...releaseWhere(/^[^(]+ \(?([^) ]+)\)?/.exec(osRelease.get('PRETTY_NAME') ?? '')),
    ...(version === undefined ? {} : { version, major: version }),
  };
}

function releaseWhere(found: RegExpExecArray | null): Told {
  return found ? { release: found[1]! } : {};
}

function clearLinux(_text: string, { osRelease }: ReleaseFiles): Told | undefined {
  const distribution = osRelease.get('NAME') ?? '';
  if (!distribution.includes('Clear Linux')) return undefined;
  const version = osRelease.get('VERSION_ID') ?? 'NA';
  return { distribution, version, major: version, release: osRelease.get('ID') ?? 'NA' };
}

function flatcar(_text: string, { osRelease }: ReleaseFiles): Told | undefined {
  if (osRelease.get('ID') !== 'flatcar') return undefined;
  const version = osRelease.get('VERSION') ?? '';
  return version === '' ? {} : { version, major: version.split('.')[0]! };
}

function anyOther(_text: string, { osRelease }: ReleaseFiles, known: string): Told {
  const distribution = osRelease.get('NAME');
  const version = known === 'NA' ? osRelease.get('VERSION') : undefined;
  return { ...(distribution === undefined ? {} : { distribution }), ...(version === undefined ? {} : { version }) };
}
