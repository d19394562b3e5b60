import type { Mapping, Value } from '../../runner/value.ts';
import { mapping } from '../../runner/value.ts';
import { keyValues, linesOf } from '../shared/probe.ts';
import type { FactCollector } from './collector.ts';

/** SELinux. */
export const selinux: FactCollector = {
  name: 'selinux',
  subset: 'selinux',
  script: `printf 'enforce='; value /sys/fs/selinux/enforce
printf 'policyvers='; value /sys/fs/selinux/policyvers
[ ! -r /etc/selinux/config ] || while IFS= read -r v; do case $v in SELINUX=*) echo "mode=\${v#*=}" ;; SELINUXTYPE=*) echo "type=\${v#*=}" ;; esac; done </etc/selinux/config`,
  parse: (output) => ({ selinux: selinuxFacts(keyValues(output, '=')), selinux_python_present: false }),
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

/** AppArmor. */
export const appArmor: FactCollector = {
  name: 'apparmor',
  subset: 'apparmor',
  script: '[ ! -e /sys/kernel/security/apparmor ] || echo enabled',
  parse: (output) => ({ apparmor: { status: output.trim() === '' ? 'disabled' : 'enabled' } }),
};

/** Whether the kernel keeps to the cryptography of FIPS. */
export const fips: FactCollector = {
  name: 'fips',
  subset: 'fips',
  script: 'value /proc/sys/crypto/fips_enabled',
  parse: (output) => ({ fips: output.trim() === '1' }),
};

/** The kernel's command line. */
export const commandLine: FactCollector = {
  name: 'cmdline',
  subset: 'cmdline',
  script: 'value /proc/cmdline',
  parse(output) {
    const last = mapping();
    const all = mapping();
    for (const word of commandLineWords(output.trim())) {
      const at = word.indexOf('=');
      const key = at < 0 ? word : word.slice(0, at);
      const value: Value = at < 0 ? true : word.slice(at + 1);
      last[key] = value;
      const before = all[key];
      if (at < 0 || before === undefined) all[key] = value;
      else all[key] = Array.isArray(before) ? [...before, value] : [before, value];
    }
    return output.trim() === '' ? {} : { cmdline: last, proc_cmdline: all };
  },
};

/** Words as Ansible cuts them: quotes hold a word together only where it begins with one, and stay. None where one is left open. */
function commandLineWords(text: string): string[] {
  const words = text.match(/"[^"]*"|'[^']*'|\S+/g) ?? [];
  return words.some((word) => /^(?:"[^"]*|'[^']*)$/.test(word)) ? [] : words;
}

/** Name servers and search domains. */
export const dns: FactCollector = {
  name: 'dns',
  subset: 'dns',
  script: 'while IFS= read -r v || [ -n "$v" ]; do printf "%s\\n" "$v"; done </etc/resolv.conf',
  parse(output) {
    const found: Mapping = {};
    for (const line of linesOf(output)) {
      const [keyword, ...values] = line.trim().split(/\s+/);
      if (keyword === 'nameserver') found.nameservers = [...((found.nameservers as string[]) ?? []), ...values];
      else if (keyword === 'domain' && values[0] !== undefined) found.domain = values[0];
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
  return [name, value || true];
}

/** Public host keys of sshd. */
export const sshHostKeys: FactCollector = {
  name: 'ssh_pub_keys',
  subset: 'ssh_pub_keys',
  script: `for f in /etc/ssh/ssh_host_*_key.pub /etc/openssh/ssh_host_*_key.pub; do [ -r "$f" ] && { printf '%s ' "$f"; value "$f"; }; done`,
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
  subset: 'chroot',
  // Who may not see the root of process 1 is told by the number that the root of a file system has.
  script: `[ -z "\${debian_chroot-}" ] || echo yes
stat -L -c '%i %d' / /proc/1/root/. || while read -r id parent device root mount rest; do [ "$mount" != / ] || { rest=\${rest##* - }; echo "\${rest%% *}"; break; }; done </proc/self/mountinfo`,
  parse(output) {
    const [own = '', other = ''] = linesOf(output);
    if (own === 'yes') return { is_chroot: true };
    if (/^\d+ \d+$/.test(other)) return { is_chroot: own !== other };
    const number = other.includes('btrfs') ? '256' : other.includes('xfs') ? '128' : '2';
    return { is_chroot: own.split(' ')[0] !== number };
  },
};
