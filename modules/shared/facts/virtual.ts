import type { Mapping } from '../../../runner/value.ts';
import { keyValues } from '../probe.ts';
import type { FactCollector } from './collector.ts';

/** Whether the host is a container or a virtual machine, and of what kind. */
export const virtual: FactCollector = {
  name: 'virtual',
  subset: 'virtual',
  ids: ['virtualization_type', 'virtualization_role', 'virtualization_tech_guest', 'virtualization_tech_host'],
  script: `for f in product_name sys_vendor bios_vendor product_family; do printf '%s=' $f; value "/sys/devices/virtual/dmi/id/$f"; done
printf 'cgroup='; [ ! -r /proc/1/cgroup ] || while IFS= read -r v; do printf '%s ' "$v"; done </proc/1/cgroup; echo
printf 'container='; [ ! -r /proc/1/environ ] || tr '\\0' '\\n' </proc/1/environ | sed -n 's/^container=//p'; echo
printf 'systemd='; value /run/systemd/container
for f in /.dockerenv /.dockerinit /proc/vz /proc/bc /proc/lve /proc/xen /dev/kvm; do [ -e $f ] && echo "$f=1"; done
printf 'xen='; value /proc/xen/capabilities
grep -qi 'QEMU Virtual CPU' /proc/cpuinfo && echo qemu=1
[ ! -r /proc/modules ] || sed -n -e 's/^kvm .*/kvm=1/p' -e 's/^vboxdrv .*/vboxdrv=1/p' -e 's/^virtio .*/virtio=1/p' /proc/modules`,
  parse: parseVirtual,
};

const kvmVendors = /^(QEMU|Amazon EC2|DigitalOcean|Google|Scaleway|Nutanix|Hetzner)$/;

type Signs = Map<string, string>;

/** What shows that a host is a guest, strongest first: [type, whether it is]. */
const guestSigns: readonly (readonly [string, (signs: Signs) => boolean])[] = [
  ['docker', (signs) => /\/docker(\/|-[0-9a-f]+\.scope)/.test(signs.get('cgroup') ?? '')],
  ['lxc', (signs) => /\/lxc\/|\/machine\.slice\/machine-lxc/.test(signs.get('cgroup') ?? '')],
  ['containerd', (signs) => (signs.get('cgroup') ?? '').includes('/system.slice/containerd.service')],
  ['lxc', (signs) => (signs.get('container') ?? '').startsWith('lxc')],
  ['podman', (signs) => signs.get('container') === 'podman'],
  ['container', (signs) => (signs.get('container') ?? '') !== ''],
  ['openvz', (signs) => signs.has('/proc/vz') && !signs.has('/proc/lve') && !signs.has('/proc/bc')],
  ['docker', (signs) => signs.has('/.dockerenv') || signs.has('/.dockerinit')],
  ['xen', (signs) => signs.has('/proc/xen') && !(signs.get('xen') ?? '').includes('control_d')],
  ['kvm', (signs) => /^(KVM|KVM Server|Bochs|AHV)$/.test(signs.get('product_name') ?? '')],
  ['oVirt', (signs) => signs.get('sys_vendor') === 'oVirt'],
  ['RHV', (signs) => signs.get('sys_vendor') === 'Red Hat' && signs.get('product_family') === 'RHV'],
  ['RHEV', (signs) => signs.get('sys_vendor') === 'Red Hat' && signs.get('product_name') === 'RHEV Hypervisor'],
  ['VMware', (signs) => /^VMware/.test(signs.get('product_name') ?? '')],
  ['openstack', (signs) => /^OpenStack (Compute|Nova)$/.test(signs.get('product_name') ?? '')],
  ['xen', (signs) => signs.get('bios_vendor') === 'Xen'],
  ['virtualbox', (signs) => signs.get('bios_vendor') === 'innotek GmbH'],
  ['kvm', (signs) => kvmVendors.test(signs.get('bios_vendor') ?? '')],
  ['kvm', (signs) => kvmVendors.test(signs.get('sys_vendor') ?? '')],
  ['KubeVirt', (signs) => signs.get('sys_vendor') === 'KubeVirt'],
  ['VirtualPC', (signs) => signs.get('sys_vendor') === 'Microsoft Corporation'],
  ['parallels', (signs) => signs.get('sys_vendor') === 'Parallels Software International Inc.'],
  ['openstack', (signs) => signs.get('sys_vendor') === 'OpenStack Foundation'],
  ['kvm', (signs) => signs.has('qemu')],
];

const hostSigns: readonly (readonly [string, (signs: Signs) => boolean])[] = [
  ['openvz', (signs) => signs.has('/proc/vz') && signs.has('/proc/bc')],
  ['xen', (signs) => (signs.get('xen') ?? '').includes('control_d')],
  ['kvm', (signs) => signs.has('kvm')],
  ['virtualbox', (signs) => signs.has('vboxdrv')],
  ['kvm', (signs) => signs.has('/dev/kvm')],
];

const containers = ['docker', 'lxc', 'podman', 'openvz', 'containerd'];

function parseVirtual(output: string): Mapping {
  const signs = keyValues(output, '=');
  const guest = new Set(guestSigns.filter(([, holds]) => holds(signs)).map(([type]) => type));
  const host = new Set(hostSigns.filter(([, holds]) => holds(signs)).map(([type]) => type));
  const manager = signs.get('systemd') ?? '';
  if (manager !== '') guest.add(manager);
  let type = [...guest][0];
  let role = 'guest';
  if (type === undefined && host.size > 0) {
    type = [...host][0]!;
    role = 'host';
  } else if (type === undefined && signs.has('virtio')) type = 'kvm';
  if (manager !== '' || containers.some((name) => guest.has(name))) guest.add('container');
  return {
    virtualization_type: type ?? 'NA',
    virtualization_role: type === undefined ? 'NA' : role,
    virtualization_tech_guest: [...guest].sort(),
    virtualization_tech_host: [...host].sort(),
  };
}
