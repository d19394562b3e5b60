import type { Mapping, Value } from '../../../runner/value.ts';
import { mapping } from '../../../runner/value.ts';
import { keyValues, linesOf } from '../probe.ts';
import type { FactCollector } from './collector.ts';

/** The init system. */
export const serviceManager: FactCollector = {
  name: 'service_mgr',
  subset: 'min',
  script: `value /proc/1/comm
if [ -d /run/systemd/system ]; then echo systemd; elif [ -d /etc/init.d ] && [ -x /sbin/openrc ]; then echo openrc; else readlink /sbin/init || echo; fi
[ -d /etc/init.d ] && echo init.d`,
  parse(output) {
    const [process = '', hint = '', scripts = ''] = output.split('\n');
    return { service_mgr: serviceManagerName(process, hint, scripts !== '') };
  },
};

const initProcesses: Readonly<Record<string, string>> = {
  procd: 'openwrt_init',
  'runit-init': 'runit',
  svscan: 'svc',
  'openrc-init': 'openrc',
  systemd: 'systemd',
};

function serviceManagerName(process: string, hint: string, hasScripts: boolean): string {
  if (hint === 'systemd' || hint === 'openrc') return hint;
  const known = initProcesses[process];
  if (known) return known;
  // A shell or nothing as process 1 is a container or chroot: what is installed decides.
  if (process !== '' && process !== 'init' && !/^(ba|da|a|)sh$/.test(process)) return process;
  if (hint.endsWith('systemd')) return 'systemd';
  return hasScripts ? 'sysvinit' : 'service';
}

/** The package manager, by what is installed and the family. */
export const packageManager: FactCollector = {
  name: 'pkg_mgr',
  subset: 'min',
  script: `for p in /usr/bin/apt-get /usr/bin/dnf5 /usr/bin/dnf /usr/bin/yum /usr/bin/zypper /sbin/apk /usr/bin/pacman /usr/bin/emerge /usr/bin/microdnf; do [ -e $p ] && echo "\${p##*/}"; done`,
  parse(output, known) {
    return { pkg_mgr: packageManagerName(linesOf(output), String(known.os_family ?? '')) };
  },
};

const managers: readonly (readonly [string, string])[] = [
  ['dnf', 'dnf'],
  ['dnf5', 'dnf5'],
  ['yum', 'yum'],
  ['apt-get', 'apt'],
  ['zypper', 'zypper'],
  ['apk', 'apk'],
  ['pacman', 'pacman'],
  ['emerge', 'portage'],
  ['microdnf', 'microdnf'],
];

function packageManagerName(installed: readonly string[], family: string): string {
  // A Debian host may have dnf for building images, and the other way round.
  if (family === 'Debian' && installed.includes('apt-get')) return 'apt';
  return managers.find(([program]) => installed.includes(program))?.[1] ?? 'unknown';
}

/** SELinux and AppArmor. */
export const security: FactCollector = {
  name: 'selinux',
  subset: 'min',
  ids: ['apparmor', 'fips'],
  script: `printf 'enforce='; value /sys/fs/selinux/enforce
printf 'policyvers='; value /sys/fs/selinux/policyvers
[ -d /sys/kernel/security/apparmor ] && echo apparmor=1
printf 'fips='; value /proc/sys/crypto/fips_enabled
[ ! -r /etc/selinux/config ] || sed -n 's/^SELINUX=/mode=/p; s/^SELINUXTYPE=/type=/p' /etc/selinux/config`,
  parse(output) {
    const values = keyValues(output, '=');
    return {
      selinux: selinuxFacts(values),
      selinux_python_present: false,
      apparmor: { status: values.has('apparmor') ? 'enabled' : 'disabled' },
      fips: values.get('fips') === '1',
    };
  },
};

function selinuxFacts(values: Map<string, string>): Mapping {
  const enforce = values.get('enforce') ?? '';
  if (enforce === '') return { status: 'disabled' };
  return {
    status: 'enabled',
    policyvers: Number(values.get('policyvers') ?? 0),
    config_mode: values.get('mode') ?? 'unknown',
    mode: enforce === '1' ? 'enforcing' : 'permissive',
    type: values.get('type') ?? 'unknown',
  };
}

/** The kernel's command line. */
export const commandLine: FactCollector = {
  name: 'cmdline',
  subset: 'min',
  ids: ['proc_cmdline'],
  script: 'value /proc/cmdline',
  parse(output) {
    const words = [...output.matchAll(/(?:[^\s"]|"[^"]*")+/g)].map(([word]) => word);
    const last = mapping();
    const all = mapping();
    for (const word of words) {
      const at = word.indexOf('=');
      const key = at < 0 ? word : word.slice(0, at);
      const value: Value = at < 0 ? true : word.slice(at + 1).replaceAll('"', '');
      last[key] = value;
      const before = all[key];
      if (at < 0 || before === undefined) all[key] = value;
      else all[key] = Array.isArray(before) ? [...before, value] : [before, value];
    }
    return { cmdline: last, proc_cmdline: all };
  },
};

/** Name servers and search domains. */
export const dns: FactCollector = {
  name: 'dns',
  subset: 'min',
  script: 'cat /etc/resolv.conf 2>/dev/null',
  parse(output) {
    const found: Mapping = {};
    for (const line of linesOf(output)) {
      const [keyword, ...values] = line.trim().split(/\s+/);
      if (keyword === 'nameserver') found.nameservers = [...((found.nameservers as string[]) ?? []), values[0] ?? ''];
      else if (keyword === 'domain') found.domain = values[0] ?? '';
      else if (keyword === 'search' || keyword === 'sortlist') found[keyword] = values;
      else if (keyword === 'options') {
        found.options = mapping(values.map((option) => resolverOption(option)));
      }
    }
    return { dns: found };
  },
};

function resolverOption(option: string): readonly [string, Value] {
  const [name = '', value] = option.split(':');
  return [name, value ?? true];
}

/** Public host keys of sshd. */
export const sshHostKeys: FactCollector = {
  name: 'ssh_pub_keys',
  subset: 'min',
  ids: ['ssh_host_key_rsa_public', 'ssh_host_key_ecdsa_public', 'ssh_host_key_ed25519_public'],
  script: `for f in /etc/ssh/ssh_host_*_key.pub; do [ -r "$f" ] && { printf '%s ' "$f"; value "$f"; }; done`,
  parse(output) {
    const facts: Mapping = {};
    for (const line of linesOf(output)) {
      const [file = '', type = '', key = ''] = line.split(' ');
      const algorithm = /ssh_host_(\w+)_key\.pub$/.exec(file)?.[1];
      if (algorithm === undefined) continue;
      facts[`ssh_host_key_${algorithm}_public`] = key;
      facts[`ssh_host_key_${algorithm}_public_keytype`] = type;
    }
    return facts;
  },
};

/** Whether this is a chroot. */
export const chroot: FactCollector = {
  name: 'chroot',
  subset: 'min',
  ids: ['is_chroot'],
  script: `[ -n "\${debian_chroot-}" ] && echo yes
stat -L -c '%i %d' / /proc/1/root/. 2>/dev/null`,
  parse(output) {
    const [own, init] = linesOf(output);
    return { is_chroot: own === 'yes' || (init !== undefined && own !== init) };
  },
};
