import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test from 'ava';
import { capabilities } from '../../modules/setup/capabilities.ts';
import type { MoreInput } from '../../modules/setup/collector.ts';
import { dateTime } from '../../modules/setup/date-time.ts';
import { devices, humanSize } from '../../modules/setup/devices.ts';
import { dmi } from '../../modules/setup/dmi.ts';
import { filterFacts } from '../../modules/setup/gather.ts';
import { BlockLinks } from '../../modules/setup/links.ts';
import { lsb } from '../../modules/setup/lsb.ts';
import { lvm } from '../../modules/setup/lvm.ts';
import { packageManager, serviceManager, systemd } from '../../modules/setup/managers.ts';
import { memory } from '../../modules/setup/memory.ts';
import { mounts } from '../../modules/setup/mounts.ts';
import { network } from '../../modules/setup/network.ts';
import { platform } from '../../modules/setup/platform.ts';
import { processors } from '../../modules/setup/processors.ts';
import { fibreChannel, iscsi, nvme } from '../../modules/setup/storage-names.ts';
import { chroot, commandLine, dns } from '../../modules/setup/system.ts';
import { environment } from '../../modules/setup/user.ts';
import { virtual } from '../../modules/setup/virtual.ts';
import setup from '../../modules/setup.ts';
import type { Mapping } from '../../runner/value.ts';
import { runModule, shells, temporaryFolder } from './harness.ts';

/** What a parser may be told beside its own section. */
const beside = (shared: string): MoreInput => ({
  shared: () => shared,
  warn: (text) => {
    throw new Error(text);
  },
});

const deviceLinks = `lrwxrwxrwx 1 root root 0 Nov 29 16:34 /sys/class/net/eth0/device -> ../../../virtio2
lrwxrwxrwx 1 root root 0 Nov 29 16:34 /sys/class/net/eth0/device/driver/module -> ../../../../module/virtio_net
`;
const links = `@link eth0
address=02:fc:00:00:00:01
mtu=1400
operstate=up
type=1
flags=0x1103
speed=-1
@link lo
address=00:00:00:00:00:00
mtu=65536
operstate=unknown
type=772
flags=0x9
@link cni0
address=aa:bb:cc:dd:ee:ff
mtu=1450
operstate=down
type=1
flags=0x1002
bridge/bridge_id=8000.aabbccddeeff
bridge/stp_state=0
port=veth1
port=veth2
@link bond0
mtu=1500
operstate=up
type=1
flags=0x1403
bonding/mode=active-backup 1
bonding/slaves=eth1 eth2
bonding/miimon=100
bonding/primary=eth1
bonding/all_slaves_active=0
@link eth1
address=02:fc:00:00:00:03
bonding_slave/perm_hwaddr=02:fc:00:00:00:04
@ip
1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536 qdisc noqueue state UNKNOWN group default qlen 1000
    link/loopback 00:00:00:00:00:00 brd 00:00:00:00:00:00
    inet 127.0.0.1/8 scope host lo
       valid_lft forever preferred_lft forever
    inet6 ::1/128 scope host
2: eth0: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1400 qdisc fq_codel state UP group default qlen 1000
    link/ether 02:fc:00:00:00:01 brd ff:ff:ff:ff:ff:ff
    inet 192.0.2.2/24 brd 192.0.2.255 scope global dynamic eth0
       valid_lft 85000sec preferred_lft 85000sec
    inet 192.0.2.100/24 scope global secondary eth0
    inet 198.51.100.7/30 brd 198.51.100.7 scope global eth0:1
    inet6 fd00::2/64 scope global
    inet6 fe80::1/64 scope link
3: cni0@if7: <NO-CARRIER,BROADCAST,MULTICAST,UP> mtu 1450 qdisc noqueue state DOWN group default
    inet 10.244.0.1/24 brd 10.244.0.255 scope global cni0
8.8.8.8 via 192.0.2.1 dev eth0 src 192.0.2.2 uid 0
    cache
2404:6800:400a:800::1012 from :: via fd00::1 dev eth0 proto static src fd00::2 metric 1024 pref medium
local 127.0.0.0/8 dev lo proto kernel scope host src 127.0.0.1
local 192.0.2.2 dev eth0 proto kernel scope host src 192.0.2.2
broadcast 192.0.2.255 dev eth0 proto kernel scope link src 192.0.2.2
local 192.0.2.2 dev eth0 table local proto kernel scope host src 192.0.2.2
local ::1 dev lo proto kernel metric 0 pref medium
anycast fe80:: dev eth0 proto kernel metric 0 pref medium
`;

