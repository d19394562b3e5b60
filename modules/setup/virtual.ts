import type { Mapping } from '../../runner/value.ts';
import { keyValues } from '../shared/probe.ts';
import type { FactCollector } from './collector.ts';
import { kernelReading } from './processors.ts';

/** Whether the host is a container or a virtual machine, and of what kind. */
export const virtual: FactCollector = {
  name: 'virtual',
  subset: 'virtual',
  script: `for f in product_name sys_vendor bios_vendor product_family; do printf '%s=' $f; value "/sys/devices/virtual/dmi/id/$f"; done
printf 'cgroup='; [ ! -r /proc/1/cgroup ] || while IFS= read -r v; do printf '%s ' "$v"; done </proc/1/cgroup; echo
printf 'container='; [ ! -r /proc/1/environ ] || tr '\\0' '\\n' </proc/1/environ | sed -n 's/^container=//p'; echo
printf 'systemd='; value /run/systemd/container
for f in /.dockerenv /.dockerinit /proc/vz /proc/bc /proc/lve /proc/xen /dev/kvm; do [ -e $f ] && echo "$f=1"; done
printf 'xen='; value /proc/xen/capabilities`,
  shares: [kernelReading],
  parse: (output, _known, more) => parseVirtual(`${output}\n${more?.shared(kernelReading) ?? ''}`),
};

type Signs = Map<string, string>;

/** Something that shows what a host is. */
interface Sign {
  readonly type: string;
  readonly role: 'guest' | 'host';
  /** Which list names it, where that is not the one of its role. */
  readonly listed?: 'guest' | 'host';
  holds(signs: Signs): boolean;
}

const text = (signs: Signs, name: string): string => signs.get(name) ?? '';
const guest = (type: string, holds: (signs: Signs) => boolean): Sign => ({ type, role: 'guest', holds });
const host = (type: string, holds: (signs: Signs) => boolean): Sign => ({ type, role: 'host', holds });
const named =
  (name: string, pattern: RegExp) =>
  (signs: Signs): boolean =>
    pattern.test(text(signs, name));
const there =
  (...names: readonly string[]) =>
  (signs: Signs): boolean =>
    names.some((name) => signs.has(name));
const openVz = (signs: Signs): boolean => signs.has('/proc/vz') && !signs.has('/proc/lve');
const xenHost = named('xen', /control_d/);

/** What shows what a host is, in Ansible's order: the first that holds tells the type and the role. */
const allSigns: readonly Sign[] = [
  guest('docker', named('cgroup', /\/docker(\/|-[0-9a-f]+\.scope)/)),
  guest('lxc', named('cgroup', /\/lxc\/|\/machine\.slice\/machine-lxc/)),
  guest('containerd', named('cgroup', /\/system\.slice\/containerd\.service/)),
  guest('lxc', named('container', /^lxc/)),
  guest('podman', named('container', /^podman/)),
  guest('container', named('container', /./)),
  host('openvz', (signs) => openVz(signs) && signs.has('/proc/bc')),
  guest('openvz', (signs) => openVz(signs) && !signs.has('/proc/bc')),
  guest('docker', there('/.dockerenv', '/.dockerinit')),
  host('xen', xenHost),
  guest('xen', (signs) => signs.has('/proc/xen') && !xenHost(signs)),
  guest('kvm', named('product_name', /^(KVM|KVM Server|Bochs|AHV|CloudStack KVM Hypervisor)$/)),
  guest('oVirt', named('sys_vendor', /^oVirt$/)),
  guest('RHV', (signs) => text(signs, 'sys_vendor') === 'Red Hat' && text(signs, 'product_family') === 'RHV'),
  guest(
    'RHEV',
    (signs) => text(signs, 'sys_vendor') === 'Red Hat' && text(signs, 'product_name') === 'RHEV Hypervisor',
  ),
  guest('VMware', named('product_name', /^VMware/)),
  guest('openstack', named('product_name', /^OpenStack (Compute|Nova)$/)),
  guest('bhyve', named('product_name', /^BHYVE$/)),
  guest('xen', named('bios_vendor', /^Xen$/)),
  guest('virtualbox', named('bios_vendor', /^innotek GmbH$/)),
  guest('kvm', named('bios_vendor', /^(Amazon EC2|DigitalOcean|Hetzner|Linode)$/)),
  guest('kvm', named('sys_vendor', /^(QEMU|Amazon EC2|DigitalOcean|Google|Scaleway|Nutanix)$/)),
  guest('KubeVirt', named('sys_vendor', /^KubeVirt$/)),
  guest('VirtualPC', named('sys_vendor', /^Microsoft Corporation$/)),
  guest('parallels', named('sys_vendor', /^Parallels Software International Inc\.$/)),
  guest('openstack', named('sys_vendor', /^OpenStack Foundation$/)),
  guest('kvm', there('qemu')),
  guest('uml', there('uml')),
  guest('powervm_lx86', there('powervm')),
  host('kvm', there('kvm')),
  host('virtualbox', there('vboxdrv')),
  { type: 'kvm', role: 'guest', listed: 'host', holds: there('virtio') },
  host('kvm', there('/dev/kvm')),
];

const containers: ReadonlySet<string> = new Set(['docker', 'lxc', 'podman', 'openvz', 'containerd']);

function parseVirtual(output: string): Mapping {
  const signs = keyValues(output, '=');
  const found = allSigns.filter((sign) => sign.holds(signs));
  const manager = text(signs, 'systemd');
  if (manager !== '')
    found.splice(
      firstAfterContainers(found),
      0,
      guest(manager, () => true),
    );
  const listed = (role: 'guest' | 'host'): string[] =>
    found.filter((sign) => (sign.listed ?? sign.role) === role).map((sign) => sign.type);
  const guests = new Set(listed('guest'));
  if (manager !== '' || [...guests].some((type) => containers.has(type))) guests.add('container');
  return {
    virtualization_type: found[0]?.type ?? 'NA',
    virtualization_role: found[0]?.role ?? 'NA',
    virtualization_tech_guest: [...guests].sort(),
    virtualization_tech_host: [...new Set(listed('host'))].sort(),
  };
}

/** Where systemd's word for a container stands: after what process 1 tells, before what files tell. */
function firstAfterContainers(found: readonly Sign[]): number {
  const after = allSigns.findIndex((sign) => sign.type === 'openvz' && sign.role === 'guest');
  return found.filter((sign) => allSigns.indexOf(sign) <= after).length;
}
