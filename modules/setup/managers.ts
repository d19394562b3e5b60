import { linesOf } from '../shared/probe.ts';
import type { FactCollector } from './collector.ts';
import { initLink, linksReading } from './links.ts';

/** The init system. */
export const serviceManager: FactCollector = {
  name: 'service_mgr',
  subset: 'service_mgr',
  shares: [linksReading],
  script: `value /proc/1/comm
! command -v systemctl >/dev/null || { echo systemctl; [ ! -d /run/systemd/system ] || echo systemd; }
! command -v initctl >/dev/null || [ ! -d /etc/init ] || echo upstart
for f in /sbin/openrc /etc/init.d /etc/dinit.d; do [ ! -e $f ] || echo "\${f##*/}"; done`,
  parse(output, known, more) {
    const [first = '', ...signs] = output.split('\n');
    const link = initLink(more?.shared(linksReading) ?? '');
    return { service_mgr: serviceManagerName(first, signs, link, known.distribution === 'OpenWrt') };
  },
};

const initProcesses: Readonly<Record<string, string>> = {
  procd: 'openwrt_init',
  'runit-init': 'runit',
  svscan: 'svc',
  'openrc-init': 'openrc',
};

function serviceManagerName(first: string, signs: readonly string[], link: string, isOpenWrt: boolean): string {
  const linked = link.slice(link.lastIndexOf('/') + 1);
  const process = first === '' ? linked : first;
  // Many systems are called init, and a shell as process 1 is a container: what is installed decides.
  if (process !== '' && process !== 'init' && !process.endsWith('sh')) return initProcesses[process] ?? process;
  if (isOpenWrt) return 'openwrt_init';
  if (signs.includes('systemd')) return 'systemd';
  if (signs.includes('upstart')) return 'upstart';
  if (signs.includes('openrc')) return 'openrc';
  if (signs.includes('systemctl') && linked === 'systemd') return 'systemd';
  if (signs.includes('init.d')) return 'sysvinit';
  return signs.includes('dinit.d') ? 'dinit' : 'service';
}

/** Version and features of systemd, where it runs. */
export const systemd: FactCollector = {
  name: 'systemd',
  subset: 'systemd',
  script: '[ ! -d /run/systemd/system ] || ! command -v systemctl >/dev/null || systemctl --version',
  parse(output) {
    const [, version] = /^systemd (\d+)/.exec(output) ?? [];
    if (version === undefined) return {};
    return { systemd: { features: output.split('\n')[1] ?? '', version: Number(version) } };
  },
};

const managers: readonly (readonly [path: string, name: string])[] = [
  ['/usr/bin/rpm-ostree', 'atomic_container'],
  ['/usr/bin/yum', 'dnf'],
  ['/usr/bin/dnf-3', 'dnf'],
  ['/usr/bin/dnf5', 'dnf5'],
  ['/usr/bin/apt-get', 'apt'],
  ['/usr/bin/zypper', 'zypper'],
  ['/usr/sbin/urpmi', 'urpmi'],
  ['/usr/bin/pacman', 'pacman'],
  ['/bin/opkg', 'opkg'],
  ['/sbin/apk', 'apk'],
  ['/usr/bin/emerge', 'portage'],
  ['/usr/bin/xbps-install', 'xbps'],
  ['/usr/bin/swupd', 'swupd'],
  ['/usr/sbin/sorcery', 'sorcery'],
];

/** The package manager, by the family and what is installed. */
export const packageManager: FactCollector = {
  name: 'pkg_mgr',
  subset: 'pkg_mgr',
  script: `for p in /run/ostree-booted /usr/bin/dnf /usr/bin/microdnf ${managers.map(([path]) => path).join(' ')}; do [ ! -e $p ] || echo $p; done
for p in /usr/bin/dnf /usr/bin/microdnf; do [ ! -e $p ] || { [ ! $p -ef /usr/bin/dnf5 ] || echo dnf5; break; }; done`,
  parse(output, known) {
    return { pkg_mgr: packageManagerName(linesOf(output), String(known.os_family ?? '')) };
  },
};

function packageManagerName(found: readonly string[], family: string): string {
  // A Debian host may have dnf for building images, and the other way round.
  if (family === 'Debian') return 'apt';
  if (family === 'RedHat') return ofRedHat(found);
  const name = managers.findLast(([path]) => found.includes(path))?.[1] ?? 'unknown';
  return family === 'Altlinux' && name === 'apt' ? 'apt_rpm' : name;
}

function ofRedHat(found: readonly string[]): string {
  if (found.includes('/run/ostree-booted')) return 'atomic_container';
  if (found.includes('/usr/bin/dnf') || found.includes('/usr/bin/microdnf'))
    return found.includes('dnf5') ? 'dnf5' : 'dnf';
  // CentOS 7 has nothing else. Ansible no longer works there.
  return found.includes('/usr/bin/yum') ? 'yum' : 'unknown';
}