test('network: links, addresses and default routes', (t) => {
  const facts = network.parse(links, {}, beside(deviceLinks));
  t.deepEqual(facts.default_ipv4, {
    gateway: '192.0.2.1',
    interface: 'eth0',
    address: '192.0.2.2',
    broadcast: '192.0.2.255',
    netmask: '255.255.255.0',
    network: '192.0.2.0',
    prefix: '24',
    macaddress: '02:fc:00:00:00:01',
    mtu: 1400,
    type: 'ether',
    alias: 'eth0',
  });
  const { address, gateway, prefix, scope } = facts.default_ipv6 as Mapping;
  t.deepEqual([address, gateway, prefix, scope], ['fd00::2', 'fd00::1', '64', 'global']);
  t.deepEqual(facts.all_ipv4_addresses, ['192.0.2.2', '192.0.2.100', '198.51.100.7', '10.244.0.1']);
  t.deepEqual(facts.all_ipv6_addresses, ['fd00::2', 'fe80::1']);
  const eth0 = facts.eth0 as Mapping;
  t.is((eth0.ipv4 as Mapping).address, '192.0.2.2');
  t.deepEqual(
    (eth0.ipv4_secondaries as Mapping[]).map((entry) => entry.address),
    ['192.0.2.100'],
  );
  t.is(eth0.promisc, true);
  t.deepEqual([eth0.pciid, eth0.module], ['virtio2', 'virtio_net']);
  t.deepEqual(facts.locally_reachable_ips, { ipv4: ['127.0.0.0/8', '192.0.2.2'], ipv6: ['::1'] });
  t.deepEqual(facts.interfaces, ['eth0', 'lo', 'cni0', 'bond0', 'eth1', 'eth0_1']);
  t.is(((facts.eth0_1 as Mapping).ipv4 as Mapping).network, '198.51.100.4');
  const { type, interfaces, stp, active } = facts.cni0 as Mapping;
  t.deepEqual([type, interfaces, stp, active], ['bridge', ['veth1', 'veth2'], false, false]);
  const { mode, slaves, primary, all_slaves_active } = facts.bond0 as Mapping;
  t.deepEqual([mode, slaves, primary, all_slaves_active], ['active-backup', ['eth1', 'eth2'], 'eth1', false]);
  t.is((facts.eth1 as Mapping).perm_macaddress, '02:fc:00:00:00:04');
});

test('network: without a default route there is no default address', (t) => {
  const facts = network.parse('@link lo\nmtu=65536\n@ip\nRTNETLINK answers: Network is unreachable\n', {});
  t.deepEqual(facts.default_ipv4, {});
  t.deepEqual(facts.default_ipv6, {});
});

test('processors: two sockets with two cores and threads', (t) => {
  const cpu = (number: number, socket: number, core: number): string =>
    `processor\t: ${number}\nvendor_id\t: GenuineIntel\nmodel name\t: Xeon\nphysical id\t: ${socket}\nsiblings\t: 4\ncore id\t: ${core}\ncpu cores\t: 2\n`;
  const cpus = [0, 1, 2, 3, 4, 5, 6, 7].map((number) => cpu(number, number >> 2, number & 1)).join('\n');
  const facts = processors.parse(
    '',
    { architecture: 'x86_64' },
    beside(`${cpus}flags\t\t: fpu vme sse2\nCpus_allowed_list:\t0-3,6,7\nvirtio=1\n`),
  );
  t.deepEqual(facts.flags, ['fpu', 'vme', 'sse2']);
  const { processor_count, processor_cores, processor_threads_per_core, processor_vcpus, processor_nproc } = facts;
  t.deepEqual(
    [processor_count, processor_cores, processor_threads_per_core, processor_vcpus, processor_nproc],
    [2, 2, 2, 8, 6],
  );
  t.deepEqual((facts.processor as string[]).slice(0, 3), ['0', 'GenuineIntel', 'Xeon']);
});

