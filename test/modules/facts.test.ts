import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test from 'ava';
import setup from '../../modules/setup.ts';
import { devices, humanSize } from '../../modules/shared/facts/devices.ts';
import { collectors, filterFacts, selectCollectors } from '../../modules/shared/facts/gather.ts';
import { memory, mounts, processors } from '../../modules/shared/facts/hardware.ts';
import { network } from '../../modules/shared/facts/network.ts';
import { commandLine, packageManager, serviceManager } from '../../modules/shared/facts/system.ts';
import { environment } from '../../modules/shared/facts/user.ts';
import { virtual } from '../../modules/shared/facts/virtual.ts';
import type { Mapping } from '../../runner/value.ts';
import { runModule, shells, temporaryFolder } from './harness.ts';

const links = `@link eth0
address=02:fc:00:00:00:01
mtu=1400
operstate=up
type=1
flags=0x1103
speed=-1
pciid=virtio2
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
@addresses
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
@route4
8.8.8.8 via 192.0.2.1 dev eth0 src 192.0.2.2 uid 0
    cache
@route6
2404:6800:400a:800::1012 from :: via fd00::1 dev eth0 proto static src fd00::2 metric 1024 pref medium
`;

test('network: links, addresses and default routes', (t) => {
  const facts = network.parse(links, {});
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
  t.is(((facts.eth0_1 as Mapping).ipv4 as Mapping).network, '198.51.100.4');
  const { type, interfaces, stp, active } = facts.cni0 as Mapping;
  t.deepEqual([type, interfaces, stp, active], ['bridge', ['veth1', 'veth2'], false, false]);
  const { mode, slaves, primary } = facts.bond0 as Mapping;
  t.deepEqual([mode, slaves, primary], ['active-backup', ['eth1', 'eth2'], 'eth1']);
});

test('network: without a default route there is no default address', (t) => {
  const facts = network.parse(
    '@link lo\nmtu=65536\n@addresses\n@route4\nRTNETLINK answers: Network is unreachable\n@route6\n',
    {},
  );
  t.deepEqual(facts.default_ipv4, {});
  t.deepEqual(facts.default_ipv6, {});
});

test('processors: two sockets with two cores and threads', (t) => {
  const cpu = (number: number, socket: number, core: number): string =>
    `processor\t: ${number}\nvendor_id\t: GenuineIntel\nmodel name\t: Xeon\nphysical id\t: ${socket}\nsiblings\t: 4\ncore id\t: ${core}\ncpu cores\t: 2\n`;
  const cpus = [0, 1, 2, 3, 4, 5, 6, 7].map((number) => cpu(number, number >> 2, number & 1)).join('\n');
  const facts = processors.parse(`6\n${cpus}`, { architecture: 'x86_64' });
  const { processor_count, processor_cores, processor_threads_per_core, processor_vcpus, processor_nproc } = facts;
  t.deepEqual(
    [processor_count, processor_cores, processor_threads_per_core, processor_vcpus, processor_nproc],
    [2, 2, 2, 8, 6],
  );
  t.deepEqual((facts.processor as string[]).slice(0, 3), ['0', 'GenuineIntel', 'Xeon']);
});

