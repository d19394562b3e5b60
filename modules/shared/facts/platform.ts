import type { Mapping } from '../../../runner/value.ts';
import type { FactCollector } from './collector.ts';

/** Kernel, architecture and names of the host. */
export const platform: FactCollector = {
  name: 'platform',
  subset: 'min',
  ids: ['system', 'kernel', 'kernel_version', 'machine', 'architecture', 'machine_id', 'hostname', 'fqdn', 'domain'],
  script: `uname -snrvm
getconf LONG_BIT 2>/dev/null || echo
if [ -s /etc/machine-id ]; then value /etc/machine-id; else value /var/lib/dbus/machine-id; fi
limit 5 hostname -f 2>/dev/null || echo`,
  parse: parsePlatform,
};

function parsePlatform(output: string): Mapping {
  const [names = '', bits = '', machineId = '', name = ''] = output.split('\n').map((line) => line.trim());
  // Only the version, before the last, holds blanks.
  const [, system = '', nodename = '', kernel = '', version = '', machine = ''] =
    /^(\S+) (\S+) (\S+) (.*) (\S+)$/.exec(names) ?? [];
  const fqdn = name === '' ? nodename : name;
  const dot = fqdn.indexOf('.');
  const wordSize = bits || (/64|s390x/.test(machine) ? '64' : '32');
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
    userspace_architecture: machine === 'x86_64' && wordSize === '32' ? 'i386' : machine,
    ...(machineId === '' ? {} : { machine_id: machineId }),
  };
}