test('processors: cores of two kinds', (t) => {
  const facts = processors.parse('', {}, beside('physical id\t: 0\nsiblings\t: 24\ncore id\t: 0\ncpu cores\t: 16\n'));
  t.deepEqual([facts.processor_threads_per_core, facts.processor_vcpus], [2, 32]);
});

test('processors: a mainframe', (t) => {
  const facts = processors.parse(
    '',
    { architecture: 's390x' },
    beside('vendor_id: IBM/S390\n# processors: 8\nmax thread id: 1\n'),
  );
  t.deepEqual(
    [facts.processor_count, facts.processor_cores, facts.processor_threads_per_core, facts.processor_vcpus],
    [1, 4, 2, 8],
  );
});

test('processors: an ARM machine that tells no sockets', (t) => {
  const facts = processors.parse(
    '',
    { architecture: 'aarch64' },
    beside('processor\t: 0\nprocessor\t: 1\nprocessor\t: 2\nprocessor\t: 3\n'),
  );
  t.deepEqual([facts.processor_count, facts.processor_cores, facts.processor_vcpus], [4, 1, 4]);
});

test('memory in MiB', (t) => {
  const facts = memory.parse(
    'MemTotal: 2048000 kB\nMemFree: 1024000 kB\nBuffers: 1024 kB\nCached: 2048 kB\nSwapTotal: 1024 kB\nSwapFree: 512 kB\n',
    {},
  );
  t.deepEqual([facts.memtotal_mb, facts.memfree_mb, facts.swaptotal_mb, facts.swapfree_mb], [2000, 1000, 1, 0]);
  t.deepEqual((facts.memory_mb as Mapping).nocache, { free: 1003, used: 997 });
});

/** What `ls -l` prints of the links of block devices. */
const listing = `/dev/disk/by-id:
total 0
lrwxrwxrwx 1 root root  9 Nov 29 16:34 wwn-0x5000c500a -> ../../sda
lrwxrwxrwx 1 root root  9 Nov 29 16:34 ata-DISK_1 -> ../../sda
lrwxrwxrwx 1 root root 10 Nov 29 16:34 dm-name-a-b -> ../../dm-0

/dev/disk/by-label:
lrwxrwxrwx 1 root root 10 Nov 29 16:34 data\\x20disk -> ../../sdb1

/dev/disk/by-uuid:
lrwxrwxrwx 1 root root 10 Nov 29 16:34 11-22 -> ../../dm-0
lrwxrwxrwx 1 root root 10 Nov 29 16:34 aa-bb -> ../../sdb1

/dev/mapper:
lrwxrwxrwx 1 root root 7 Nov 29 16:34 a-b -> ../dm-0
crw------- 1 root root 10, 236 Nov 29 16:34 control

/sys/block:
lrwxrwxrwx 1 root root 0 Nov 29 16:34 sda -> ../devices/pci0000:00/0000:00:1f.2/ata1/host0/block/sda
lrwxrwxrwx 1 root root 0 Nov 29 16:34 sdb -> ../devices/pci0000:00/0000:00:1f.2/ata2/host1/block/sdb
`;