test('processors: an ARM machine that tells no sockets', (t) => {
  const facts = processors.parse('4\nprocessor\t: 0\nprocessor\t: 1\nprocessor\t: 2\nprocessor\t: 3\n', {
    architecture: 'aarch64',
  });
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

test('mounts: sizes, ids, and blanks in paths', (t) => {
  const facts = mounts.parse(
    '@uuid vda1 11-22\n/dev/vda1\t/mnt/a\\040b\text4\trw,relatime\n@size 4096 100 40 10 4 /mnt/a\\040b\nserver:/x\t/x\tnfs4\trw\n@size  /x\n',
    {},
  );
  const [disk, share] = facts.mounts as Mapping[];
  t.is(disk!.mount, '/mnt/a b');
  t.deepEqual([disk!.uuid, disk!.size_total, disk!.size_available, disk!.inode_used], ['11-22', 409600, 163840, 6]);
  t.deepEqual([share!.fstype, share!.size_total], ['nfs4', undefined]);
});

test('devices: partitions and sizes', (t) => {
  const facts = devices.parse(
    '@link vda ../devices/pci0000:00/virtio1/block/vda\n@disk vda\nsize=2048\nremovable=0\nqueue/scheduler=none [mq-deadline]\npartition=vda1 34 1024\n@uuid vda1 aa-bb\n',
    {},
  );
  const disk = (facts.devices as Mapping).vda as Mapping;
  t.deepEqual([disk.size, disk.scheduler_mode], ['1.00 MB', 'mq-deadline']);
  t.is(((disk.partitions as Mapping).vda1 as Mapping).uuid, 'aa-bb');
  t.is(humanSize(256 * 1024 ** 3), '256.00 GB');
});

for (const [signs, type, role] of [
  ['container=docker\n/.dockerenv=1\n', 'container', 'guest'],
  ['cgroup=12:x:/docker/abc \n', 'docker', 'guest'],
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
  t.deepEqual({ ...(facts.cmdline as Mapping) }, { root: '/dev/sda', quiet: true, console: 'ttyS0', x: 'a b' });
  t.deepEqual((facts.proc_cmdline as Mapping).console, ['tty0', 'ttyS0']);
});

test('the package manager is of the family, not only what is installed', (t) => {
  t.is(packageManager.parse('apt-get\ndnf\n', { os_family: 'Debian' }).pkg_mgr, 'apt');
  t.is(packageManager.parse('apt-get\ndnf\n', { os_family: 'RedHat' }).pkg_mgr, 'dnf');
  t.is(packageManager.parse('yum\n', { os_family: 'RedHat' }).pkg_mgr, 'yum');
});

test('the service manager', (t) => {
  t.is(serviceManager.parse('systemd\nsystemd\ninit.d\n', {}).service_mgr, 'systemd');
  t.is(serviceManager.parse('init\nopenrc\n', {}).service_mgr, 'openrc');
  t.is(serviceManager.parse('init\nbusybox\ninit.d\n', {}).service_mgr, 'sysvinit');
});

test('a variable of several lines in the environment', (t) => {
  const { env } = environment.parse('A=1\nB=first\nsecond line\nC=x=y\n', {});
  t.deepEqual({ ...(env as Mapping) }, { A: '1', B: 'first\nsecond line', C: 'x=y' });
});

const all = collectors('/etc/ansible/facts.d');
const selected = (...subsets: string[]): string[] =>
  selectCollectors(subsets, all).map(({ subset, name }) => `${subset}/${name}`);

test('gather_subset by Ansible rules', (t) => {
  t.is(selected('all').length, all.length);
  t.true(selected('!all').every((name) => name.startsWith('min/')));
  t.deepEqual(selected('!all', '!min', 'network'), ['network/network']);
  t.true(selected('network').includes('min/platform'));
  t.false(selected('network').includes('hardware/memory'));
  t.false(selected('!hardware').some((name) => name.startsWith('hardware/')));
  t.true(selected('!hardware').includes('network/network'));
  t.deepEqual(selected('!all', '!min', 'distribution'), ['min/distribution']);
  t.throws(() => selected('nonsense'), { message: /^Bad subset 'nonsense'/ });
});

test('filter with and without the prefix', (t) => {
  const facts = { eth0: 1, eth1: 2, hostname: 'a' };
  t.deepEqual(Object.keys(filterFacts(facts, ['ansible_eth*'])), ['eth0', 'eth1']);
  t.deepEqual(Object.keys(filterFacts(facts, ['hostname'])), ['hostname']);
  t.deepEqual(Object.keys(filterFacts(facts, [])), ['eth0', 'eth1', 'hostname']);
});

for (const shell of shells) {
  test(`setup on this machine with ${shell.join(' ')}`, async (t) => {
    const folder = temporaryFolder();
    const facts = path.join(folder, 'facts d');
    mkdirSync(facts);
    writeFileSync(path.join(facts, 'a.fact'), '{"x": [1]}');
    writeFileSync(path.join(facts, 'b.fact'), '[General]\nKey = value\n');
    writeFileSync(path.join(facts, 'c.fact'), '#!/bin/sh\necho \'{"made": true}\'\n');
    chmodSync(path.join(facts, 'c.fact'), 0o755);
    writeFileSync(path.join(facts, 'd.fact'), '#!/bin/sh\nexit 3\n');
    chmodSync(path.join(facts, 'd.fact'), 0o755);
    const result = await runModule(setup, { fact_path: facts }, { shell });
    t.false(result.failed);
    t.is(result.scripts.length, 1);
    const found = result.fields.ansible_facts as Mapping;
    t.is(found.ansible_nodename, os.hostname());
    t.is(found.ansible_kernel, os.release());
    t.is(found.ansible_system, 'Linux');
    t.is(found.ansible_memtotal_mb, Math.floor(os.totalmem() / 1024 / 1024));
    t.is(found.ansible_user_uid, process.getuid!());
    t.truthy((found.ansible_date_time as Mapping).iso8601);
    t.true((found.ansible_interfaces as string[]).includes('lo'));
    t.deepEqual(JSON.parse(JSON.stringify(found.ansible_local)), {
      a: { x: [1] },
      b: { General: { key: 'value' } },
      c: { made: true },
      d: 'error loading fact - please check content',
    });
  });
}
