import type { Mapping } from '../../runner/value.ts';
import type { FactCollector } from './collector.ts';

/** Kernel, architecture and names of the host. The full name is the one that the host's own address leads back to. */
export const platform: FactCollector = {
  name: 'platform',
  subset: 'platform',
  script: `uname -snrvm
getconf LONG_BIT || echo
if [ -s /var/lib/dbus/machine-id ]; then value /var/lib/dbus/machine-id; else value /etc/machine-id; fi
if command -v getent >/dev/null; then
  value /proc/sys/kernel/hostname >/dev/null; a=$(limit 5 getent ahosts "$v") && a=\${a%% *} && limit 5 getent hosts "$a"
else limit 5 hostname -f
fi || echo`,
  parse: parsePlatform,
};

function parsePlatform(output: string): Mapping {
  const [names = '', bits = '', machineId = '', known = ''] = output.split('\n').map((line) => line.trim());
  // Only the version, before the last, holds blanks.
  const [, system = '', nodename = '', kernel = '', version = '', machine = ''] =
    /^(\S+) (\S+) (\S+) (.*) (\S+)$/.exec(names) ?? [];
  const fqdn = fullName(known, nodename);
  const dot = fqdn.indexOf('.');
  const wordSize = bits || (/64|s390x/.test(machine) ? '64' : '32');
  const isX86 = /^(x86_64|i[3-6]86)$/.test(machine);
  return {
    system,
    nodename,
    hostname: nodename.split('.')[0]!,
    fqdn,
    domain: dot < 0 ? '' : fqdn.slice(dot + 1),
    kernel,
    kernel_version: version,
    machine,
    architecture: /^i[3-6]86$/.test(machine) ? 'i386' : machine,
    userspace_bits: wordSize,
    ...(isX86 ? { userspace_architecture: wordSize === '32' ? 'i386' : 'x86_64' } : {}),
    ...(machineId === '' ? {} : { machine_id: machineId }),
  };
}

/** Of the names after an address, the first with a domain, else the first of all; or one name by itself. */
function fullName(known: string, nodename: string): string {
  const names = known.split(/\s+/).filter((name) => name !== '');
  const candidates = names.length > 1 ? names.slice(1) : names;
  return candidates.find((name) => name.includes('.')) ?? candidates[0] ?? nodename;
}