test('mounts: sizes, ids, and blanks in paths', (t) => {
  const facts = mounts.parse(
    [
      '/dev/mapper/a-b\t/mnt/a\\040b\text4\trw,relatime\t0\t2',
      '@size 4096 4096 100 40 10 4 /mnt/a\\040b',
      'server:/x\t/x\tnfs4\trw\t0\t0',
      '@size  /x',
      '/dev/sda1\t/data\text4\trw\t0\t0',
      '/dev/sdb1\t/data\text4\tro\t0\t0',
      '',
    ].join('\n'),
    {},
    beside(`${listing}@bind /data\n`),
  );
  const [disk, share, ...others] = facts.mounts as Mapping[];
  t.is(disk!.mount, '/mnt/a b');
  t.deepEqual([disk!.uuid, disk!.size_total, disk!.size_available, disk!.inode_used], ['11-22', 409600, 163840, 6]);
  t.deepEqual([disk!.dump, disk!.passno], [0, 2]);
  t.deepEqual([share!.fstype, share!.size_total], ['nfs4', undefined]);
  // Only what is mounted last can be seen.
  t.deepEqual(
    others.map(({ device, options, uuid }) => [device, options, uuid]),
    [['/dev/sdb1', 'ro,bind', 'aa-bb']],
  );
});

test('devices: links, partitions, sizes and the controller', (t) => {
  const facts = devices.parse(
    [
      '@disk sda',
      'size=4096',
      'removable=0',
      'queue/logical_block_size=4096',
      'queue/scheduler=none [mq-deadline]',
      'queue/discard_granularity=4096',
      'queue/discard_max_hw_bytes=0',
      'device/vendor=ATA     ',
      'device/sas_address=0x5000c500a',
      'device/serial=S1',
      '@disk sdb',
      'size=2048',
      'queue/discard_granularity=512',
      'queue/scheduler=none',
      'holder=vg-root',
      'partition=sdb1 34 1024',
      'partition-holder=a-b',
      '@owner sdb1 dm-0',
      '@pci',
      '0000:00:1f.2 SATA controller: Intel Corporation 82801',
      '',
    ].join('\n'),
    {},
    beside(listing),
  );
  const nothing = { ids: [], uuids: [], labels: [], masters: [] };
  const host = 'SATA controller: Intel Corporation 82801';
  t.deepEqual(plain(facts.devices), {
    sda: {
      virtual: 1,
      links: { ...nothing, ids: ['ata-DISK_1', 'wwn-0x5000c500a'] },
      vendor: 'ATA',
      model: null,
      sas_address: '0x5000c500a',
      sas_device_handle: null,
      serial: 'S1',
      removable: '0',
      support_discard: '0',
      wwn: '0x5000c500a',
      rotational: null,
      scheduler_mode: 'mq-deadline',
      sectorsize: '4096',
      sectors: 512,
      size: '2.00 MB',
      host,
      holders: [],
      partitions: {},
    },
    sdb: {
      virtual: 1,
      links: nothing,
      vendor: null,
      model: null,
      sas_address: null,
      sas_device_handle: null,
      removable: null,
      support_discard: '512',
      rotational: null,
      scheduler_mode: '',
      sectorsize: 512,
      sectors: 2048,
      size: '1.00 MB',
      host,
      holders: ['vg-root'],
      partitions: {
        sdb1: {
          links: { ids: [], uuids: ['aa-bb'], labels: ['data\\x20disk'], masters: ['dm-0'] },
          start: '34',
          sectorsize: 512,
          sectors: 1024,
          size: '512.00 KB',
          uuid: 'aa-bb',
          holders: ['a-b'],
        },
      },
    },
  });
  t.deepEqual(plain(facts.device_links), {
    ids: { sda: ['ata-DISK_1', 'wwn-0x5000c500a'], 'dm-0': ['dm-name-a-b'] },
    uuids: { 'dm-0': ['11-22'], sdb1: ['aa-bb'] },
    labels: { sdb1: ['data\\x20disk'] },
    masters: { sdb1: ['dm-0'] },
  });
  t.is(humanSize(256 * 1024 ** 3), '256.00 GB');
});

test('a listing of one folder has no heading', (t) => {
  const links = new BlockLinks('total 0\nlrwxrwxrwx 1 root root 0 Nov 29 16:34 sda -> ../devices/x/block/sda\n');
  t.is(links.place('sda'), '../devices/x/block/sda');
});

test('volumes of LVM', (t) => {
  const text = '@vgs\n  vg0,1,2,9.99,4.99\n@lvs\n  root,vg0,3.00\n  swap,vg0,2.00\n@pvs\n  /dev/sda2,vg0,9.99,4.99\n';
  t.deepEqual(plain(lvm.parse(text, {}).lvm), {
    lvs: { root: { size_g: '3.00', vg: 'vg0' }, swap: { size_g: '2.00', vg: 'vg0' } },
    vgs: {
      vg0: {
        size_g: '9.99',
        free_g: '4.99',
        num_lvs: '2',
        num_pvs: '1',
        lvs: { root: { size_g: '3.00' }, swap: { size_g: '2.00' } },
      },
    },
    pvs: { '/dev/sda2': { size_g: '9.99', free_g: '4.99', vg: 'vg0' } },
  });
  t.deepEqual(plain(lvm.parse('@vgs\n@lvs\n@pvs\n', {}).lvm), { lvs: {}, vgs: {}, pvs: {} });
  t.is(lvm.parse('', {}).lvm, 'N/A');
});

test('the form of the machine', (t) => {
  const factor = (type: string): unknown => dmi.parse(`${'\n'.repeat(12)}${type}\n`, {}).form_factor;
  t.deepEqual(['1', '3', '23', '99', ''].map(factor), ['Other', 'Desktop', 'Rack Mount Chassis', 'unknown (99)', 'NA']);
});

test('capabilities', (t) => {
  t.deepEqual(capabilities.parse('Current: =ep\nBounding set =cap_chown\n', {}), {
    system_capabilities_enforced: 'False',
    system_capabilities: [],
  });
  t.deepEqual(capabilities.parse('Current: = cap_chown,cap_kill+ep\n', {}), {
    system_capabilities_enforced: 'True',
    system_capabilities: ['cap_chown', 'cap_kill+ep'],
  });
  t.is(capabilities.parse('', {}).system_capabilities, 'N/A');
});

test('systemd: version and features', (t) => {
  t.deepEqual(systemd.parse('systemd 257 (257.9-1~deb13u1)\n+PAM +AUDIT -IPE\n', {}), {
    systemd: { features: '+PAM +AUDIT -IPE', version: 257 },
  });
  t.deepEqual(systemd.parse('', {}), {});
});

test('names of the host as a client of storage', (t) => {
  t.deepEqual(nvme.parse('nqn.2014-08.org.nvmexpress:uuid:1\n', {}), { hostnqn: 'nqn.2014-08.org.nvmexpress:uuid:1' });
  t.deepEqual(nvme.parse('', {}), { hostnqn: '' });
  t.deepEqual(iscsi.parse('InitiatorName=iqn.1993-08.org.debian:01:1\n', {}), {
    iscsi_iqn: 'iqn.1993-08.org.debian:01:1',
  });
  t.deepEqual(fibreChannel.parse('0x21000014ff52a9bb\n', {}), { fibre_channel_wwn: ['21000014ff52a9bb'] });
});

for (const [known, fqdn, domain] of [
  ['192.0.2.7     one.example.com one', 'one.example.com', 'example.com'],
  ['192.0.2.7     one one.example.com', 'one.example.com', 'example.com'],
  ['127.0.0.1     localhost one', 'localhost', ''],
  ['', 'node', ''],
] as const) {
  test(`platform: the full name by "${known}"`, (t) => {
    const facts = platform.parse(`Linux node 6.1.0 #1 SMP x y x86_64\n64\nabc\n${known}\n`, {});
    t.deepEqual([facts.fqdn, facts.domain, facts.kernel_version], [fqdn, domain, '#1 SMP x y']);
  });
}

for (const [rule, summer] of [
  ['CET-1CEST,M3.5.0,M10.5.0/3', 'CEST'],
  ['CST-8', 'CST'],
  ['<-03>3', '-03'],
  ['<+0330>-3:30<+0430>,J79/24,J263/24', '+0430'],
  ['UTC0', 'UTC'],
  ['', 'CET'],
] as const) {
  test(`date_time: summer time of the rule "${rule}"`, (t) => {
    const facts = dateTime.parse(`2026 11 29 12 00 00 1795953600 Sunday 0 47 CET +0100\n123456789\n${rule}\n`, {});
    const { tz, tz_dst, iso8601_micro } = facts.date_time as Mapping;
    t.deepEqual([tz, tz_dst, iso8601_micro], ['CET', summer, '2026-11-29T12:00:00.123456Z']);
  });
}

for (const [output, expected] of [
  ['1 1\n1 1\n', false],
  ['1 1\n2 1\n', true],
  ['2 1\next4\n', false],
  ['256 1\nbtrfs\n', false],
  ['128 1\nxfs\n', false],
  ['77 1\noverlay\n', true],
  ['yes\n1 1\n1 1\n', true],
] as const) {
  test(`chroot: ${JSON.stringify(output)}`, (t) => {
    t.is(chroot.parse(output, {}).is_chroot, expected);
  });
}

test('name servers', (t) => {
  const text =
    '# x\nnameserver 192.0.2.1 192.0.2.2\nnameserver 192.0.2.3\ndomain\nsearch a b\noptions ndots:2 rotate timeout:\n';
  t.deepEqual(plain(dns.parse(text, {}).dns), {
    nameservers: ['192.0.2.1', '192.0.2.2', '192.0.2.3'],
    search: ['a', 'b'],
    options: { ndots: '2', rotate: true, timeout: true },
  });
});

test('lsb: of the command, of its file, and as the script of Debian says', (t) => {
  const of = (output: string, files: string): unknown => plain(lsb.parse(output, {}, beside(files)).lsb);
  const file = 'DISTRIB_ID=Ubuntu\nDISTRIB_RELEASE=22.04\nDISTRIB_CODENAME=jammy\nDISTRIB_DESCRIPTION="Ubuntu 22.04"\n';
  const ubuntu = {
    id: 'Ubuntu',
    description: 'Ubuntu 22.04',
    release: '22.04',
    codename: 'jammy',
    major_release: '22',
  };
  t.deepEqual(of('', `@file /etc/lsb-release\n${file}`), ubuntu);
  t.deepEqual(of('Distributor ID:\tX\nRelease:\t7.9\n', ''), { id: 'X', release: '7.9', major_release: '7' });
  const sid = '@file /etc/os-release\nPRETTY_NAME="Debian GNU/Linux forky/sid"\nID=debian\nVERSION_CODENAME=forky\n';
  t.deepEqual(of('@os-release\n', sid), {
    id: 'Debian',
    description: 'Debian GNU/Linux forky/sid',
    release: 'n/a',
    codename: 'forky',
    major_release: 'n/a',
  });
});

for (const [signs, type, role] of [
  ['container=docker\n/.dockerenv=1\n', 'container', 'guest'],
  ['cgroup=12:x:/docker/abc \n', 'docker', 'guest'],
  ['container=systemd-nspawn\nsystemd=systemd-nspawn\n', 'container', 'guest'],
  ['systemd=systemd-nspawn\n/.dockerenv=1\n', 'systemd-nspawn', 'guest'],
  ['/proc/vz=1\n/proc/bc=1\n', 'openvz', 'host'],
  ['product_name=CloudStack KVM Hypervisor\n', 'kvm', 'guest'],
  ['product_name=BHYVE\n', 'bhyve', 'guest'],
  ['bios_vendor=Linode\n', 'kvm', 'guest'],
  ['virtio=1\n', 'kvm', 'guest'],
  ['sys_vendor=QEMU\n', 'kvm', 'guest'],
  ['product_name=VMware Virtual Platform\n', 'VMware', 'guest'],
  ['bios_vendor=innotek GmbH\n', 'virtualbox', 'guest'],
  ['sys_vendor=Dell Inc.\nkvm=1\n', 'kvm', 'host'],
  ['sys_vendor=Dell Inc.\n', 'NA', 'NA'],
] as const) {
  test(`virtual: ${signs.trim().replaceAll('\n', ', ')}`, (t) => {
    const facts = virtual.parse(signs, {});
    t.deepEqual([facts.virtualization_type, facts.virtualization_role], [type, role]);
  });
}

test('cmdline keeps the last value, proc_cmdline all', (t) => {
  const facts = commandLine.parse('root=/dev/sda quiet console=tty0 console=ttyS0 x="a b"\n', {});
  t.deepEqual(
    { ...(facts.cmdline as Mapping) },
    {
      root: '/dev/sda',
      quiet: true,
      console: 'ttyS0',
      x: '"a',
      'b"': true,
    },
  );
  t.deepEqual((facts.proc_cmdline as Mapping).console, ['tty0', 'ttyS0']);
});

test('cmdline: quotes hold a word together that begins with one, and nothing is said of one that is left open', (t) => {
  t.deepEqual(Object.keys(commandLine.parse('"a b" c\n', {}).cmdline as Mapping), ['"a b"', 'c']);
  t.deepEqual(plain(commandLine.parse('a "b c\n', {}).cmdline), {});
  t.deepEqual(commandLine.parse('\n', {}), {});
});

test('the package manager is of the family, not only what is installed', (t) => {
  const manager = (family: string, ...found: readonly string[]): unknown =>
    packageManager.parse(found.map((path) => `${path}\n`).join(''), { os_family: family }).pkg_mgr;
  t.is(manager('Debian', '/usr/bin/dnf', '/usr/bin/apt-get'), 'apt');
  t.is(manager('RedHat', '/usr/bin/dnf', '/usr/bin/yum', '/usr/bin/apt-get'), 'dnf');
  t.is(manager('RedHat', '/usr/bin/dnf', '/usr/bin/dnf5', 'dnf5'), 'dnf5');
  // dnf5 beside a dnf that leads elsewhere is not the default.
  t.is(manager('RedHat', '/usr/bin/dnf', '/usr/bin/dnf5', '/usr/bin/dnf-3'), 'dnf');
  t.is(manager('RedHat', '/usr/bin/microdnf', 'dnf5'), 'dnf5');
  t.is(manager('RedHat', '/run/ostree-booted', '/usr/bin/dnf'), 'atomic_container');
  t.is(manager('RedHat', '/usr/bin/yum'), 'yum');
  t.is(manager('Suse', '/usr/bin/zypper'), 'zypper');
  t.is(manager('Altlinux', '/usr/bin/apt-get'), 'apt_rpm');
  t.is(manager('Alpine', '/sbin/apk'), 'apk');
  t.is(manager('Void'), 'unknown');
});

for (const [printed, link, name] of [
  ['systemd\nsystemctl\nsystemd\ninit.d\n', '/lib/systemd/systemd', 'systemd'],
  ['init\nopenrc\ninit.d\n', '', 'openrc'],
  ['init\ninit.d\n', '/bin/busybox', 'sysvinit'],
  ['sh\nsystemctl\ninit.d\n', '/lib/systemd/systemd', 'systemd'],
  ['sh\ninit.d\n', '/lib/systemd/systemd', 'sysvinit'],
  ['sleep\nsystemctl\nsystemd\n', '', 'sleep'],
  ['\n', '/usr/bin/runit-init', 'runit'],
  ['init\nupstart\ninit.d\n', '', 'upstart'],
  ['bash\n', '', 'service'],
] as const) {
  test(`service_mgr: ${JSON.stringify(printed)} ${link}`, (t) => {
    const listing = link === '' ? '' : `lrwxrwxrwx 1 root root 20 Nov 29 16:34 /sbin/init -> ${link}\n`;
    t.is(serviceManager.parse(printed, {}, beside(listing)).service_mgr, name);
  });
}

test('a variable of several lines in the environment', (t) => {
  const { env } = environment.parse('A=1\0B=first\nsecond line\0C=x=y\0\n', {});
  t.deepEqual({ ...(env as Mapping) }, { A: '1', B: 'first\nsecond line', C: 'x=y' });
});

test('filter with and without the prefix', (t) => {
  const facts = { ansible_eth0: 1, ansible_eth1: 2, ansible_hostname: 'a', module_setup: true };
  t.deepEqual(Object.keys(filterFacts(facts, ['ansible_eth*'])), ['ansible_eth0', 'ansible_eth1']);
  t.deepEqual(Object.keys(filterFacts(facts, ['hostname', 'module*'])), ['ansible_hostname', 'module_setup']);
  t.deepEqual(Object.keys(filterFacts(facts, ['ansible_*'])), ['ansible_eth0', 'ansible_eth1', 'ansible_hostname']);
  t.deepEqual(filterFacts(facts, []), facts);
});

/** Without what mappings have beside their entries. */
function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}

for (const shell of shells) {
  test(`setup on this machine with ${shell.join(' ')}`, async (t) => {
    const folder = temporaryFolder();
    const facts = path.join(folder, 'facts d');
    mkdirSync(facts);
    writeFileSync(path.join(facts, 'a.fact'), '{"x": [1]}');
    writeFileSync(path.join(facts, 'b.fact'), '[General]\nKey = value\n');
    const script = (name: string, text: string): void => {
      writeFileSync(path.join(facts, name), `#!/bin/sh\n${text}\n`);
      chmodSync(path.join(facts, name), 0o755);
    };
    script('c.fact', "echo 'a warning' >&2; echo '{\"made\": true}'");
    script('d.fact', 'echo broken >&2; exit 3');
    writeFileSync(path.join(facts, 'e.fact'), 'neither JSON nor INI');
    writeFileSync(path.join(facts, 'f.fact'), '[a]\nlong = one\n  two\nb: %(long)s\n[DEFAULT]\nx=%%\n');
    writeFileSync(path.join(facts, 'g.fact'), '[a]\nx = 1\nX = 2\n');
    writeFileSync(path.join(facts, 'h.fact'), '[a]\nx = 5%\n');
    const result = await runModule(
      setup,
      { fact_path: facts },
      { shell, environment: { KPLAY_LINES: 'one\ntwo', LC_ALL: 'C.UTF-8', LANGUAGE: 'de' } },
    );
    t.false(result.failed);
    t.is(result.scripts.length, 1);
    const found = result.fields.ansible_facts as Mapping;
    t.is(found.ansible_nodename, os.hostname());
    t.is(found.ansible_kernel, os.release());
    t.is(found.ansible_system, 'Linux');
    t.is(found.ansible_memtotal_mb, Math.floor(os.totalmem() / 1024 / 1024));
    t.is(found.ansible_user_uid, process.getuid!());
    t.is(found.ansible_processor_nproc, os.availableParallelism());
    t.truthy((found.ansible_date_time as Mapping).iso8601);
    t.true((found.ansible_interfaces as string[]).includes('lo'));
    // The environment of tasks, not that of the probe.
    const { KPLAY_LINES, LC_ALL, LANGUAGE, PATH } = found.ansible_env as Mapping;
    t.deepEqual([KPLAY_LINES, LC_ALL, LANGUAGE, PATH], ['one\ntwo', 'C.UTF-8', 'de', process.env.PATH!]);
    const bad = (name: string): string => `error loading facts as JSON or ini - please check content: ${facts}/${name}`;
    const failure = `Failure executing fact script (${facts}/d.fact), rc: 3, err: broken`;
    t.deepEqual(plain(found.ansible_local), {
      a: { x: [1] },
      b: { General: { key: 'value' } },
      c: { made: true },
      d: failure,
      e: bad('e.fact'),
      f: { a: { long: 'one\ntwo', b: 'one\ntwo', x: '%' } },
      g: bad('g.fact'),
      h: bad('h.fact'),
    });
    t.deepEqual(plain(result.fields.warnings), [failure, ...['e.fact', 'g.fact', 'h.fact'].map(bad)]);
  });
}
